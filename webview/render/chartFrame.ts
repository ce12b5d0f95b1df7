/**
 * What a frame of the chart shows and where:
 *
 *     ┌────────┬──────────────────────────┐
 *     │        │ axis            axisPx   │
 *     ├────────┴──────────────────────────┤
 *     │ header of a session, if several   │  topPx
 *     ├────────┬──────────────────────────┤
 *     │ lane   │ tracks with slices       │  lanesTopPx
 *     │ labels │                          │
 *     └gutterPx┴──────── scale.widthPx ───┘  bottomPx
 */
import { type FaultTable } from '../model/faultTable.ts';
import { type HistoryOverview } from '../model/historyOverview.ts';
import { type Gaps } from '../model/gaps.ts';
import { type LaneLayout, trackHeightPx } from '../model/laneLayout.ts';
import { type LaneNames } from '../model/laneName.ts';
import { type LaneSet } from '../model/laneSet.ts';
import { type MapEvents } from '../model/mapEvents.ts';
import { type TimeScale, xOf } from '../model/timeScale.ts';
import { type ShownFaults } from '../model/trackCells.ts';
import { type CellImage } from './cellImage.ts';
import { type Palette } from './palette.ts';
import { type Patterns } from './patterns.ts';

/** Height of the axis: labels above, signs of events below. */
export const axisPx = 36;
/** Middle of the labels and of the signs of events. */
export const axisLabelsPx = 13;
export const axisEventsPx = 28;

/** What the whole chart and its sessions share. */
interface Surface {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly gutterPx: number;
  readonly scale: TimeScale;
  readonly palette: Palette;
  readonly patterns: Patterns;
  /** Where narrow faults are painted, one session after another. */
  readonly cells: CellImage;
}

/** One session in the chart; places are pixels of the canvas and may lie outside. */
export interface SessionFrame extends Surface, LaneNames {
  readonly id: number;
  readonly colour: number;
  readonly topPx: number;
  readonly lanesTopPx: number;
  readonly bottomPx: number;
  /** Without lanes while it is collapsed. */
  readonly layout: LaneLayout;
  readonly faults: FaultTable;
  readonly lanes: LaneSet;
  /** Which faults are shown; null when all are. */
  readonly shown: ShownFaults | null;
  /** What faults that have not come yet look like, those after `lastRowNs`; null when all have come. */
  readonly overview: HistoryOverview | null;
  readonly lastRowNs: number;
  readonly events: MapEvents;
  readonly gaps: Gaps;
  readonly startNs: number;
  /** Its clock, which stands still after its end. */
  readonly nowNs: number;
  readonly isLive: boolean;
}

export interface ChartFrame extends Surface {
  readonly sessions: readonly SessionFrame[];
  /** The one that is selected in; null when there is none. */
  readonly current: SessionFrame | null;
  /** Height of all sessions. */
  readonly contentPx: number;
  /** The live edge. */
  readonly nowNs: number;
  /** Whether any session goes on. */
  readonly isLive: boolean;
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

/** Where fault `i` is painted; its session must not be collapsed. */
export function boxOf(session: SessionFrame, i: number): Box {
  const { faults, lanes, scale } = session;
  const startPx = session.gutterPx + xOf(scale, faults.raisedNs(i));
  const endPx = session.gutterPx + xOf(scale, faults.endOrNow(i, session.nowNs));
  const isOpen = Number.isNaN(faults.endNs(i));
  return {
    xPx: startPx,
    yPx: trackTopPx(session, lanes.lane(i), lanes.track(i)),
    widthPx: Math.max(endPx - startPx, isOpen ? openMinWidthPx : 1),
    heightPx: sliceHeightPx,
  };
}

export function trackTopPx(session: SessionFrame, lane: number, track: number): number {
  return session.lanesTopPx + session.layout.trackTopPx(lane, track);
}

/** The part of a session that is on the canvas, below the axis; undefined when none is. */
export function visiblePart(
  session: Pick<SessionFrame, 'topPx' | 'bottomPx' | 'heightPx'>,
): { readonly topPx: number; readonly bottomPx: number } | undefined {
  const topPx = Math.max(axisPx, session.topPx);
  const bottomPx = Math.min(session.heightPx, session.bottomPx);
  return bottomPx > topPx ? { topPx, bottomPx } : undefined;
}
