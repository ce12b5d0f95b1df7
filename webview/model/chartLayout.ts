/**
 * Where sessions and their lanes lie, in pixels from the top of the chart's content:
 *
 *     ┌ header of session 0, where there are several ─ sessionHeaderPx
 *     ├ its lanes; none while it is collapsed
 *     ┌ header of session 1
 *     ├ …
 */
import { type FaultLane } from './faultLane.ts';
import { LaneLayout } from './laneLayout.ts';

export const sessionHeaderPx = 28;

export interface SessionPlace {
  /** Top of its header; where there is none, of its lanes. */
  readonly topPx: number;
  readonly lanesTopPx: number;
  readonly bottomPx: number;
  readonly lanes: LaneLayout;
}

export interface SessionLanes {
  readonly lanes: readonly FaultLane[];
  readonly isCollapsed: boolean;
}

/** Places of sessions, in their order. A single one has no header and cannot be collapsed. */
export function placesOf(sessions: readonly SessionLanes[]): readonly SessionPlace[] {
  const headerPx = sessions.length > 1 ? sessionHeaderPx : 0;
  let topPx = 0;
  return sessions.map(({ lanes, isCollapsed }) => {
    const layout = new LaneLayout(isCollapsed && headerPx > 0 ? [] : lanes);
    const lanesTopPx = topPx + headerPx;
    const place = { topPx, lanesTopPx, bottomPx: lanesTopPx + layout.heightPx, lanes: layout };
    topPx = place.bottomPx;
    return place;
  });
}

/** Whose header or lanes are at `yPx`; undefined where nobody's are. */
export function placeAt<Place extends Pick<SessionPlace, 'topPx' | 'bottomPx'>>(
  places: readonly Place[],
  yPx: number,
): Place | undefined {
  return places.find(({ topPx, bottomPx }) => yPx >= topPx && yPx < bottomPx);
}
