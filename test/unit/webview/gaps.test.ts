import assert from 'node:assert/strict';
import { Gaps } from '../../../webview/model/gaps.ts';
import { batch, raised, row } from './buildRows.ts';

describe('The gaps', () => {
  const lost = (timeNs: number, count: number, raisedBeforeNs = 0) =>
    row('lost', timeNs, { out: BigInt(count), raisedBeforeNs });

  it('are the stretches of the lost rows, those that touch as one', () => {
    const gaps = new Gaps();
    const rows = batch(1, raised(5, 1, 1), lost(100, 7, 60), lost(180, 2, 90), lost(400, 1, 10));
    gaps.add(rows, 0);
    assert.deepEqual(gaps.list, [
      { startNs: 40, endNs: 180, count: 9 },
      { startNs: 390, endNs: 400, count: 1 },
    ]);
    assert.equal(gaps.neighbour(50, 1)?.startNs, 390);
    assert.equal(gaps.neighbour(390, -1)?.startNs, 40);
    assert.equal(gaps.neighbour(390, 1), null);
  });

  it('are not taken up twice', () => {
    const gaps = new Gaps();
    gaps.add(batch(1, lost(100, 7), lost(300, 2)), 1);
    assert.deepEqual(gaps.list, [{ startNs: 300, endNs: 300, count: 2 }]);
  });
});
