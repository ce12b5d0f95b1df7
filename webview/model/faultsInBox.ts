/** The faults of a stretch of time and of lanes. All answers are fault indexes, oldest first. */
import { type FaultTable } from './faultTable.ts';
import { type LaneLayout } from './laneLayout.ts';
import { type LaneSet } from './laneSet.ts';

/** A box drawn on the chart: a stretch of time, and pixels from the top of the first lane. */
export interface TimeBox {
  readonly startNs: number;
  readonly endNs: number;
  readonly topPx: number;
  readonly bottomPx: number;
}

/** Faults of which any part lies in the box. */
export function faultsInBox(lanes: LaneSet, layout: LaneLayout, box: TimeBox, nowNs: number): number[] {
  const { faults } = lanes;
  const found: number[] = [];
  if (layout.laneCount === 0 || box.bottomPx < 0 || box.topPx >= layout.heightPx) {
    return found;
  }
  const firstLane = layout.laneAt(Math.max(0, box.topPx));
  const lastLane = layout.laneAt(Math.min(layout.heightPx - 1, box.bottomPx));
  for (let lane = firstLane; lane <= lastLane; lane++) {
    const firstTrack = lane === firstLane ? layout.trackAt(lane, box.topPx) : 0;
    const lastTrack = lane === lastLane ? layout.trackAt(lane, box.bottomPx) : Infinity;
    lanes.list[lane]!.tracks.slice(firstTrack, lastTrack + 1).forEach((track, n) => {
      track.forEachTouching(box.startNs, box.endNs, faults, (i) => found.push(i));
      for (const i of faults.open) {
        const isHere = lanes.lane(i) === lane && lanes.track(i) === firstTrack + n;
        if (isHere && faults.raisedNs(i) <= box.endNs && faults.endOrNow(i, nowNs) >= box.startNs) {
          found.push(i);
        }
      }
    });
  }
  return sortedByRaise(found, faults);
}

/** Faults raised from the one to the other, in their lanes and those between; both are among them. */
export function faultsBetween(lanes: LaneSet, one: number, other: number): number[] {
  const { faults } = lanes;
  const startNs = Math.min(faults.raisedNs(one), faults.raisedNs(other));
  const endNs = Math.max(faults.raisedNs(one), faults.raisedNs(other));
  const lastLane = Math.max(lanes.lane(one), lanes.lane(other));
  const found: number[] = [];
  for (let lane = Math.min(lanes.lane(one), lanes.lane(other)); lane <= lastLane; lane++) {
    for (const track of lanes.list[lane]!.tracks) {
      let at = track.firstAfter(endNs, faults);
      while (at > track.first && faults.raisedNs(track.at(at - 1)) >= startNs) {
        found.push(track.at(--at));
      }
    }
  }
  return sortedByRaise(found, faults);
}

/** The held faults whose pages lie in a range of addresses. */
export function heldInRange(faults: FaultTable, start: bigint, lengthBytes: bigint): number[] {
  return [...faults.open].filter((i) => {
    const address = faults.address(i);
    return faults.isHeld(i) && address >= start && address < start + lengthBytes;
  });
}

function sortedByRaise(indexes: number[], faults: FaultTable): number[] {
  return indexes.sort((a, b) => faults.raisedNs(a) - faults.raisedNs(b) || a - b);
}
