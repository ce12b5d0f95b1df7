/**
 * What a frame of the chart shows and where:
 *
 *     ┌────────┬──────────────────────────┐
 *     │        │ axis            axisPx   │
 *     ├────────┼──────────────────────────┤
 *     │ lane   │ tracks with slices       │
 *     │ labels │ (moved up by scrollTopPx)│
 *     └gutterPx┴──────── scale.widthPx ───┘
 */
import { type FaultTable } from '../model/faultTable.ts';
import { type LaneLayout, trackHeightPx } from '../model/laneLayout.ts';
import { type MapEvents } from '../model/mapEvents.ts';
import { type TimeScale, xOf } from '../model/timeScale.ts';
import { type Palette } from './palette.ts';
import { type Patterns } from './patterns.ts';

/** Height of the axis: labels above, signs of events below. */
export const axisPx = 36;
/** Middle of the labels and of the signs of events. */
export const axisLabelsPx = 13;
export const axisEventsPx = 28;

export interface ChartFrame {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly gutterPx: number;
  readonly scrollTopPx: number;
  readonly scale: TimeScale;
  readonly layout: LaneLayout;
  readonly faults: FaultTable;
  readonly events: MapEvents;
  readonly nowNs: number;
  readonly isLive: boolean;
  /** What to call a thread. */
  readonly threadName: (tid: number) => string;
  readonly palette: Palette;
  readonly patterns: Patterns;
}

export interface Box {
  readonly xPx: number;
  readonly yPx: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** A slice's height; the rest of its track is the gap to the next one. */
export const sliceHeightPx = trackHeightPx - 2;
/** Least width of a slice whose thread sleeps: it must be seen at any zoom. */
export const openMinWidthPx = 3;

/** Where fault `i` is painted, in pixels of the canvas; it may lie outside. */
export function boxOf(frame: ChartFrame, i: number): Box {
  const { faults, scale } = frame;
  const startPx = frame.gutterPx + xOf(scale, faults.raisedNs[i]!);
  const endPx = frame.gutterPx + xOf(scale, faults.endOrNow(i, frame.nowNs));
  const isOpen = Number.isNaN(faults.endNs[i]!);
  return {
    xPx: startPx,
    yPx: trackTopPx(frame, faults.lane[i]!, faults.track[i]!),
    widthPx: Math.max(endPx - startPx, isOpen ? openMinWidthPx : 1),
    heightPx: sliceHeightPx,
  };
}

export function trackTopPx(frame: ChartFrame, lane: number, track: number): number {
  return axisPx - frame.scrollTopPx + frame.layout.trackTopPx(lane, track);
}
