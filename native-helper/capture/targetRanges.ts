/** The target's registered ranges, looked up by address and refreshed when they have changed. */
import { procRoot } from '../inspect/procFile.ts';
import { readRanges } from '../inspect/ranges.ts';
import type { RangeDto } from '../protocol.ts';

export interface TargetRange {
  readonly start: number;
  readonly end: number;
  readonly pageBytes: number;
}

/** Do not read smaps, which walks page tables, more often than this for unknown addresses. */
const minRefreshIntervalMs = 100;

export class TargetRanges {
  private readonly pid: number;
  private ranges: TargetRange[] = [];
  private refreshedMs = -Infinity;

  constructor(pid: number) {
    this.pid = pid;
  }

  /**
   * Whether the process has had registered memory of its own. If not, the ctx is of another
   * process's memory, whose ranges cannot be seen from here.
   */
  isKnown = false;

  /** Reads smaps anew. */
  refresh(): void {
    const result = readRanges(procRoot, this.pid);
    this.ranges = 'ranges' in result ? result.ranges.map(targetRange) : [];
    this.isKnown ||= this.ranges.length > 0;
    this.refreshedMs = performance.now();
  }

  /** The range that contains `address`, as of the last refresh. */
  containing(address: number): TargetRange | undefined {
    return this.ranges.find((range) => address >= range.start && address < range.end);
  }

  /** As `containing`, refreshing when the address is new; for the reader's own use. */
  containingNow(address: number): TargetRange | undefined {
    const range = this.containing(address);
    if (range !== undefined || performance.now() - this.refreshedMs < minRefreshIntervalMs) {
      return range;
    }
    this.refresh();
    return this.containing(address);
  }

  /** Whether any registered range shares a byte with [start, end). */
  overlaps(start: number, end: number): boolean {
    return this.ranges.some((range) => start < range.end && end > range.start);
  }
}

function targetRange(range: RangeDto): TargetRange {
  const start = Number(range.start);
  return { start, end: start + range.lengthBytes, pageBytes: range.pageBytes };
}
