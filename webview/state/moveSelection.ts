/** Moving the selection from fault to fault by key, also from session to session. */
import { edgeOfLane, nearestFromLane, neighbourHeld, neighbourInLane } from '../model/faultNavigation.ts';
import { faultsBetween } from '../model/faultsInBox.ts';
import { type SessionTimeline } from './sessionTimeline.ts';
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

/** A fault by its index, -1 for none, and whose it is. */
interface Target {
  readonly session: SessionTimeline;
  readonly fault: number;
}

/**
 * Selects the fault that lies that way of the selected one; without one, a held, asleep or the
 * latest fault.
 * @param isExtending selects all from where the selection began up to that fault as well, in its session
 */
export function moveSelection(state: TimelineState, move: SelectionMove, isExtending = false): void {
  const { current, selectedIndex: from } = state;
  if (current === null) {
    return;
  }
  const { session, fault } = targetOf(state, current, from, move);
  const isInSession = session === current;
  if (fault === -1 || (isExtending && !isInSession)) {
    return;
  }
  state.show(session);
  if (isExtending && from !== -1) {
    const { lanes } = session.trace;
    state.extendSelection(fault, (one, other) => faultsBetween(lanes, one, other).filter(session.isShown));
    state.reveal(fault);
  } else {
    state.selectAndReveal(fault);
  }
}

function targetOf(state: TimelineState, current: SessionTimeline, from: number, move: SelectionMove): Target {
  switch (move) {
    case 'nextHeld':
      return heldFrom(state.sessions, current, from, 1);
    case 'previousHeld':
      return heldFrom(state.sessions, current, from, -1);
    case 'laneAbove':
      return fromLane(state.sessions, current, from, -1);
    case 'laneBelow':
      return fromLane(state.sessions, current, from, 1);
    default: {
      return { session: current, fault: from === -1 ? startIndex(current) : inLane(current, from, move) };
    }
  }
}

/** Where to begin: with the oldest held fault, else the oldest asleep, else the latest fault. */
function startIndex({ trace, isShown, lastShown }: SessionTimeline): number {
  const held = neighbourHeld(trace.faults, -1, 1, isShown);
  return held === -1 ? lastShown : held;
}

function inLane(
  { trace: { lanes }, isShown }: SessionTimeline,
  from: number,
  move: 'previousInLane' | 'nextInLane' | 'firstInLane' | 'lastInLane',
): number {
  switch (move) {
    case 'previousInLane':
      return neighbourInLane(lanes, from, -1, isShown);
    case 'nextInLane':
      return neighbourInLane(lanes, from, 1, isShown);
    case 'firstInLane':
      return edgeOfLane(lanes, lanes.lane(from), 'first', isShown);
    case 'lastInLane':
      return edgeOfLane(lanes, lanes.lane(from), 'last', isShown);
  }
}

/** The nearest fault of the lanes above or below; beyond the last one, of the next session whose lanes show. */
function fromLane(
  sessions: readonly SessionTimeline[],
  current: SessionTimeline,
  from: number,
  direction: 1 | -1,
): Target {
  if (from === -1) {
    return { session: current, fault: startIndex(current) };
  }
  const { faults, lanes } = current.trace;
  const timeNs = faults.raisedNs(from);
  const seen = sessions.filter((session) => session === current || !session.isCollapsed);
  let lane = lanes.lane(from) + direction;
  for (let at = seen.indexOf(current); at >= 0 && at < seen.length; at += direction) {
    const session = seen[at]!;
    const { lanes: others } = session.trace;
    const fault = nearestFromLane(others, lane, direction, timeNs, session.nowNs(), session.isShown);
    if (fault !== -1) {
      return { session, fault };
    }
    lane = direction === 1 ? 0 : (seen[at + direction]?.trace.lanes.list.length ?? 0) - 1;
  }
  return { session: current, fault: -1 };
}

/** The fault to look after next, round through all sessions, beginning in the current one. */
function heldFrom(
  sessions: readonly SessionTimeline[],
  current: SessionTimeline,
  from: number,
  direction: 1 | -1,
): Target {
  const within = neighbourHeld(current.trace.faults, from, direction, current.isShown);
  if (within !== -1) {
    return { session: current, fault: within };
  }
  const at = sessions.indexOf(current);
  for (let step = 1; step <= sessions.length; step++) {
    const session = sessions.at((at + direction * step) % sessions.length)!;
    const fault = neighbourHeld(session.trace.faults, -1, direction, session.isShown);
    if (fault !== -1) {
      return { session, fault };
    }
  }
  // Nothing is held anywhere: without a selection, the latest fault is the place to begin.
  return { session: current, fault: from === -1 ? current.lastShown : -1 };
}
