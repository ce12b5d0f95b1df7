import assert from 'node:assert/strict';
import type { EventRows } from '../../../native-helper/log/eventRows.ts';
import { packedRows } from '../../../native-helper/log/packedRows.ts';
import { faultsBetween } from '../../../webview/model/faultsInBox.ts';
import { moveSelection } from '../../../webview/state/moveSelection.ts';
import type { HydrateDto } from '../../../webview/protocol.ts';
import { selectAllHeld, selectHeldInRange } from '../../../webview/state/selectHeld.ts';
import { TimelineState } from '../../../webview/state/timelineState.ts';
import { liveView } from '../../ui/page/sampleTrace.ts';
import { batch, copy, pageBytes, raised, read } from './buildRows.ts';

/** Threads 7 and 8, faults 1 3 5 and 2 4, all on pages of their number; 5 is resolved. */
const rows = batch(
  1,
  raised(10, 1, 1, 7),
  copy(15, 1),
  raised(20, 2, 2, 8),
  copy(25, 2),
  raised(30, 3, 3, 7),
  copy(35, 3),
  raised(40, 4, 4, 8),
  read(41, 4),
  raised(50, 5, 5, 7),
  read(51, 5),
);

function snapshotOf(batch: EventRows): HydrateDto {
  const view = { ...liveView, nowNs: 100, revision: batch.count };
  const session = { view, batches: [packedRows(batch)], overview: [], droppedRows: 0 };
  return { sessions: [session], currentId: 1 };
}

describe('The timeline state’s selection', () => {
  let state: TimelineState;

  beforeEach(() => {
    state = new TimelineState();
    state.hydrate(snapshotOf(rows));
  });

  const between = (from: number, to: number) => faultsBetween(state.trace.lanes, from, to);

  it('tells its listeners once for each change, and not when nothing changed', () => {
    let changes = 0;
    state.subscribe((change) => {
      changes += change === 'selection' ? 1 : 0;
    });
    state.selectMany([1, 2]);
    state.selectMany([1, 2]);
    state.select(2);
    state.select(2);
    assert.equal(changes, 2);
  });

  it('extends in the lane by Shift and an arrow, and shrinks again on the way back', () => {
    state.select(1);
    moveSelection(state, 'nextInLane', true);
    moveSelection(state, 'nextInLane', true);
    assert.deepEqual(state.selectedIds, [1, 3, 5]);
    assert.equal(state.selectedId, 5);
    moveSelection(state, 'previousInLane', true);
    assert.deepEqual(state.selectedIds, [1, 3]);
    assert.equal(state.selectedId, 3);
    moveSelection(state, 'nextInLane');
    assert.deepEqual(state.selectedIds, [5], 'without Shift the selection begins anew');
  });

  it('extends over lanes to all faults raised between the two', () => {
    state.select(2);
    state.extendSelection(state.trace.faults.indexOf(5), between);
    assert.deepEqual(state.selectedIds, [2, 3, 4, 5]);
    state.extendSelection(state.trace.faults.indexOf(1), between);
    assert.deepEqual(state.selectedIds, [1, 2], 'the other way from the same start');
    assert.equal(state.selectedId, 1);
  });

  it('selects all held, and the held ones of a range', () => {
    selectAllHeld(state);
    assert.deepEqual(state.selectedIds, [4, 5]);
    assert.equal(state.selectedId, 4, 'the oldest is the primary one');
    selectHeldInRange(state, { start: `0x${(5 * pageBytes).toString(16)}`, lengthBytes: pageBytes });
    assert.deepEqual(state.selectedIds, [5]);
    selectHeldInRange(state, { start: '0x100000', lengthBytes: pageBytes });
    assert.deepEqual(state.selectedIds, [5], 'a range without held faults changes nothing');
  });

  it('follows the live edge no longer once something is selected', () => {
    assert.equal(state.window.isFollowing, true);
    state.selectMany([1, 3]);
    assert.equal(state.window.isFollowing, false);
  });

  it('forgets what a new snapshot no longer holds', () => {
    state.selectMany([1, 5]);
    const later = batch(9, raised(50, 5, 5, 7));
    state.hydrate(snapshotOf(later));
    assert.deepEqual(state.selectedIds, [5]);
    assert.deepEqual(state.selectedIndexes, [0]);
  });
});
