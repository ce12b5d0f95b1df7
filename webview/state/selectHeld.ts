/** Selecting the held faults of the current session that are shown, all or those of a range. */
import type { RangeDto } from '../../native-helper/protocol/ranges.ts';
import { heldInRange } from '../model/faultsInBox.ts';
import { type TimelineState } from './timelineState.ts';

/** Selects every held fault that is shown, oldest first. */
export function selectAllHeld(state: TimelineState): void {
  const { faults } = state.trace;
  selectHeld(
    state,
    [...faults.open].filter((i) => faults.isHeld(i)),
  );
}

/** Selects every held fault of a range that is shown, oldest first. */
export function selectHeldInRange(
  state: TimelineState,
  { start, lengthBytes }: Pick<RangeDto, 'start' | 'lengthBytes'>,
): void {
  selectHeld(state, heldInRange(state.trace.faults, BigInt(start), BigInt(lengthBytes)));
}

function selectHeld(state: TimelineState, held: readonly number[]): void {
  const { faults } = state.trace;
  const indexes = held.filter((i) => state.current?.isShown(i) === true);
  const isPrimaryHeld = indexes.includes(state.selectedIndex);
  const primary = isPrimaryHeld ? state.selectedIndex : indexes[0];
  if (primary !== undefined) {
    state.selectMany(
      indexes.map((i) => faults.id(i)),
      faults.id(primary),
    );
    state.reveal(primary);
  }
}
