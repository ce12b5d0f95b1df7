/**
 * Registered ranges of processes that are looked at again and again. The kernel finds them in a walk
 * over every page (smaps), which can take seconds, so those of a process that goes on are read
 * again only after a rest.
 */
import type { RangeDto } from '../protocol/ranges.ts';
import { readRangesLater } from './ranges.ts';

/** The rest, by what the reading took. */
const restPerRead = 300;
const longestRestMs = 10_000;

interface Read {
  readonly ranges: readonly RangeDto[];
  /** On the clock of performance.now(). */
  readonly untilMs: number;
}

export class RecentRanges {
  private readonly procRoot: string;
  private readonly read = new Map<number, Read>();

  constructor(procRoot: string) {
    this.procRoot = procRoot;
  }

  /** @param isStuck a thread of the process has slept since the last look: what is said of it must be true now */
  async of(pid: number, isStuck: boolean): Promise<readonly RangeDto[]> {
    const startMs = performance.now();
    const before = this.read.get(pid);
    if (before !== undefined && !isStuck && startMs < before.untilMs) {
      return before.ranges;
    }
    const ranges = await readRangesLater(this.procRoot, pid);
    const endMs = performance.now();
    const restMs = Math.min(longestRestMs, restPerRead * (endMs - startMs));
    this.read.set(pid, { ranges, untilMs: endMs + restMs });
    return ranges;
  }

  /** Forgets all but these processes. */
  keep(pids: ReadonlySet<number>): void {
    for (const pid of this.read.keys()) {
      if (!pids.has(pid)) {
        this.read.delete(pid);
      }
    }
  }
}
