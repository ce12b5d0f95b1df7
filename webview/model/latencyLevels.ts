/**
 * Level of detail of faults that are over: time in buckets of 2^20 ns, then four to one, so that
 * any stretch of time is read at a cost that follows the pixels and not the faults.
 *
 * A bucket tells how many faults were raised in it, the worst of those that touch it, and how
 * long they lasted in it. A fault that is long for a level (four buckets or more) is not spread
 * over its buckets: it is kept in a list, which the reader adds. So a fault costs about the same
 * whether it lasted a microsecond or an hour, and in the lists of a level no fault is narrower
 * than a pixel when that level is read.
 */
import { codeOf, indexOfCode, phaseOfCode } from './faultCode.ts';
import { bucketsPerBucket, type CellVisitor, type FaultPhases, LatencyBuckets } from './latencyBuckets.ts';
import { LongFaults, type LongVisitor } from './longFaults.ts';

const baseBucketNs = 2 ** 20;
const levelCount = 12;
/** A fault as long as this many buckets of a level is in the lists instead. */
const longBuckets = 4;
/** Buckets of a block: levels above have few. */
const blockBuckets = Array.from({ length: levelCount }, (_, level) => (level < 4 ? 512 : 64));

/** Length of a bucket of a level. */
export const bucketNs: readonly number[] = Array.from(
  { length: levelCount },
  (_, level) => baseBucketNs * bucketsPerBucket ** level,
);
/** Faults shorter than this are in the buckets of every level. */
export const shortBelowNs = longBuckets * baseBucketNs;

/** The coarsest level whose buckets are not longer than `stepNs`; -1 when all are longer. */
export function levelFor(stepNs: number): number {
  return bucketNs.findLastIndex((lengthNs) => lengthNs <= stepNs);
}

/** The levels from this one on, each knowing the next. */
function levelsFrom(level: number): LatencyBuckets[] {
  if (level === levelCount) {
    return [];
  }
  const coarser = levelsFrom(level + 1);
  return [new LatencyBuckets(bucketNs[level]!, blockBuckets[level]!, coarser[0]), ...coarser];
}

export class LatencyLevels {
  private readonly levels = levelsFrom(0);
  /** By the finest level they are long for. */
  private readonly long = Array.from({ length: levelCount }, () => new LongFaults());

  /**
   * Takes up a fault that is over.
   * @param faults is asked for its phase now, while it is kept
   */
  add(i: number, raisedNs: number, endNs: number, faults: FaultPhases): void {
    const latencyNs = Math.max(0, endNs - raisedNs);
    let level = 0;
    while (level < levelCount && latencyNs >= longBuckets * bucketNs[level]!) {
      level++;
    }
    if (level > 0) {
      this.long[level - 1]!.add(raisedNs, endNs, codeOf(i, faults.mainPhase(i)));
    }
    for (; level < levelCount; level++) {
      const buckets = this.levels[level]!;
      const bucket = Math.floor(raisedNs / buckets.bucketNs);
      if (endNs <= (bucket + 1) * buckets.bucketNs) {
        // The coarser levels get it from this one.
        buckets.collectFault(bucket, i, latencyNs, faults);
        return;
      }
      this.spread(buckets, raisedNs, endNs, latencyNs, codeOf(i, faults.mainPhase(i)));
    }
  }

  private spread(
    level: LatencyBuckets,
    raisedNs: number,
    endNs: number,
    latencyNs: number,
    code: number,
  ): void {
    const first = Math.floor(raisedNs / level.bucketNs);
    for (let bucket = first; bucket === first || bucket * level.bucketNs < endNs; bucket++) {
      const startNs = bucket * level.bucketNs;
      const busyNs = Math.min(endNs, startNs + level.bucketNs) - Math.max(raisedNs, startNs);
      level.add(bucket, bucket === first ? 1 : 0, latencyNs, code, busyNs);
    }
  }

  private settle(): void {
    for (const level of this.levels) {
      level.settle();
    }
  }

  /** The buckets of a level that begin in the stretch or hold its start, without the level's long faults. */
  forEachBucket(level: number, startNs: number, endNs: number, visit: CellVisitor): void {
    this.settle();
    const lengthNs = bucketNs[level]!;
    this.levels[level]!.forEach(Math.floor(startNs / lengthNs), Math.ceil(endNs / lengthNs), visit);
  }

  /** The faults that are long for a level and touch the stretch. */
  forEachLong(level: number, startNs: number, endNs: number, visit: LongVisitor): void {
    for (let n = Math.max(0, level); n < levelCount; n++) {
      this.long[n]!.forEachTouching(startNs, endNs, longBuckets * (bucketNs[n + 1] ?? Infinity), visit);
    }
  }

