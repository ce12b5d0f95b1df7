/**
 * What the host tells of a session's history before the history itself has come: for each thread how
 * many faults, the slowest of them and how busy it was, in buckets of time. It stands in for the part
 * that is still to come.
 */
import { LatencyOverview } from '../../native-helper/log/latencyOverview.ts';
import { mainPhases } from './faultTable.ts';
import { type TrackCells, unknownFault } from './trackCells.ts';
import { nsPerPx, type TimeScale } from './timeScale.ts';

/** A fault is in its service most of the time; the overview does not tell phases. */
const phase = mainPhases.indexOf('held');

export class HistoryOverview {
  private readonly byTid: ReadonlyMap<number, LatencyOverview>;
  private readonly startNs: number;
  /** From the first bucket with a fault to the end of the last, on the page's axis. */
  readonly firstNs: number;
  readonly lastNs: number;

  /**
   * @param threads packed overviews by thread
   * @param startNs the session's start, on the page's axis
   */
  constructor(threads: readonly { readonly tid: number; readonly bytes: ArrayBuffer }[], startNs: number) {
    this.byTid = new Map(threads.map(({ tid, bytes }) => [tid, LatencyOverview.unpacked(bytes)]));
    this.startNs = startNs;
    const used = [...this.byTid.values()].filter(({ counts }) => counts.some(isUsed));
    this.firstNs = startNs + Math.min(...used.map((one) => one.counts.findIndex(isUsed) * one.bucketNs));
    this.lastNs =
      startNs + Math.max(...used.map((one) => (1 + one.counts.findLastIndex(isUsed)) * one.bucketNs));
  }

  /** Calls `act` for each bucket with faults that ends after `fromNs`, of every thread. */
  forEachAfter(
    fromNs: number,
    act: (startNs: number, widthNs: number, faults: number, worstNs: number) => void,
  ): void {
    for (const { bucketNs, counts, worstNs } of this.byTid.values()) {
      for (let bucket = 0; bucket < counts.length; bucket++) {
        const startNs = this.startNs + bucket * bucketNs;
        if (counts[bucket]! > 0 && startNs + bucketNs > fromNs) {
          act(startNs, bucketNs, counts[bucket]!, worstNs[bucket]!);
        }
      }
    }
  }

  /** Threads that have had a fault, in the order of their first. */
  get tids(): number[] {
    return [...this.byTid.keys()];
  }

  /**
   * Adds what is known of a thread from `fromNs` on to the columns of its lane. A bucket wider than a
   * column shows in all it covers, its faults counted in the first.
   */
  fill(cells: TrackCells, tid: number, fromNs: number, scale: TimeScale): void {
    const overview = this.byTid.get(tid);
    if (overview === undefined) {
      return;
    }
    const { bucketNs, counts, worstNs, busyNs } = overview;
    const columnNs = nsPerPx(scale);
    const columnOf = (timeNs: number): number => Math.floor((timeNs - scale.startNs) / columnNs);
    const bucketAt = (timeNs: number): number => Math.floor((timeNs - this.startNs) / bucketNs);
    const first = Math.max(0, bucketAt(Math.max(fromNs, scale.startNs)));
    const last = Math.min(counts.length - 1, bucketAt(scale.endNs));
    for (let bucket = first; bucket <= last; bucket++) {
      const count = counts[bucket]!;
      if (count === 0) {
        continue;
      }
      const bucketStartNs = this.startNs + bucket * bucketNs;
      const from = columnOf(bucketStartNs);
      const until = Math.max(from + 1, columnOf(bucketStartNs + bucketNs));
      const busyInColumnNs = busyNs[bucket]! / (until - from);
      for (
        let column = Math.max(0, from, columnOf(fromNs));
        column < until && column < cells.widthPx;
        column++
      ) {
        cells.add(column, column === from ? count : 0, unknownFault, worstNs[bucket]!, phase, busyInColumnNs);
      }
    }
  }
}

function isUsed(count: number): boolean {
  return count > 0;
}
