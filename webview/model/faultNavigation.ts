/** From one fault to another by key. All answers are fault indexes, -1 for none. */
import { type FaultTrack } from './faultLane.ts';
import { type FaultTable } from './faultTable.ts';
import { type LaneSet } from './laneSet.ts';

/** The fault raised next after (`direction` 1) or last before (-1) fault `i` in its lane. */
export function neighbourInLane(lanes: LaneSet, i: number, direction: 1 | -1): number {
  const { faults } = lanes;
  const inTracks = lanes.list[lanes.lane(i)]!.tracks.map((track) => neighbour(track, faults, i, direction));
  return inTracks
    .filter((j) => j !== -1)
    .reduce((best, j) => (best === -1 || order(faults, j, best) * direction < 0 ? j : best), -1);
}

/** Which of two faults was raised first; of equals the one with the lower index. */
function order(faults: FaultTable, a: number, b: number): number {
  return faults.raisedNs(a) - faults.raisedNs(b) || a - b;
}

function neighbour(track: FaultTrack, faults: FaultTable, i: number, direction: 1 | -1): number {
  let after = track.firstAfter(faults.raisedNs(i), faults);
  while (after > track.first && order(faults, track.at(after - 1), i) > 0) {
    after--;
  }
  if (direction === 1) {
    return after < track.count ? track.at(after) : -1;
  }
  const before = after > track.first && track.at(after - 1) === i ? after - 2 : after - 1;
  return before >= track.first ? track.at(before) : -1;
}

/** The fault of the lane `direction` lanes away that is nearest in time to fault `i`. */
export function nearestInOtherLane(lanes: LaneSet, i: number, direction: 1 | -1, nowNs: number): number {
  return nearestInLane(lanes, lanes.lane(i) + direction, lanes.faults.raisedNs(i), nowNs);
}

/** The fault of a lane that covers `timeNs`, else the nearest to it. */
export function nearestInLane(lanes: LaneSet, lane: number, timeNs: number, nowNs: number): number {
  const { faults } = lanes;
  let best = -1;
  let bestNs = Infinity;
  for (const track of lanes.list[lane]?.tracks ?? []) {
    const after = track.firstAfter(timeNs, faults);
    for (const at of [after - 1, after]) {
      if (at < track.first || at >= track.count) {
        continue;
      }
      const i = track.at(at);
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
export function edgeOfLane(lanes: LaneSet, lane: number, edge: 'first' | 'last'): number {
  const { faults } = lanes;
  const edges = (lanes.list[lane]?.tracks ?? [])
    .filter((track) => track.count > track.first)
    .map((track) => track.at(edge === 'first' ? track.first : track.count - 1));
  const sorted = edges.sort((a, b) => order(faults, a, b));
  return sorted.at(edge === 'first' ? 0 : -1) ?? -1;
}

/**
 * The fault to look after that comes after (1) or before (-1) fault `i`: the held ones, then those
 * that are resolved and still asleep. From -1, the first or last of them.
 */
export function neighbourHeld(faults: FaultTable, i: number, direction: 1 | -1): number {
  const open = [...faults.open];
  const held = open.filter((j) => faults.isHeld(j));
  const all = [...held, ...open.filter((j) => faults.phase(j) === 'asleep')];
  const at = all.indexOf(i);
  if (at !== -1) {
    return all[at + direction] ?? -1;
  }
  const beyond = direction === 1 ? held.find((j) => j > i) : held.findLast((j) => i === -1 || j < i);
  return beyond ?? all.at(direction === 1 ? 0 : -1) ?? -1;
}
