/**
 * Which process a fork event was about. The event carries the child's uffd and no pid, and the
 * child does not exist before the event has been read: its pid is found among the children
 * that appear after that. Where two are in question the answer is none, never a guess.
 */
import { setTimeout } from 'node:timers/promises';
import { procNumbers, procText } from '../inspect/procFile.ts';
import { readRanges } from '../inspect/ranges.ts';
import { hasSameMemory } from '../syscalls/kcmp.ts';
import { isEnding } from '../inspect/processes.ts';

const lookIntervalMs = 2;
/** Looks, not time: on a busy machine both we and the child come late. */
const maxLooks = 100;

interface Search {
  /** Whether the child's memory still exists. */
  readonly isAlive: () => boolean;
  readonly found: (pid: number) => void;
  looks: number;
}

export class ForkedChildren {
  private readonly procRoot: string;
  private readonly pid: number;
  /** Children that no fork event still to come can be about. */
  private readonly known: Set<number>;
  /** Whether new children have registered memory of their own: looked up once, for reading smaps walks page tables. */
  private readonly verdicts = new Map<number, boolean>();
  /** Forks whose child has not been found, in the order of their events. */
  private searches: Search[] = [];
  private isLooking = false;

  /** @param pid the process that forks; 0 when it is not known, then no child is found */
  constructor(procRoot: string, pid: number) {
    this.procRoot = procRoot;
    this.pid = pid;
    this.known = new Set(this.children().flat());
  }

  /**
   * Finds the child of the next fork event; call in the order in which the events were read.
   * @param isAlive whether the memory behind the child's uffd still exists
   * @returns its pid, 0 when it cannot be told
   */
  find(isAlive: () => boolean): Promise<number> {
    return new Promise((resolve, reject) => {
      this.searches.push({ isAlive, found: resolve, looks: 0 });
      if (!this.isLooking) {
        this.lookForAll().catch(reject);
      }
    });
  }

  private async lookForAll(): Promise<void> {
    this.isLooking = true;
    let earlier: { search: Search | undefined; pid: number | undefined } | undefined;
    while (this.searches.length > 0) {
      await setTimeout(lookIntervalMs);
      const pid = this.nextChild();
      // In this order: a child that ended before it could be listed has lost its memory by now.
      this.settle(({ isAlive }) => !isAlive());
      const [search] = this.searches;
      // Seen twice: a list can lack children while others end, and an event may have been read
      // of which we have not heard yet.
      if (search !== undefined && pid !== undefined && earlier?.search === search && earlier.pid === pid) {
        this.known.add(pid);
        search.found(pid);
        this.searches.shift();
      }
      earlier = { search, pid };
      if (this.searches.some((waiting) => ++waiting.looks > maxLooks)) {
        // Whose is whose cannot be told of any of them, and the next fork is about none.
        this.settle(() => true);
        this.children()
          .flat()
          .forEach((child) => this.known.add(child));
      }
    }
    this.isLooking = false;
    this.verdicts.clear();
  }

  /** Ends these searches without a result. */
  private settle(isOver: (search: Search) => boolean): void {
    const over = this.searches.filter(isOver);
    this.searches = this.searches.filter((search) => !over.includes(search));
    over.forEach(({ found }) => found(0));
  }

  /**
   * The child of the oldest fork that is searched for. Forks of one thread have one order, but
   * those of several threads at once have none that can be seen: then all children must have
   * come, and all from one thread.
   */
  private nextChild(): number | undefined {
    const children = this.children();
    const candidates = children
      .map((pids) => pids.filter((pid) => !this.known.has(pid) && this.canBeForked(pid)))
      .filter((pids) => pids.length > 0);
    const [pids, ...others] = candidates;
    const isCertain = children.length === 1 || (others.length === 0 && pids?.length === this.searches.length);
    return isCertain ? pids?.[0] : undefined;
  }

  /** Whether a child lives and has registered memory of its own. */
  private canBeForked(pid: number): boolean {
    let verdict = this.verdicts.get(pid);
    if (verdict === undefined) {
      const result = readRanges(this.procRoot, pid);
      // A child of vfork(2) shares its parent's memory and causes no event.
      verdict = 'ranges' in result && result.ranges.length > 0 && !hasSameMemory(this.pid, pid);
      this.verdicts.set(pid, verdict);
    }
    return verdict && !isEnding(this.procRoot, pid);
  }

  /** All children, by the thread that made them. */
  private children(): number[][] {
    const task = `${this.procRoot}/${this.pid}/task`;
    return procNumbers(task).map((tid) =>
      (procText(`${task}/${tid}/children`) ?? '').split(' ').filter(Boolean).map(Number),
    );
  }
}
