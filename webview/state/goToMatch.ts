/** From one fault that the search finds to another. */
import { firstRaisedFrom, neighbourMatch } from '../model/faultSearch.ts';
import { type TimelineState } from './timelineState.ts';

/**
 * Selects and reveals the next (1) or previous (-1) fault that the search finds, round at the ends.
 * @returns false when none is found, or none yet
 */
export function goToMatch(state: TimelineState, direction: 1 | -1): boolean {
  const { current, selectedIndex } = state;
  const { faults } = state.trace;
  const found = current?.found ?? null;
  if (found === null) {
    return false;
  }
  // With nothing selected, from what is seen on.
  const seen = firstRaisedFrom(faults, state.window.scale.startNs);
  const from = selectedIndex !== -1 ? selectedIndex : direction === 1 ? seen - 1 : seen;
  const i = neighbourMatch(found, faults, from, direction);
  if (i !== -1) {
    state.selectAndReveal(i);
  }
  return i !== -1;
}
