/** A stretch of time on the page's axis, and the faults' edges that its ends snap to. */
import { type FaultTrack } from './faultLane.ts';
import { type FaultTable } from './faultTable.ts';
import { type LaneSet } from './laneSet.ts';
import { shortBelowNs } from './latencyLevels.ts';

export interface TimeStretch {
  readonly startNs: number;
  /** Never before `startNs`. */
  readonly endNs: number;
}

/** The stretch between two moments, in whichever order. */
export function stretchBetween(oneNs: number, otherNs: number): TimeStretch {
  return { startNs: Math.min(oneNs, otherNs), endNs: Math.max(oneNs, otherNs) };
}

export function isSameStretch(one: TimeStretch | null, other: TimeStretch | null): boolean {
  return one === other || (one?.startNs === other?.startNs && one?.endNs === other?.endNs);
}

/** Indexes of the faults of all lanes of which any part lies in the stretch, in no order. */
export function* faultsInStretch(
  { list, faults }: LaneSet,
  { startNs, endNs }: TimeStretch,
): Generator<number, undefined, undefined> {
  for (const track of list.flatMap(({ tracks }) => tracks)) {
    for (let at = track.firstAfter(startNs - shortBelowNs, faults); at < track.count; at++) {
      const i = track.at(at);
      if (faults.raisedNs(i) > endNs) {
        break;
      }
      if (faults.endNs(i) >= startNs && faults.endNs(i) - faults.raisedNs(i) < shortBelowNs) {
        yield i;
      }
    }
    const long: number[] = [];
    track.levels.forEachLong(0, startNs, endNs, (i) => long.push(i));
    yield* long.filter((i) => faults.isKnown(i));
  }
  yield* [...faults.open].filter((i) => faults.raisedNs(i) <= endNs);
  return undefined;
}

/** Raise or end of a fault of these tracks nearest to `timeNs` and at most `reachNs` from it; else `timeNs`. */
export function snapped(
  timeNs: number,
  reachNs: number,
  tracks: Iterable<FaultTrack>,
  faults: FaultTable,
): number {
  let nearestNs = timeNs;
  let bestNs = reachNs;
  for (const track of tracks) {
    const after = track.firstAfter(timeNs, faults);
    for (const at of [after - 1, after]) {
      if (at < track.first || at >= track.count) {
        continue;
      }
      const i = track.at(at);
      for (const edgeNs of [faults.raisedNs(i), faults.endNs(i)]) {
        // NaN, of a thread that still sleeps, is nearer to nothing.
        if (Math.abs(edgeNs - timeNs) < bestNs) {
          bestNs = Math.abs(edgeNs - timeNs);
          nearestNs = edgeNs;
        }
      }
    }
  }
  return nearestNs;
}
