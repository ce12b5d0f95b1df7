/**
 * The faults of a session that match a filter: a bit per fault. Made in slices, and kept up to date
 * with little work: only faults that are new or were still open are looked at, for the others cannot
 * have changed.
 */
import { ChunkPart, forEachPartOf, partFaults } from './chunkPart.ts';
import { type FaultFilter, type FaultTest, faultTest } from './faultFilter.ts';
import { endOpen, type FaultTable } from './faultTable.ts';
import { type LedgerSource } from './ledgerColumns.ts';

export class MatchedFaults {
  readonly filter: FaultFilter;
  /** How many have been looked at: those before this index. */
  seenCount = 0;
  /** How many match. */
  count = 0;
  protected readonly faults: FaultTable;
  private bits = new Uint32Array(32);
  /** Faults that were open when they were looked at, and the pages they were at. */
  private open = new Map<number, number>();
  private readonly places = new Uint16Array(partFaults);

  constructor(filter: FaultFilter, faults: FaultTable) {
    this.filter = filter;
    this.faults = faults;
  }

  /** Whether fault `i` matches; one that was not looked at yet does not. */
  has(i: number): boolean {
    return ((this.bits[i >>> 5] ?? 0) & (1 << (i & 31))) !== 0;
  }

  /** Faults that were open when they were looked at: they may come to match, or cease to. */
  get unsettled(): Iterable<number> {
    return this.open.keys();
  }

  /** Whether it is certain whether fault `i` matches. */
  isSettled(i: number): boolean {
    return i < this.seenCount && !this.open.has(i);
  }

  /** How many of the faults from `from` on and before `until` match. */
  countBetween(from: number, until: number): number {
    let count = 0;
    for (let word = from >>> 5; word << 5 < until; word++) {
      count += ones(this.word(word, from, until));
    }
    return count;
  }

  /** The first match from `from` on and before `until`, -1 for none. */
  firstBetween(from: number, until: number): number {
    for (let word = from >>> 5; word << 5 < until; word++) {
      const bits = this.word(word, from, until);
      if (bits !== 0) {
        return (word << 5) + 31 - Math.clz32(bits & -bits);
      }
    }
    return -1;
  }

  /** The last match from `from` on and before `until`, -1 for none. */
  lastBetween(from: number, until: number): number {
    for (let word = (until - 1) >> 5; word >= from >>> 5; word--) {
      const bits = this.word(word, from, until);
      if (bits !== 0) {
        return (word << 5) + 31 - Math.clz32(bits);
      }
    }
    return -1;
  }

  /** Looks at what is new or was open. A generator: between its yields the page may do something else. */
  *refresh(source: LedgerSource): Generator<undefined, undefined, undefined> {
    const test = faultTest(this.filter, source);
    this.takeUpOpen(test);
    const { count } = this.faults;
    const sleepers = [...this.faults.open].filter((i) => i >= this.seenCount && i < count);
    sleepers.sort((a, b) => a - b);
    let next = 0;
    this.growTo(count);
    while (this.seenCount < count) {
      // What is no longer kept cannot be looked at.
      this.seenCount = Math.max(this.seenCount, this.faults.first);
      const part = new ChunkPart(this.faults, this.seenCount, count, this.places);
      this.seenCount += part.count;
      test(part);
      this.put(part);
      for (; next < sleepers.length && sleepers[next]! < this.seenCount; next++) {
        this.watchWhileOpen(sleepers[next]!);
      }
      yield;
    }
    return undefined;
  }

  private takeUpOpen(test: FaultTest): void {
    const open = this.open;
    this.open = new Map();
    for (const [i, page] of open) {
      if (this.has(i)) {
        this.bits[i >>> 5]! ^= 1 << (i & 31);
        this.count--;
        this.onLeave?.(i, page);
      }
    }
    forEachPartOf(this.faults, [...open.keys()], this.places, (part) => {
      test(part);
      this.put(part);
    });
    for (const i of open.keys()) {
      this.watchWhileOpen(i);
    }
  }

  private growTo(count: number): void {
    if (count > 32 * this.bits.length) {
      const bits = new Uint32Array(Math.max(2 * this.bits.length, Math.ceil(count / 32)));
      bits.set(this.bits);
      this.bits = bits;
    }
  }

  /** What may come of an open fault decides whether it matches: it is looked at again. */
  private watchWhileOpen(i: number): void {
    if (this.faults.end(i) === endOpen) {
      this.open.set(i, this.faults.page(i));
    }
  }

  private put(part: ChunkPart): void {
    const { bits } = this;
    const { places, firstIndex, count } = part;
    for (let n = 0; n < count; n++) {
      const i = firstIndex + places[n]!;
      bits[i >>> 5]! |= 1 << (i & 31);
    }
    this.count += count;
    this.onMatch?.(part);
  }

  /** The faults of this part match from now on. */
  protected onMatch?(part: ChunkPart): void;

  /** Fault `i`, which was at page `page` when it matched, is about to be looked at again. */
  protected onLeave?(i: number, page: number): void;

  /** The bits of a word, without those of faults before `from` or from `until` on. */
  private word(word: number, from: number, until: number): number {
    const start = word << 5;
    const low = from > start ? -1 << (from - start) : -1;
    const high = until < start + 32 ? ~(-1 << (until - start)) : -1;
    return (this.bits[word] ?? 0) & low & high;
  }
}

/** How many bits are set. */
function ones(bits: number): number {
  const pairs = bits - ((bits >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
