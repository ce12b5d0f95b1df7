/** From one fault to another by key, through those that are shown. All answers are fault indexes, -1 for none. */
import { type FaultTrack } from './faultLane.ts';
import { type FaultTable } from './faultTable.ts';
import { type LaneSet } from './laneSet.ts';

/** Whether fault `i` is shown. */
export type IsShown = (i: number) => boolean;

const every: IsShown = () => true;

/** The fault raised next after (`direction` 1) or last before (-1) fault `i` in its lane. */
export function neighbourInLane(
  lanes: LaneSet,
  i: number,
  direction: 1 | -1,
  isShown: IsShown = every,
): number {
  const { faults } = lanes;
  const inTracks = lanes.list[lanes.lane(i)]!.tracks.map((track) => {
    return shownFrom(track, placeBeside(track, faults, i, direction), direction, isShown);
  });
  return inTracks
    .filter((j) => j !== -1)
    .reduce((best, j) => (best === -1 || order(faults, j, best) * direction < 0 ? j : best), -1);
}

/** Which of two faults was raised first; of equals the one with the lower index. */
function order(faults: FaultTable, a: number, b: number): number {
  return faults.raisedNs(a) - faults.raisedNs(b) || a - b;
}

/** Where in a track the faults beyond fault `i` begin; it may be one of another track. */
function placeBeside(track: FaultTrack, faults: FaultTable, i: number, direction: 1 | -1): number {
  let after = track.firstAfter(faults.raisedNs(i), faults);
  while (after > track.first && order(faults, track.at(after - 1), i) > 0) {
    after--;
  }
  if (direction === 1) {
    return after;
  }
  return after > track.first && track.at(after - 1) === i ? after - 2 : after - 1;
}

/** The first fault that is shown from a place of a track on, that way. */
function shownFrom(track: FaultTrack, place: number, direction: 1 | -1, isShown: IsShown): number {
  for (let at = place; at >= track.first && at < track.count; at += direction) {
    if (isShown(track.at(at))) {
      return track.at(at);
    }
  }
  return -1;
}

/** The fault nearest to `timeNs` of lane `lane` or, that way, of the next one in which any is shown. */
export function nearestFromLane(
  lanes: LaneSet,
  lane: number,
  direction: 1 | -1,
  timeNs: number,
  nowNs: number,
  isShown: IsShown = every,
): number {
  for (let at = lane; at >= 0 && at < lanes.list.length; at += direction) {
    const nearest = nearestInLane(lanes, at, timeNs, nowNs, isShown);
    if (nearest !== -1) {
      return nearest;
    }
  }
  return -1;
}

/** The fault of a lane that covers `timeNs`, else the nearest to it. */
function nearestInLane(
  lanes: LaneSet,
  lane: number,
  timeNs: number,
  nowNs: number,
  isShown: IsShown,
): number {
  const { faults } = lanes;
  let best = -1;
  let bestNs = Infinity;
  for (const track of lanes.list[lane]?.tracks ?? []) {
    const after = track.firstAfter(timeNs, faults);
    const beside = [shownFrom(track, after - 1, -1, isShown), shownFrom(track, after, 1, isShown)];
    for (const i of beside) {
      if (i === -1) {
        continue;
      }
      const gapNs = Math.max(faults.raisedNs(i) - timeNs, timeNs - faults.endOrNow(i, nowNs), 0);
      if (gapNs < bestNs) {
        best = i;
        bestNs = gapNs;
      }
    }
  }
  return best;
}

/** The first or last fault of a lane. */
export function edgeOfLane(
  lanes: LaneSet,
  lane: number,
  edge: 'first' | 'last',
  isShown: IsShown = every,
): number {
  const { faults } = lanes;
  const edges = (lanes.list[lane]?.tracks ?? [])
    .map((track) =>
      edge === 'first'
        ? shownFrom(track, track.first, 1, isShown)
        : shownFrom(track, track.count - 1, -1, isShown),
    )
    .filter((i) => i !== -1);
  const sorted = edges.sort((a, b) => order(faults, a, b));
  return sorted.at(edge === 'first' ? 0 : -1) ?? -1;
}

/**
 * The fault to look after that comes after (1) or before (-1) fault `i`: the held ones, then those
 * that are resolved and still asleep. From -1, the first or last of them.
 */
export function neighbourHeld(
  faults: FaultTable,
  i: number,
  direction: 1 | -1,
  isShown: IsShown = every,
): number {
  const open = [...faults.open].filter(isShown);
  const held = open.filter((j) => faults.isHeld(j));
  const all = [...held, ...open.filter((j) => faults.phase(j) === 'asleep')];
  const at = all.indexOf(i);
  if (at !== -1) {
    return all[at + direction] ?? -1;
  }
  const beyond = direction === 1 ? held.find((j) => j > i) : held.findLast((j) => i === -1 || j < i);
  return beyond ?? all.at(direction === 1 ? 0 : -1) ?? -1;
}
