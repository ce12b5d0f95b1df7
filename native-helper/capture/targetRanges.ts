/** The target's registered ranges, looked up by address and refreshed when they have changed. */
import { procRoot } from '../inspect/procFile.ts';
import { readRanges } from '../inspect/ranges.ts';
import type { MemoryKind, RangeDto } from '../protocol/ranges.ts';

export interface TargetRange {
  readonly start: number;
  readonly end: number;
  readonly pageBytes: number;
  readonly memory: MemoryKind;
  readonly isShared: boolean;
  /** Registration modes in words. */
  readonly modes: readonly string[];
}

/** Do not read smaps, which walks page tables, more often than this for addresses that are not in it. */
const fruitlessIntervalMs = 100;

export class TargetRanges {
  private readonly pid: number;
  /** In ascending order, as smaps has them. */
  private ranges: TargetRange[] = [];
  /** Found last: faults come in crowds. */
  private latest: TargetRange | undefined;
  private fruitlessMs = -Infinity;

  constructor(pid: number) {
    this.pid = pid;
  }

  /**
   * Whether the process has had registered memory of its own. If not, the ctx is of another
   * process's memory, whose ranges cannot be seen from here.
   */
  isKnown = false;

  /** Counts the refreshes that found other ranges than before. */
  revision = 0;

  /** Reads smaps anew. */
  refresh(): void {
    const result = readRanges(procRoot, this.pid);
    const ranges = 'ranges' in result ? result.ranges.map(targetRange) : [];
    if (JSON.stringify(ranges) !== JSON.stringify(this.ranges)) {
      this.revision++;
    }
    this.ranges = ranges;
    this.latest = undefined;
    this.isKnown ||= this.ranges.length > 0;
  }

  /** The range that contains `address`, as of the last refresh. */
  containing(address: number): TargetRange | undefined {
    const { latest } = this;
    if (latest !== undefined && address >= latest.start && address < latest.end) {
      return latest;
    }
    const range = this.ranges[this.firstEndingAfter(address)];
    if (range === undefined || address < range.start) {
      return undefined;
    }
    this.latest = range;
    return range;
  }

  /** As `containing`, refreshing when the address is new; for the reader's own use. */
  containingNow(address: number): TargetRange | undefined {
    const range = this.containing(address);
    if (range !== undefined || performance.now() - this.fruitlessMs < fruitlessIntervalMs) {
      return range;
    }
    this.refresh();
    const found = this.containing(address);
    if (found === undefined) {
      this.fruitlessMs = performance.now();
    }
    return found;
  }

  /** Whether any registered range shares a byte with [start, end). */
  overlaps(start: number, end: number): boolean {
    return this.overlapping(start, end).length > 0;
  }

  /** The registered ranges that share a byte with [start, end). */
  overlapping(start: number, end: number): readonly TargetRange[] {
    const first = this.firstEndingAfter(start);
    let after = first;
    while (after < this.ranges.length && this.ranges[after]!.start < end) {
      after++;
    }
    return this.ranges.slice(first, after);
  }

  /** Index of the first range whose end is above `address`; their number when there is none. */
  private firstEndingAfter(address: number): number {
    let low = 0;
    let high = this.ranges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.ranges[middle]!.end > address) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }
}

function targetRange(range: RangeDto): TargetRange {
  const { lengthBytes, pageBytes, memory, isShared, modes } = range;
  const start = Number(range.start);
  return { start, end: start + lengthBytes, pageBytes, memory, isShared, modes };
}
