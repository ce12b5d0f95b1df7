/** Whose memory is registered with a uffd: a holder's, or that of a process that holds nothing. */
import type { RangeDto } from '../protocol/ranges.ts';
import { listPids } from './processes.ts';
import { procText } from './procFile.ts';
import { readRangesLater } from './ranges.ts';
import { RecentRanges } from './recentRanges.ts';

/** A search through all processes is not repeated sooner. */
const searchIntervalNs = 10_000_000_000n;

export interface OwnedMemory {
  readonly pid: number;
  readonly ranges: readonly RangeDto[];
}

export class MemoryOwners {
  private readonly procRoot: string;
  /** What the last search for a ctx found, by inode. */
  private readonly searched = new Map<number, { readonly timeNs: bigint; readonly pids: number[] }>();

  private readonly recent: RecentRanges;

  constructor(procRoot: string) {
    this.procRoot = procRoot;
    this.recent = new RecentRanges(procRoot);
  }

  /**
   * Processes with registered memory: those of the holders that have any, else those that hold no
   * uffd themselves. smaps does not say which ctx a range belongs to, so parents and children of the
   * holders are meant, or the only one there is; several strangers are none.
   * @param everyHolder of any ctx
   * @param isStuck whether a thread of a process has slept since the last look
   */
  async of(
    inode: number,
    holders: readonly number[],
    everyHolder: ReadonlySet<number>,
    timeNs: bigint,
    isStuck: (pid: number) => boolean,
  ): Promise<OwnedMemory[]> {
    const recent = (pid: number): Promise<readonly RangeDto[]> => this.recent.of(pid, isStuck(pid));
    const owners = await withRanges(holders, recent);
    if (owners.length > 0) {
      return owners;
    }
    let search = this.searched.get(inode);
    if (search === undefined || timeNs - search.timeNs > searchIntervalNs) {
      const strangers = listPids(this.procRoot).filter((pid) => !everyHolder.has(pid));
      const others = await withRanges(strangers, (pid) => readRangesLater(this.procRoot, pid));
      const related = others.filter(({ pid }) => holders.some((holder) => this.areRelated(pid, holder)));
      const meant = related.length > 0 || others.length > 1 ? related : others;
      search = { timeNs, pids: meant.map(({ pid }) => pid) };
      this.searched.set(inode, search);
      return meant;
    }
    return withRanges(search.pids, recent);
  }

  /** Forgets all but these ctxs and their processes. */
  keep(inodes: ReadonlySet<number>, pids: ReadonlySet<number>): void {
    this.recent.keep(pids);
    for (const inode of this.searched.keys()) {
      if (!inodes.has(inode)) {
        this.searched.delete(inode);
      }
    }
  }

  private areRelated(pid: number, otherPid: number): boolean {
    return this.parentOf(pid) === otherPid || this.parentOf(otherPid) === pid;
  }

  private parentOf(pid: number): number {
    return Number(/^PPid:\s+(\d+)/m.exec(procText(`${this.procRoot}/${pid}/status`) ?? '')?.[1]);
  }
}

/** Those of the processes that have registered ranges. */
async function withRanges(
  pids: readonly number[],
  read: (pid: number) => Promise<readonly RangeDto[]>,
): Promise<OwnedMemory[]> {
  const all = await Promise.all(pids.map(async (pid) => ({ pid, ranges: await read(pid) })));
  return all.filter(({ ranges }) => ranges.length > 0);
}
