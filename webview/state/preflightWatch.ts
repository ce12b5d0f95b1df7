/** Keeps the preflight of the selected faults up to date: asks anew whenever its answer may have changed. */
import type { PreflightDto } from '../../native-helper/protocol/preflight.ts';
import { endOpen } from '../model/faultTable.ts';
import { type HostSync } from './hostSync.ts';
import { LatestRequest } from './latestRequest.ts';
import { type StateChange, type TimelineState } from './timelineState.ts';

/** So that moving along faults by key asks once. */
const pauseMs = 80;

export function watchPreflight(state: TimelineState, host: HostSync): void {
  const request = new LatestRequest<PreflightDto>(pauseMs);
  let askedOf = '';

  const ask = (): void => {
    const faultIds = state.selectedIds.filter((id) => {
      const i = state.trace.faults.indexOf(id);
      return i !== -1 && state.trace.faults.end(i) === endOpen;
    });
    if (faultIds.length === 0 || !state.isLive) {
      request.forget();
      state.resolving.setPreflight(null, null);
      return;
    }
    request.ask(
      () => host.preflight({ faultIds }),
      (preflight) => state.resolving.setPreflight(preflight, null),
      (refusal) => state.resolving.setPreflight(null, refusal),
    );
  };

  const changed = (change: StateChange): void => {
    if (change === 'selection') {
      // What was found of other faults must not be taken for an answer about these.
      state.resolving.setPreflight(null, null);
    }
    if (change === 'selection' || change === 'session') {
      askedOf = selectionStory(state);
      ask();
    } else if (change === 'rows') {
      const story = selectionStory(state);
      if (story !== askedOf) {
        askedOf = story;
        ask();
      }
    }
  };
  state.subscribe(changed);
}

/** Changes with every row that concerns the selected faults. */
function selectionStory({ selectedIds, selectedIndex, trace }: TimelineState): string {
  const { faults } = trace;
  let open = 0;
  let resolved = 0;
  for (const id of selectedIds) {
    const i = faults.indexOf(id);
    if (i !== -1) {
      open += faults.end(i) === endOpen ? 1 : 0;
      resolved += Number.isNaN(faults.resolvedNs(i)) ? 0 : 1;
    }
  }
  const rows = selectedIndex === -1 ? 0 : trace.rowsOf(selectedIndex).length;
  return `${open} ${resolved} ${rows}`;
}
