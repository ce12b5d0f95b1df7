/**
 * The faults of a session that pass a filter: a bit per fault, with their latencies and addresses
 * counted. Made in slices, and kept up to date with little work: only faults that are new or were
 * still open are looked at, for the others cannot have changed.
 */
import { AddressAxis } from './addressAxis.ts';
import { AddressHeat } from './addressHeat.ts';
import { type FaultFilter, faultTests, type FaultTest } from './faultFilter.ts';
import { endOpen, type FaultTable } from './faultTable.ts';
import { type LaneSet } from './laneSet.ts';
import { LatencyCounts } from './latencyCounts.ts';
import { LatencyLevels } from './latencyLevels.ts';
import { type LedgerSource } from './ledgerColumns.ts';
import { mostTracks } from './faultLane.ts';
import { type ShownFaults } from './trackCells.ts';

/** Faults looked at between two yields. */
const sliceLength = 4096;

export class FilteredFaults implements ShownFaults {
  readonly filter: FaultFilter;
  readonly latencies = new LatencyCounts();
  readonly heat: AddressHeat;
  /** How many pass. */
  count = 0;
  /** How many have been looked at: those before this index. */
  seenCount = 0;
  private readonly faults: FaultTable;
  /** The lanes whose levels are kept; null when nobody asks for them. */
  private readonly lanes: LaneSet | null;
  private readonly levelsOfTrack: (LatencyLevels | undefined)[] = [];
  private bits = new Uint32Array(32);
  /** Faults that were open when they were looked at, and the pages they were counted at. */
  private open = new Map<number, number>();
  private readonly mask = new Uint8Array(sliceLength);

  constructor(
    filter: FaultFilter,
    { faults, ranges }: LedgerSource,
    startNs: number,
    lanes: LaneSet | null = null,
  ) {
    this.filter = filter;
    this.faults = faults;
    this.lanes = lanes;
    this.heat = new AddressHeat(new AddressAxis(ranges.ranges), startNs);
  }

  /** Whether fault `i` passes; one that was not looked at yet does not. */
  has(i: number): boolean {
    return ((this.bits[i >>> 5] ?? 0) & (1 << (i & 31))) !== 0;
  }

  /** Of the faults of a track that pass and are over. */
  levels(lane: number, track: number): LatencyLevels {
    return (this.levelsOfTrack[lane * mostTracks + track] ??= new LatencyLevels());
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
        this.count--;
        this.heat.count(page, this.faults.raisedNs(i), -1);
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

  /** What may come of an open fault decides whether it passes: it is looked at again. */
  private watchWhileOpen(i: number): void {
    if (this.faults.end(i) === endOpen) {
      this.open.set(i, this.faults.page(i));
    }
  }

  /** Takes up a fault that passes. */
  private put(i: number): void {
    const { faults } = this;
    const raisedNs = faults.raisedNs(i);
    this.bits[i >>> 5]! |= 1 << (i & 31);
    this.count++;
    this.heat.count(faults.page(i), raisedNs, 1);
    if (faults.end(i) !== endOpen) {
      const endNs = faults.endNs(i);
      this.latencies.add(i, raisedNs, endNs - raisedNs);
      const { lanes } = this;
      if (lanes !== null) {
        this.levels(lanes.lane(i), lanes.track(i)).add(i, faults.mainPhase(i), raisedNs, endNs);
      }
    }
  }
}

/** Clears the marks of faults from `from` on that do not pass. */
function narrow(mask: Uint8Array, length: number, from: number, test: FaultTest): void {
  for (let n = 0; n < length; n++) {
    if (mask[n] === 1 && !test(from + n)) {
      mask[n] = 0;
    }
  }
}
