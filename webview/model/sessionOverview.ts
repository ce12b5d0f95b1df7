/**
 * What is to be seen and found of a whole session: how many faults and the worst latency over all
 * its time, the slowest faults in their order, and the flagged ones. It follows the table from its
 * first fault on and takes up each when it is over. Its size does not grow with the session, but for
 * the flagged faults.
 */
import { type FaultObserver, type FaultTable } from './faultTable.ts';
import { faultFlags } from './faultFlags.ts';

export const overviewBins = 2048;
/** As many of the slowest are kept in their order. */
export const slowestKept = 1000;

export class SessionOverview implements FaultObserver {
  /** Faults raised in each bin, those flagged among them, and their longest latency. */
  readonly counts = new Uint32Array(overviewBins);
  readonly flaggedCounts = new Uint32Array(overviewBins);
  readonly worstNs = new Float64Array(overviewBins);
  /** How much time a bin holds; doubled whenever the session outgrows them. */
  binNs = 2 ** 16;
  /** Where the first bin begins. */
  readonly originNs: number;
  /** Indexes of flagged faults that are over, ascending. */
  readonly flagged: number[] = [];
  private readonly faults: FaultTable;
  private readonly slow: number[] = [];
  private isSorted = true;
  /** Faults not slower than that are not among the slowest kept. */
  private leastNs = -1;

  constructor(faults: FaultTable, originNs: number) {
    this.faults = faults;
    this.originNs = originNs;
  }

  ended(i: number): void {
    const latencyNs = this.latencyNs(i);
    const bin = this.binAt(this.faults.raisedNs(i));
    this.counts[bin]!++;
    this.worstNs[bin] = Math.max(this.worstNs[bin]!, latencyNs);
    if (faultFlags(this.faults, i, 0) !== 0) {
      this.flaggedCounts[bin]!++;
      insert(this.flagged, i);
    }
    this.rank(i, latencyNs);
  }

  /** Of faults that are no longer kept only the bins still tell. */
  dropped(): void {
    for (const indexes of [this.slow, this.flagged]) {
      const kept = indexes.filter((i) => this.faults.isKnown(i));
      indexes.length = 0;
      kept.forEach((i) => indexes.push(i));
    }
  }

  /** Indexes of the slowest faults that are over, the slowest first. */
  get slowest(): readonly number[] {
    if (!this.isSorted) {
      this.slow.sort((a, b) => this.latencyNs(b) - this.latencyNs(a) || a - b);
      this.isSorted = true;
    }
    return this.slow.slice(0, slowestKept);
  }

  /** The flagged fault after (1) or before (-1) fault `i`, those whose threads sleep among them; -1 for none. */
  neighbourFlagged(i: number, direction: 1 | -1, nowNs: number): number {
    const isBeyond = (j: number): boolean => (direction === 1 ? j > i : i === -1 || j < i);
    const ended = direction === 1 ? this.flagged.find(isBeyond) : this.flagged.findLast(isBeyond);
    const sleeping = [...this.faults.open].filter(
      (j) => isBeyond(j) && faultFlags(this.faults, j, nowNs) !== 0,
    );
    const all = ended === undefined ? sleeping : [...sleeping, ended];
    return all.length === 0 ? -1 : direction === 1 ? Math.min(...all) : Math.max(...all);
  }

  /** The fault that is one rank slower (-1) or less slow (1) than fault `i`; from another, the slowest. -1 for none. */
  neighbourSlowest(i: number, direction: 1 | -1): number {
    const rank = this.slowest.indexOf(i);
    return this.slowest[rank === -1 ? 0 : rank + direction] ?? -1;
  }

  private latencyNs(i: number): number {
    return this.faults.endNs(i) - this.faults.raisedNs(i);
  }

  private rank(i: number, latencyNs: number): void {
    if (latencyNs <= this.leastNs) {
      return;
    }
    this.slow.push(i);
    this.isSorted = false;
    if (this.slow.length === 2 * slowestKept) {
      // From here on most faults are refused by one comparison.
      this.leastNs = this.latencyNs(this.slowest[slowestKept - 1]!);
      this.slow.length = slowestKept;
    }
  }

  private binAt(timeNs: number): number {
    const sinceNs = Math.max(0, timeNs - this.originNs);
    while (sinceNs >= this.binNs * overviewBins) {
      this.fold();
    }
    return Math.floor(sinceNs / this.binNs);
  }

  /** Makes each bin hold twice the time. */
  private fold(): void {
    for (const sums of [this.counts, this.flaggedCounts]) {
      for (let n = 0; n < overviewBins / 2; n++) {
        sums[n] = sums[2 * n]! + sums[2 * n + 1]!;
      }
      sums.fill(0, overviewBins / 2);
    }
    for (let n = 0; n < overviewBins / 2; n++) {
      this.worstNs[n] = Math.max(this.worstNs[2 * n]!, this.worstNs[2 * n + 1]!);
    }
    this.worstNs.fill(0, overviewBins / 2);
    this.binNs *= 2;
  }
}

/** Puts `value` into an ascending list; nearly always it is the greatest. */
function insert(list: number[], value: number): void {
  let at = list.length;
  while (at > 0 && list[at - 1]! > value) {
    at--;
  }
  list.splice(at, 0, value);
}
