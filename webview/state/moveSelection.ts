/** Moving the selection from fault to fault by key. */
import { edgeOfLane, nearestInOtherLane, neighbourHeld, neighbourInLane } from '../model/faultNavigation.ts';
import { faultsBetween } from '../model/faultsInBox.ts';
import { type FaultTable } from '../model/faultTable.ts';
import { type TimelineState } from './timelineState.ts';

export type SelectionMove =
  | 'previousInLane'
  | 'nextInLane'
  | 'laneAbove'
  | 'laneBelow'
  | 'firstInLane'
  | 'lastInLane'
  | 'nextHeld'
  | 'previousHeld';

/**
 * Selects the fault that lies that way of the selected one; without one, a held, asleep or the
 * latest fault.
 * @param isExtending selects all from where the selection began up to that fault as well
 */
export function moveSelection(state: TimelineState, move: SelectionMove, isExtending = false): void {
  const { faults } = state.trace;
  const from = state.selectedIndex;
  const to = from === -1 ? startIndex(faults) : targetOf(faults, from, move, state.clock.nowNs());
  if (to === -1) {
    return;
  }
  if (isExtending && from !== -1) {
    state.extendSelection(to, (one, other) => faultsBetween(faults, one, other));
    state.reveal(to);
  } else {
    state.selectAndReveal(to);
  }
}

/** Where to begin: with the oldest held fault, else the oldest asleep, else the latest fault. */
function startIndex(faults: FaultTable): number {
  const held = neighbourHeld(faults, -1, 1);
  return held === -1 ? faults.count - 1 : held;
}

function targetOf(faults: FaultTable, from: number, move: SelectionMove, nowNs: number): number {
  switch (move) {
    case 'previousInLane':
      return neighbourInLane(faults, from, -1);
    case 'nextInLane':
      return neighbourInLane(faults, from, 1);
    case 'laneAbove':
      return nearestInOtherLane(faults, from, -1, nowNs);
    case 'laneBelow':
      return nearestInOtherLane(faults, from, 1, nowNs);
    case 'firstInLane':
      return edgeOfLane(faults, faults.lane[from]!, 'first');
    case 'lastInLane':
      return edgeOfLane(faults, faults.lane[from]!, 'last');
    case 'nextHeld':
      return neighbourHeld(faults, from, 1);
    case 'previousHeld':
      return neighbourHeld(faults, from, -1);
  }
}
