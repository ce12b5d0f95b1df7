/**
 * The faults of a session that match a filter: a bit per fault. Made in slices, and kept up to date
 * with little work: only faults that are new or were still open are looked at, for the others cannot
 * have changed.
 */
import { type FaultFilter, faultTests, type FaultTest } from './faultFilter.ts';
import { endOpen, type FaultTable } from './faultTable.ts';
import { type LedgerSource } from './ledgerColumns.ts';

/** Faults looked at between two yields. */
const sliceLength = 4096;

export class MatchedFaults {
  readonly filter: FaultFilter;
  /** How many have been looked at: those before this index. */
  seenCount = 0;
  protected readonly faults: FaultTable;
  private bits = new Uint32Array(32);
  /** Faults that were open when they were looked at, and the pages they were at. */
  private open = new Map<number, number>();
  private readonly mask = new Uint8Array(sliceLength);

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
    const tests = faultTests(this.filter, source);
    this.takeUpOpen(tests);
    const { count } = this.faults;
    const sleepers = [...this.faults.open].filter((i) => i >= this.seenCount && i < count);
    sleepers.sort((a, b) => a - b);
    let next = 0;
    while (this.seenCount < count) {
      // What is no longer kept cannot be looked at.
      this.seenCount = Math.max(this.seenCount, this.faults.first);
      this.takeUp(Math.min(count, this.seenCount + sliceLength), tests);
      for (; next < sleepers.length && sleepers[next]! < this.seenCount; next++) {
        this.watchWhileOpen(sleepers[next]!);
      }
      yield;
    }
    return undefined;
  }

  private takeUpOpen(tests: readonly FaultTest[]): void {
    const open = this.open;
    this.open = new Map();
    for (const [i, page] of open) {
      if (this.has(i)) {
        this.bits[i >>> 5]! ^= 1 << (i & 31);
        this.onLeave?.(i, page);
      }
      if (tests.every((test) => test(i))) {
        this.put(i);
      }
      this.watchWhileOpen(i);
    }
  }

  private takeUp(until: number, tests: readonly FaultTest[]): void {
    const { mask, seenCount: from } = this;
    if (until > 32 * this.bits.length) {
      const bits = new Uint32Array(Math.max(2 * this.bits.length, Math.ceil(until / 32)));
      bits.set(this.bits);
      this.bits = bits;
    }
    const length = until - from;
    mask.fill(1, 0, length);
    for (const test of tests) {
      narrow(mask, length, from, test);
    }
    for (let n = 0; n < length; n++) {
      if (mask[n] === 1) {
        this.put(from + n);
      }
    }
    this.seenCount = until;
  }

  /** What may come of an open fault decides whether it matches: it is looked at again. */
  private watchWhileOpen(i: number): void {
    if (this.faults.end(i) === endOpen) {
      this.open.set(i, this.faults.page(i));
    }
  }

  private put(i: number): void {
    this.bits[i >>> 5]! |= 1 << (i & 31);
    this.onMatch?.(i);
  }

  /** Fault `i` matches from now on. */
  protected onMatch?(i: number): void;

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

/** Clears the marks of faults from `from` on that do not match. */
function narrow(mask: Uint8Array, length: number, from: number, test: FaultTest): void {
  for (let n = 0; n < length; n++) {
    if (mask[n] === 1 && !test(from + n)) {
      mask[n] = 0;
    }
  }
}
