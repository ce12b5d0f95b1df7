/** Where an end of the time selection snaps to. */
import { nsPerPx } from '../model/timeScale.ts';
import { snapped } from '../model/timeStretch.ts';
import { type TimelineState } from './timelineState.ts';

/** How near a fault's edge must be. */
const snapPx = 15;

/** A moment at the nearest edge of a fault within reach, in the lanes that show; else the moment itself. */
export function snapTime({ sessions, window }: TimelineState, timeNs: number): number {
  const reachNs = snapPx * nsPerPx(window.scale);
  let bestNs = timeNs;
  for (const { trace, isCollapsed } of sessions) {
    if (!isCollapsed || sessions.length === 1) {
      const tracks = trace.lanes.list.flatMap((lane) => lane.tracks);
      const edgeNs = snapped(timeNs, reachNs, tracks, trace.faults);
      const isNearer = Math.abs(edgeNs - timeNs) < Math.abs(bestNs - timeNs) || bestNs === timeNs;
      bestNs = edgeNs !== timeNs && isNearer ? edgeNs : bestNs;
    }
  }
  return bestNs;
}
