import assert from 'node:assert/strict';
import {
  nothingSelected,
  onlySelected,
  severalSelected,
  stillKnown,
  toggled,
} from '../../../webview/model/selection.ts';
import { raised, traceOf } from './buildRows.ts';

describe('Selection', () => {
  it('keeps the order of selection, each fault once', () => {
    assert.deepEqual(severalSelected([5, 3, 5, 9]).ids, [5, 3, 9]);
  });

  it('takes the last as the primary one unless another of them is named', () => {
    assert.equal(severalSelected([5, 3, 9]).primaryId, 9);
    assert.equal(severalSelected([5, 3, 9], 5).primaryId, 5);
    assert.equal(severalSelected([5, 3, 9], 7).primaryId, 9);
    assert.deepEqual(severalSelected([]), nothingSelected);
  });

  it('adds by toggling, and the added one becomes the primary', () => {
    const both = toggled(onlySelected(4), 2);
    assert.deepEqual(both.ids, [4, 2]);
    assert.equal(both.primaryId, 2);
    assert.equal(both.anchorId, 2);
  });

  it('takes out by toggling; the primary one gives way to the one selected last', () => {
    const three = severalSelected([4, 2, 7]);
    assert.deepEqual(toggled(three, 4), { ids: [2, 7], primaryId: 7, anchorId: 7 });
    assert.deepEqual(toggled(three, 7), { ids: [4, 2], primaryId: 2, anchorId: 2 });
    assert.deepEqual(toggled(onlySelected(4), 4), nothingSelected);
  });

  it('forgets faults that are no longer in the table', () => {
    const { faults } = traceOf(raised(1, 4, 1, 7), raised(2, 7, 2, 8));
    assert.deepEqual(stillKnown(severalSelected([4, 5, 7], 5), faults), {
      ids: [4, 7],
      primaryId: 7,
      anchorId: 7,
    });
    const whole = severalSelected([7, 4]);
    assert.equal(stillKnown(whole, faults), whole);
  });
});
