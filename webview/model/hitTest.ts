/** Which fault is under the pointer. */
import { endOpen, type FaultTable } from './faultTable.ts';
import { type LaneLayout } from './laneLayout.ts';
import { timeAt, type TimeScale } from './timeScale.ts';

/** How far beside a fault the pointer may be and still mean it. */
const reachPx = 3;

/**
 * Index of the fault at a point of the lanes, -1 for none. Where several are within reach, the
 * one that is painted on top: one whose thread sleeps, else the longest.
 */
export function faultAt(
  faults: FaultTable,
  layout: LaneLayout,
  scale: TimeScale,
  xPx: number,
  yPx: number,
  nowNs: number,
): number {
  const lane = layout.laneAt(yPx);
  const track = lane === -1 ? undefined : faults.lanes[lane]?.tracks[layout.trackAt(lane, yPx)];
  if (track === undefined) {
    return -1;
  }
  const fromNs = timeAt(scale, xPx - reachPx);
  const untilNs = timeAt(scale, xPx + reachPx);
  const exactNs = timeAt(scale, xPx);
  let best = -1;
  let bestRank = -1;
  for (let at = track.firstTouching(fromNs, faults); at < track.count; at++) {
    const i = track.faults[at]!;
    const raisedNs = faults.raisedNs(i);
    if (raisedNs > untilNs) {
      break;
    }
    const endNs = faults.endOrNow(i, nowNs);
    if (endNs < fromNs) {
      continue;
    }
    const isExact = raisedNs <= exactNs && endNs >= exactNs;
    const isWide = endNs - raisedNs >= untilNs - fromNs;
    const rank =
      isExact && isWide ? Infinity : faults.end(i) === endOpen ? Number.MAX_VALUE : endNs - raisedNs;
    if (rank > bestRank) {
      best = i;
      bestRank = rank;
    }
  }
  return best;
}
