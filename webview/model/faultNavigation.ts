/** From one fault to another by key. All answers are fault indexes, -1 for none. */
import { type FaultTable } from './faultTable.ts';

/** The fault raised next after (`direction` 1) or last before (-1) fault `i` in its lane. */
export function neighbourInLane(faults: FaultTable, i: number, direction: 1 | -1): number {
  const { all } = faults.lanes[faults.lane(i)]!;
  let at = all.firstAfter(faults.raisedNs(i), faults) - 1;
  while (all.faults[at] !== i) {
    at--;
  }
  at += direction;
  return at >= 0 && at < all.count ? all.faults[at]! : -1;
}

/** The fault of the lane `direction` lanes away that is nearest in time to fault `i`. */
export function nearestInOtherLane(faults: FaultTable, i: number, direction: 1 | -1, nowNs: number): number {
  return nearestInLane(faults, faults.lane(i) + direction, faults.raisedNs(i), nowNs);
}

/** The fault of a lane that covers `timeNs`, else the nearest to it. */
export function nearestInLane(faults: FaultTable, lane: number, timeNs: number, nowNs: number): number {
  let best = -1;
  let bestNs = Infinity;
  for (const track of faults.lanes[lane]?.tracks ?? []) {
    const after = track.firstAfter(timeNs, faults);
    for (const at of [after - 1, after]) {
      const i = track.faults[at];
      if (at < 0 || at >= track.count || i === undefined) {
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
export function edgeOfLane(faults: FaultTable, lane: number, edge: 'first' | 'last'): number {
  const all = faults.lanes[lane]?.all;
  return all === undefined ? -1 : all.faults[edge === 'first' ? 0 : all.count - 1]!;
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
