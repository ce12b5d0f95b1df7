/** A stretch of time on the page's axis, and the faults' edges that its ends snap to. */
import { type FaultTrack } from './faultLane.ts';
import { type FaultTable } from './faultTable.ts';

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

/** Indexes of the faults of a track of which any part lies in the stretch, oldest first. */
export function* faultsInStretch(
  track: FaultTrack,
  faults: FaultTable,
  { startNs, endNs }: TimeStretch,
): Generator<number, undefined, undefined> {
  for (let at = track.firstTouching(startNs, faults); at < track.count; at++) {
    const i = track.faults[at]!;
    if (faults.raisedNs(i) > endNs) {
      return undefined;
    }
    if (!(faults.endNs(i) < startNs)) {
      yield i;
    }
  }
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
      if (at < 0 || at >= track.count) {
        continue;
      }
      const i = track.faults[at]!;
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
