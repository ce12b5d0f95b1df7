/** The visible stretch of time, and whether it moves with the live edge. Part of TimelineState. */
import { fitted, following, followingInSteps, panned, type TimeScale, zoomed } from '../model/timeScale.ts';

/** What is seen at first, in nanoseconds. */
const initialSpanNs = 10e9;
const fitMarginShare = 0.04;

export class TimeWindow {
  scale: TimeScale = { startNs: 0, endNs: initialSpanNs, widthPx: 1 };
  isFollowing = true;
  /** Whether the window jumps after the live edge now and then instead of moving with it. */
  followsInSteps = false;
  private readonly edgeNs: () => number;
  private readonly changed: () => void;

  /** @param edgeNs the live edge */
  constructor(edgeNs: () => number, changed: () => void) {
    this.edgeNs = edgeNs;
    this.changed = changed;
  }

  setWidth(widthPx: number): void {
    if (widthPx !== this.scale.widthPx) {
      this.scale = { ...this.scale, widthPx };
      this.changed();
    }
  }

  /** Shows this stretch of time as it is, and stops following. */
  show(startNs: number, endNs: number): void {
    this.scale = { ...this.scale, startNs, endNs };
    this.setFollowing(false);
  }

  /** Shows as much as at first, from `startNs` on, and follows the live edge. */
  begin(startNs: number): void {
    this.scale = { ...this.scale, startNs, endNs: startNs + initialSpanNs };
    this.setFollowing(true);
  }

  /** Moves the window; the live edge is no longer followed. */
  pan(byNs: number): void {
    this.scale = panned(this.scale, byNs);
    this.setFollowing(false);
  }

  /** The axis' beginning has moved: the window stays where it is. */
  moveAxis(byNs: number): void {
    this.scale = panned(this.scale, -byNs);
  }

  /** Moves the window so that `timeNs` is in its middle, unless it is well seen already. */
  centre(timeNs: number): void {
    const { startNs, endNs } = this.scale;
    const marginNs = 0.1 * (endNs - startNs);
    if (timeNs < startNs + marginNs || timeNs > endNs - marginNs) {
      this.pan(timeNs - (startNs + endNs) / 2);
    }
  }

  /** Zooms by `factor` about `atNs`; while following, about the live edge. */
  zoom(factor: number, atNs: number): void {
    this.scale = zoomed(this.scale, factor, this.isFollowing ? this.edgeNs() : atNs);
    this.moveWithLiveEdge();
    this.changed();
  }

  /** Shows this stretch of time with a margin on both sides. */
  fit(startNs: number, endNs: number, marginShare = fitMarginShare): void {
    this.scale = fitted(this.scale, startNs, endNs, marginShare);
    this.setFollowing(false);
  }

  /** Moves, if need be, so that something that lasts from `startNs` to `endNs` is seen. */
  reveal(startNs: number, endNs: number): void {
    const { startNs: fromNs, endNs: untilNs } = this.scale;
    const spanNs = untilNs - fromNs;
    if (endNs < fromNs || startNs > untilNs || (startNs < fromNs && endNs < fromNs + 0.05 * spanNs)) {
      this.pan((startNs + Math.min(endNs, startNs + spanNs)) / 2 - (fromNs + untilNs) / 2);
    }
  }

  setFollowing(isFollowing: boolean): void {
    this.isFollowing = isFollowing;
    this.moveWithLiveEdge();
    this.changed();
  }

  /** Moves so that the live edge is in it, if it is being followed. */
  moveWithLiveEdge(): void {
    if (this.isFollowing) {
      const follow = this.followsInSteps ? followingInSteps : following;
      this.scale = follow(this.scale, this.edgeNs());
    }
  }
}
