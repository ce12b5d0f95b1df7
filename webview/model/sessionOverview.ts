/**
 * What is to be seen and found of a whole session, or of those of its faults that are shown: how many
 * and the worst latency over all its time, the slowest faults in their order, and the flagged ones.
 * Fed by walking the faults once; one whose thread sleeps is taken up when it is over. Its size does
 * not grow with the session, but for the flagged faults.
 */
import { LatencyOverview } from '../../native-helper/log/latencyOverview.ts';
import { type FaultTable } from './faultTable.ts';
import { faultFlags } from './faultFlags.ts';
import { type SomeFaults } from './someFaults.ts';

/** As many of the slowest are kept in their order. */
export const slowestKept = 1000;
/** Faults taken up between two looks at the clock. */
const sliceLength = 2048;

export class SessionOverview {
  /** Which faults it is of. */
  readonly of: SomeFaults;
  /** Where the first bucket of both begins. */
  readonly startNs: number;
  readonly latencies = LatencyOverview.empty();
  /** Of flagged faults alone. */
  readonly flaggedLatencies = LatencyOverview.empty();
  /** Indexes of flagged faults that are over, ascending. */
  readonly flagged: number[] = [];
  private readonly faults: FaultTable;
  private readonly slow: number[] = [];
  private isSorted = true;
  /** Faults not slower than that are not among the slowest kept. */
  private leastNs = -1;
  private seenCount = 0;
  /** The first fault that was kept at the last look. */
  private keptFrom = 0;
  /** Faults that may still come to be among these. */
  private unsettled: number[] = [];

  constructor(of: SomeFaults, faults: FaultTable, startNs: number) {
    this.of = of;
    this.faults = faults;
    this.startNs = startNs;
  }

  /**
   * Takes up what is new, as long as `mayGoOn`.
   * @returns whether it is up to date
   */
  update(mayGoOn: () => boolean): boolean {
    const { of } = this;
    this.forget();
    this.unsettled = this.unsettled.filter((i) => {
      const isSettled = of.isSettled(i);
      if (isSettled && of.has(i)) {
        this.take(i);
      }
      return !isSettled;
    });
    while (this.seenCount < of.seenCount) {
      const from = this.seenCount;
      const until = Math.min(of.seenCount, from + sliceLength);
      for (let i = of.firstBetween(from, until); i !== -1; i = of.firstBetween(i + 1, until)) {
        if (of.isSettled(i)) {
          this.take(i);
        }
      }
      this.seenCount = until;
      for (const i of of.unsettled) {
        if (i >= from && i < until) {
          this.unsettled.push(i);
        }
      }
      if (!mayGoOn()) {
        return this.seenCount === of.seenCount;
      }
    }
    return true;
  }

  /** Of faults that are no longer kept only the buckets still tell. */
  private forget(): void {
    const { faults } = this;
    if (faults.first !== this.keptFrom) {
      this.keptFrom = faults.first;
      this.seenCount = Math.max(this.seenCount, faults.first);
      for (const indexes of [this.slow, this.flagged, this.unsettled]) {
        const kept = indexes.filter((i) => faults.isKnown(i));
        indexes.length = 0;
        kept.forEach((i) => indexes.push(i));
      }
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
      (j) => isBeyond(j) && this.of.has(j) && faultFlags(this.faults, j, nowNs) !== 0,
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

  private take(i: number): void {
    const raisedNs = Math.max(0, this.faults.raisedNs(i) - this.startNs);
    const latencyNs = this.latencyNs(i);
    this.latencies.add(raisedNs, raisedNs + latencyNs);
    if (faultFlags(this.faults, i, 0) !== 0) {
      this.flaggedLatencies.add(raisedNs, raisedNs + latencyNs);
      insert(this.flagged, i);
    }
    this.rank(i, latencyNs);
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
}

/** Puts `value` into an ascending list; nearly always it is the greatest. */
function insert(list: number[], value: number): void {
  let at = list.length;
  while (at > 0 && list[at - 1]! > value) {
    at--;
  }
  list.splice(at, 0, value);
}
