import assert from 'node:assert/strict';
import { placeAt, placesOf, sessionHeaderPx } from '../../../webview/model/chartLayout.ts';
import { raised, traceOf } from './buildRows.ts';

describe('The places of sessions', () => {
  const one = { lanes: traceOf(raised(1, 1, 1, 7), raised(2, 2, 2, 8)).lanes.list, isCollapsed: false };
  const other = { lanes: traceOf(raised(1, 1, 1, 9)).lanes.list, isCollapsed: false };

  it('has no header for a single session, which cannot be collapsed', () => {
    const [place] = placesOf([{ ...one, isCollapsed: true }]);
    assert.deepEqual([place!.topPx, place!.lanesTopPx, place!.lanes.laneCount], [0, 0, 2]);
    assert.deepEqual(placesOf([]), []);
  });

  it('stacks a header and the lanes of each, and finds them again', () => {
    const places = placesOf([one, other]);
    const [first, second] = places;
    assert.equal(first!.lanesTopPx, sessionHeaderPx);
    assert.equal(second!.topPx, sessionHeaderPx + first!.lanes.heightPx);
    assert.equal(second!.bottomPx, second!.lanesTopPx + second!.lanes.heightPx);
    assert.equal(placeAt(places, 0), first);
    assert.equal(placeAt(places, second!.topPx - 1), first);
    assert.equal(placeAt(places, second!.topPx), second);
    assert.equal(placeAt(places, second!.bottomPx), undefined);
    assert.equal(placeAt(places, -1), undefined);
  });

  it('leaves of a collapsed one, and of one without faults, the header alone', () => {
    const places = placesOf([{ ...one, isCollapsed: true }, { lanes: [], isCollapsed: false }, other]);
    assert.deepEqual(
      places.map(({ topPx }) => topPx),
      [0, sessionHeaderPx, 2 * sessionHeaderPx],
    );
  });
});
