/**
 * What is to be seen and found of a whole session, or of those of its faults that are shown: how many
 * and the worst latency over all its time, the slowest faults in their order, and the flagged ones. It
 * follows the table from its first fault on and takes up each when it is over. Its size does not grow
 * with the session, but for the flagged faults.
 */
import { LatencyOverview } from '../../native-helper/log/latencyOverview.ts';
import { type IsShown } from './faultNavigation.ts';
import { type FaultObserver, type FaultTable } from './faultTable.ts';
import { faultFlags } from './faultFlags.ts';

/** As many of the slowest are kept in their order. */
export const slowestKept = 1000;

export class SessionOverview implements FaultObserver {
  /** Where the first bucket of both begins. */
  readonly startNs: number;
  readonly latencies = LatencyOverview.empty();
  /** Of flagged faults alone. */
  readonly flaggedLatencies = LatencyOverview.empty();
  /** Indexes of flagged faults that are over, ascending. */
  readonly flagged: number[] = [];
  protected readonly faults: FaultTable;
  private readonly slow: number[] = [];
  private isSorted = true;
  /** Faults not slower than that are not among the slowest kept. */
  private leastNs = -1;

  constructor(faults: FaultTable, startNs: number) {
    this.faults = faults;
    this.startNs = startNs;
  }

  ended(i: number): void {
    const raisedNs = Math.max(0, this.faults.raisedNs(i) - this.startNs);
    const latencyNs = this.latencyNs(i);
    this.latencies.add(raisedNs, raisedNs + latencyNs);
    if (faultFlags(this.faults, i, 0) !== 0) {
      this.flaggedLatencies.add(raisedNs, raisedNs + latencyNs);
      insert(this.flagged, i);
    }
    this.rank(i, latencyNs);
  }

  /** Of faults that are no longer kept only the buckets still tell. */
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

  /**
   * The flagged fault after (1) or before (-1) fault `i`, those whose threads sleep among them; -1 for none.
   * @param isShown of these, which are among them
   */
  neighbourFlagged(i: number, direction: 1 | -1, nowNs: number, isShown: IsShown = () => true): number {
    const isBeyond = (j: number): boolean => (direction === 1 ? j > i : i === -1 || j < i);
    const ended = direction === 1 ? this.flagged.find(isBeyond) : this.flagged.findLast(isBeyond);
    const sleeping = [...this.faults.open].filter(
      (j) => isBeyond(j) && isShown(j) && faultFlags(this.faults, j, nowNs) !== 0,
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
}

/** Puts `value` into an ascending list; nearly always it is the greatest. */
function insert(list: number[], value: number): void {
  let at = list.length;
  while (at > 0 && list[at - 1]! > value) {
    at--;
  }
  list.splice(at, 0, value);
}
