import assert from 'node:assert/strict';
import { listMove } from '../../../webview/input/listKeys.ts';
import {
  clampedTopPx,
  ledgerRowPx,
  revealingTopPx,
  visibleRows,
} from '../../../webview/model/visibleRows.ts';

describe('The ledger’s visible rows', () => {
  it('are those that any part of the view shows, of a million as of ten', () => {
    assert.deepEqual(visibleRows(10, 0, 3 * ledgerRowPx), { first: 0, end: 3 });
    assert.deepEqual(visibleRows(10, 1, 3 * ledgerRowPx), { first: 0, end: 4 });
    assert.deepEqual(visibleRows(10, 9 * ledgerRowPx, 3 * ledgerRowPx), { first: 9, end: 10 });
    assert.deepEqual(visibleRows(1e6, 999_990 * ledgerRowPx, 220), { first: 999_990, end: 1e6 });
  });

  it('scroll no further than there are rows', () => {
    assert.equal(clampedTopPx(Infinity, 10, 100), 10 * ledgerRowPx - 100);
    assert.equal(clampedTopPx(50, 2, 100), 0);
  });

  it('move no more than needed to show a row', () => {
    assert.equal(revealingTopPx(100, 6, 200), 100, 'it is seen already');
    assert.equal(revealingTopPx(100, 1, 200), ledgerRowPx);
    assert.equal(revealingTopPx(0, 20, 200), 21 * ledgerRowPx - 200);
  });
});

describe('The keys of a list', () => {
  const move = (key: string, place: number, count = 100) =>
    listMove({ key, altKey: false }, place, count, 10);

  it('move by rows, pages and to the ends, and stop there', () => {
    assert.equal(move('ArrowDown', 4), 5);
    assert.equal(move('ArrowDown', 99), 99);
    assert.equal(move('ArrowUp', 0), 0);
    assert.equal(move('PageDown', 4), 14);
    assert.equal(move('PageUp', 4), 0);
    assert.equal(move('Home', 50), 0);
    assert.equal(move('End', 50), 99);
  });

  it('begin at the first row, and lead nowhere in an empty list', () => {
    assert.equal(move('ArrowDown', -1), 0);
    assert.equal(move('ArrowDown', -1, 0), -1);
  });

  it('leave other keys alone', () => {
    assert.equal(move('Enter', 4), undefined);
    assert.equal(listMove({ key: 'ArrowUp', altKey: true }, 4, 9, 3), undefined);
  });
});
