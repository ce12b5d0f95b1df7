/** Which fault is under the pointer. */
import { type FaultTrack } from './faultLane.ts';
import { type LaneLayout } from './laneLayout.ts';
import { type LaneSet } from './laneSet.ts';
import { shortBelowNs } from './latencyLevels.ts';
import { type ShownFaults } from './trackCells.ts';
import { timeAt, type TimeScale } from './timeScale.ts';

/** How far beside a fault the pointer may be and still mean it. */
const reachPx = 3;

/**
 * Index of the fault at a point of the lanes, -1 for none. Where several are within reach, the
 * one that is painted on top: a wide one right under the point, one whose thread sleeps, else
 * the longest.
 * @param shown the faults that are painted; null = all
 */
export function faultAt(
  lanes: LaneSet,
  layout: LaneLayout,
  scale: TimeScale,
  xPx: number,
  yPx: number,
  nowNs: number,
  shown: ShownFaults | null = null,
): number {
  const { faults } = lanes;
  const lane = layout.laneAt(yPx);
  const t = lane === -1 ? -1 : layout.trackAt(lane, yPx);
  const track = lanes.list[lane]?.tracks[t];
  if (track === undefined) {
    return -1;
  }
  const fromNs = timeAt(scale, xPx - reachPx);
  const untilNs = timeAt(scale, xPx + reachPx);
  const exactNs = timeAt(scale, xPx);
  let open = -1;
  for (const i of faults.open) {
    const isHere = lanes.lane(i) === lane && lanes.track(i) === t && shown?.has(i) !== false;
    if (isHere && faults.raisedNs(i) <= untilNs && faults.endOrNow(i, nowNs) >= fromNs) {
      const isExact = faults.raisedNs(i) <= exactNs && faults.endOrNow(i, nowNs) >= exactNs;
      open = open === -1 || isExact ? i : open;
      if (isExact && nowNs - faults.raisedNs(i) >= untilNs - fromNs) {
        return i;
      }
    }
  }
  const painted = shown === null ? track : shownTrack(track, lanes, shown, lane, t);
  const under = wideAt(painted, lanes, exactNs, untilNs - fromNs);
  if (under !== -1) {
    return under;
  }
  const worst = open === -1 ? painted.worstIn(fromNs, untilNs, faults) : open;
  return worst !== -1 && faults.isKnown(worst) ? worst : -1;
}

type PaintedTrack = Pick<FaultTrack, 'levels' | 'worstIn'>;

/** Of a track, only the faults that are shown. */
function shownTrack(
  track: FaultTrack,
  { faults }: LaneSet,
  shown: ShownFaults,
  lane: number,
  t: number,
): PaintedTrack {
  const levels = shown.levels(lane, t);
  return {
    levels,
    worstIn: (startNs, endNs) =>
      levels.worstIn(startNs, endNs, (fromNs, untilNs, visit) =>
        track.forEachShort(fromNs, untilNs, faults, (i, raisedNs, toNs) => {
          if (shown.has(i)) {
            visit(i, toNs - raisedNs);
          }
        }),
      ),
  };
}

/** The fault that is over, lasted at least `leastNs` and covers `timeNs`; -1 for none. */
function wideAt(track: PaintedTrack, { faults }: LaneSet, timeNs: number, leastNs: number): number {
  const i =
    leastNs < shortBelowNs
      ? track.worstIn(timeNs, timeNs + 1, faults)
      : track.levels.worstIn(timeNs, timeNs + 1, () => undefined);
  return i !== -1 && faults.isKnown(i) && faults.endNs(i) - faults.raisedNs(i) >= leastNs ? i : -1;
}
