/**
 * Slices too narrow to show their phases, gathered into pixel columns: however many faults
 * share a column, one rectangle is painted, and it tells of the longest of them. Its height
 * grows with that latency (1 µs to 1 s, logarithmic), its colour is that fault's.
 */
export const columnKinds = ['waiting', 'held', 'asleep', 'superseded'] as const;
export type ColumnKind = (typeof columnKinds)[number];

const lowestShare = 0.3;

/** Height of a column as a share of the slice's height. */
export function columnShare(latencyNs: number): number {
  const decades = Math.log10(Math.max(1, latencyNs / 1e3));
  return lowestShare + (1 - lowestShare) * Math.min(1, decades / 6);
}

export class ColumnBatch {
  /** x, y, width, height of each rectangle, by kind. */
  readonly rectangles: readonly number[][] = columnKinds.map(() => []);
  private readonly heightPx: number;
  private readonly kindOf: (fault: number) => number;
  private topPx = 0;
  // The column being gathered: its left and right edge, and the longest fault in it.
  private leftPx = NaN;
  private rightPx = NaN;
  private worstNs = 0;
  private worstFault = 0;

  /**
   * @param heightPx of a full slice
   * @param kindOf index in `columnKinds` of a fault; asked only for the one that a column shows
   */
  constructor(heightPx: number, kindOf: (fault: number) => number) {
    this.heightPx = heightPx;
    this.kindOf = kindOf;
  }

  /** Begins a track whose slices have their top at `topPx`. */
  beginTrack(topPx: number): void {
    this.topPx = topPx;
    this.leftPx = NaN;
  }

  /** Adds a fault; within a track, faults come in order of their start. */
  add(startPx: number, endPx: number, latencyNs: number, fault: number): void {
    const leftPx = Math.floor(startPx);
    const rightPx = Math.max(leftPx + 1, Math.round(endPx));
    if (leftPx >= this.rightPx || Number.isNaN(this.leftPx)) {
      this.endColumn();
      this.leftPx = leftPx;
      this.rightPx = rightPx;
      this.worstNs = -1;
    }
    this.rightPx = Math.max(this.rightPx, rightPx);
    if (latencyNs > this.worstNs) {
      this.worstNs = latencyNs;
      this.worstFault = fault;
    }
  }

  /** Finishes the column being gathered. */
  endColumn(): void {
    if (Number.isNaN(this.leftPx)) {
      return;
    }
    const height = Math.round(this.heightPx * columnShare(this.worstNs));
    const top = this.topPx + this.heightPx - height;
    const rectangles = this.rectangles[this.kindOf(this.worstFault)]!;
    const last = rectangles.length - 4;
    const lastRightPx = last < 0 ? NaN : rectangles[last]! + rectangles[last + 2]!;
    const isSameShape = rectangles[last + 1] === top && rectangles[last + 3] === height;
    if (isSameShape && lastRightPx === this.leftPx) {
      rectangles[last + 2]! += this.rightPx - this.leftPx;
    } else {
      rectangles.push(this.leftPx, top, this.rightPx - this.leftPx, height);
    }
    this.leftPx = NaN;
  }
}
