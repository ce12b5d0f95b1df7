/**
 * What a track shows in each pixel column: how many faults, the worst of them and how busy it was.
 * Faults wide enough for a rectangle of their own are told apart.
 *
 * Where a pixel is longer than a bucket of the levels, time is told in buckets not wider than a
 * pixel: what lies in a bucket shows in the column in which the bucket begins. Else it is exact.
 */
import { type FaultTrack } from './faultLane.ts';
import { type FaultTable } from './faultTable.ts';
import { type LatencyLevels, levelFor } from './latencyLevels.ts';
import { nsPerPx, type TimeScale } from './timeScale.ts';

/** Narrowest fault that is told apart. No level has shorter ones in its lists. */
export const widePx = 4;

/** The faults that are shown when not all are. */
export interface ShownFaults {
  has(i: number): boolean;
  /** Of the shown faults alone. */
  levels(lane: number, track: number): LatencyLevels;
}

/** Stands for a worst fault of which nothing more is known. */
export const unknownFault = 0x7fffffff;

/** Columns of pixels; an empty one has no worst fault. */
export class TrackCells {
  widthPx = 0;
  count = new Uint32Array(0);
  /** Latency and index of the worst fault, -1 for none, and its index in `mainPhases`. */
  worstNs = new Float64Array(0);
  worst = new Int32Array(0);
  phase = new Uint8Array(0);
  busyNs = new Float64Array(0);
  /** Indexes of the faults that are wide. */
  readonly wide: number[] = [];

  clear(widthPx: number): void {
    if (widthPx > this.count.length) {
      this.count = new Uint32Array(widthPx);
      this.worstNs = new Float64Array(widthPx);
      this.worst = new Int32Array(widthPx);
      this.phase = new Uint8Array(widthPx);
      this.busyNs = new Float64Array(widthPx);
    }
    this.widthPx = widthPx;
    this.count.fill(0, 0, widthPx);
    this.worst.fill(-1, 0, widthPx);
    this.busyNs.fill(0, 0, widthPx);
    this.wide.length = 0;
  }

  add(column: number, count: number, worst: number, worstNs: number, phase: number, busyNs: number): void {
    this.count[column]! += count;
    this.busyNs[column]! += busyNs;
    const before = this.worst[column]!;
    const beforeNs = this.worstNs[column]!;
    if (before === -1 || worstNs > beforeNs || (worstNs === beforeNs && worst < before)) {
      this.worst[column] = worst;
      this.worstNs[column] = worstNs;
      this.phase[column] = phase;
    }
  }
}

/** Fills `cells` with the faults of a track that are over. */
export function fillCells(
  cells: TrackCells,
  track: FaultTrack,
  faults: FaultTable,
  scale: TimeScale,
  shown: { readonly has: (i: number) => boolean; readonly levels: LatencyLevels } | null = null,
): void {
  const widthPx = Math.ceil(scale.widthPx);
  const columnNs = nsPerPx(scale);
  const { startNs } = scale;
  const endNs = startNs + widthPx * columnNs;
  const levels = shown?.levels ?? track.levels;
  cells.clear(widthPx);

  const addSpan = (i: number, phase: number, raisedNs: number, untilNs: number): void => {
    const first = Math.floor((raisedNs - startNs) / columnNs);
    const last = Math.max(first, Math.ceil((untilNs - startNs) / columnNs) - 1);
    for (let column = Math.max(0, first); column <= last && column < widthPx; column++) {
      const columnStartNs = startNs + column * columnNs;
      const busyNs = Math.min(untilNs, columnStartNs + columnNs) - Math.max(raisedNs, columnStartNs);
      cells.add(column, column === first ? 1 : 0, i, untilNs - raisedNs, phase, Math.max(0, busyNs));
    }
  };
  const addFault = (i: number, phase: number, raisedNs: number, untilNs: number): void => {
    // Of one that is no longer kept only this much is known.
    if (untilNs - raisedNs >= widePx * columnNs && faults.isKnown(i)) {
      cells.wide.push(i);
    } else {
      addSpan(i, phase, raisedNs, untilNs);
    }
  };

  const level = levelFor(columnNs);
  if (level === -1) {
    track.forEachShort(startNs, endNs, faults, (i, raisedNs, untilNs) => {
      if (shown === null || shown.has(i)) {
        addFault(i, 0, raisedNs, untilNs);
      }
    });
    // Only of the worst the phase is seen, and it costs more than all the rest.
    for (let column = 0; column < widthPx; column++) {
      const i = cells.worst[column]!;
      if (i !== -1 && faults.isKnown(i)) {
        cells.phase[column] = faults.mainPhase(i);
      }
    }
  } else {
    levels.forEachBucket(level, startNs, endNs, (bucketNs, _end, count, worstNs, busyNs, worst, phase) => {
      const column = Math.floor((bucketNs - startNs) / columnNs);
      if (column >= 0 && column < widthPx) {
        cells.add(column, count, worst, worstNs, phase, busyNs);
      }
    });
  }
  levels.forEachLong(level, startNs, endNs, addFault);
}
