/**
 * Where lanes and their tracks lie, in pixels from the top of the first lane:
 *
 *     ┌ lane 0 ─ padding, track 0, track 1, …, padding
 *     ├ lane 1
 */
import { type FaultLane } from './faultLane.ts';

export const trackHeightPx = 22;
export const lanePaddingPx = 5;

export class LaneLayout {
  /** Top of each lane, and last the bottom of all. */
  private readonly topsPx: number[] = [0];

  constructor(lanes: readonly FaultLane[]) {
    for (const lane of lanes) {
      this.topsPx.push(this.heightPx + 2 * lanePaddingPx + lane.tracks.length * trackHeightPx);
    }
  }

  get heightPx(): number {
    return this.topsPx.at(-1)!;
  }

  get laneCount(): number {
    return this.topsPx.length - 1;
  }

  laneTopPx(lane: number): number {
    return this.topsPx[lane]!;
  }

  laneHeightPx(lane: number): number {
    return this.topsPx[lane + 1]! - this.topsPx[lane]!;
  }

  trackTopPx(lane: number, track: number): number {
    return this.topsPx[lane]! + lanePaddingPx + track * trackHeightPx;
  }

  /** Lane at `yPx`, -1 above the first and below the last. */
  laneAt(yPx: number): number {
    if (yPx < 0 || yPx >= this.heightPx) {
      return -1;
    }
    let low = 0;
    let high = this.laneCount - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.topsPx[middle]! <= yPx) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  /** Track of `lane` at `yPx`; the nearest one when `yPx` is in the padding. */
  trackAt(lane: number, yPx: number): number {
    const tracks = Math.round((this.laneHeightPx(lane) - 2 * lanePaddingPx) / trackHeightPx);
    const track = Math.floor((yPx - this.topsPx[lane]! - lanePaddingPx) / trackHeightPx);
    return Math.min(tracks - 1, Math.max(0, track));
  }
}