  /**
   * Everything in the stretch in cells of the coarsest level that is not wider than `stepNs` (else
   * of the finest one): those in which there was a fault, in order.
   */
  forEachCell(startNs: number, endNs: number, stepNs: number, visit: CellVisitor): void {
    forEachCellOf([this], startNs, endNs, stepNs, visit);
  }

  /**
   * The worst fault that touches the stretch, -1 for none; of equals the one with the lower index. A
   * fault that is no longer kept may be the answer.
   * @param short visits the faults shorter than `shortBelowNs` that touch a stretch
   */
  worstIn(
    startNs: number,
    endNs: number,
    short: (startNs: number, endNs: number, visit: (i: number, latencyNs: number) => void) => void,
  ): number {
    this.settle();
    let best = -1;
    let bestNs = -1;
    const consider = (i: number, latencyNs: number): void => {
      if (latencyNs > bestNs || (latencyNs === bestNs && i < best)) {
        best = i;
        bestNs = latencyNs;
      }
    };
    const considerLong: LongVisitor = (i, _phase, fromNs, untilNs) => consider(i, untilNs - fromNs);
    const search = (level: number, fromNs: number, untilNs: number): void => {
      if (fromNs >= untilNs) {
        return;
      }
      if (level === -1) {
        short(fromNs, untilNs, consider);
        return;
      }
      const lengthNs = bucketNs[level]!;
      this.long[level]!.forEachTouching(
        fromNs,
        untilNs,
        longBuckets * (bucketNs[level + 1] ?? Infinity),
        considerLong,
      );
      const first = Math.ceil(fromNs / lengthNs);
      const end = Math.floor(untilNs / lengthNs);
      if (first >= end) {
        search(level - 1, fromNs, untilNs);
        return;
      }
      this.levels[level]!.forEach(first, end, (_start, _end, _count, worstNs, _busy, worst) =>
        consider(worst, worstNs),
      );
      search(level - 1, fromNs, first * lengthNs);
      search(level - 1, end * lengthNs, untilNs);
    };
    const top = levelFor(endNs - startNs);
    for (let n = top + 1; n < levelCount; n++) {
      this.long[n]!.forEachTouching(
        startNs,
        endNs,
        longBuckets * (bucketNs[n + 1] ?? Infinity),
        considerLong,
      );
    }
    search(top, startNs, endNs);
    return best;
  }
}

/** As `LatencyLevels.forEachCell`, of several that share their time: their faults together. */
export function forEachCellOf(
  list: readonly LatencyLevels[],
  startNs: number,
  endNs: number,
  stepNs: number,
  visit: CellVisitor,
): void {
  const level = Math.max(0, levelFor(stepNs));
  const lengthNs = bucketNs[level]!;
  const first = Math.floor(startNs / lengthNs);
  const cellCount = Math.ceil(endNs / lengthNs) - first;
  if (!(cellCount > 0)) {
    return;
  }
  const counts = new Uint32Array(cellCount);
  const worstNs = new Float64Array(cellCount).fill(-1);
  const busyNs = new Float64Array(cellCount);
  const codes = new Float64Array(cellCount);
  const add = (n: number, count: number, latencyNs: number, busy: number, code: number): void => {
    counts[n]! += count;
    busyNs[n]! += busy;
    if (latencyNs > worstNs[n]! || (latencyNs === worstNs[n] && code < codes[n]!)) {
      worstNs[n] = latencyNs;
      codes[n] = code;
    }
  };
  for (const levels of list) {
    levels.forEachBucket(level, startNs, endNs, (fromNs, _until, count, worst, busy, i, phase) =>
      add(Math.round(fromNs / lengthNs) - first, count, worst, busy, codeOf(i, phase)),
    );
    levels.forEachLong(
      level,
      first * lengthNs,
      (first + cellCount) * lengthNs,
      (i, phase, fromNs, untilNs) => {
        const raisedAt = Math.floor(fromNs / lengthNs);
        const end = Math.min(first + cellCount, Math.ceil(untilNs / lengthNs));
        for (let bucket = Math.max(first, raisedAt); bucket < end; bucket++) {
          const bucketStartNs = bucket * lengthNs;
          const busy = Math.min(untilNs, bucketStartNs + lengthNs) - Math.max(fromNs, bucketStartNs);
          add(bucket - first, bucket === raisedAt ? 1 : 0, untilNs - fromNs, busy, codeOf(i, phase));
        }
      },
    );
  }
  for (let n = 0; n < cellCount; n++) {
    const code = codes[n]!;
    if (code !== 0) {
      const fromNs = (first + n) * lengthNs;
      visit(
        fromNs,
        fromNs + lengthNs,
        counts[n]!,
        worstNs[n]!,
        busyNs[n]!,
        indexOfCode(code),
        phaseOfCode(code),
      );
    }
  }
}
