import assert from 'node:assert/strict';
import { LatencyOverview } from '../../../native-helper/log/latencyOverview.ts';
import { HistoryOverview } from '../../../webview/model/historyOverview.ts';
import { TrackCells } from '../../../webview/model/trackCells.ts';
import { SeededRandom } from '../../unit/helper/seededRandom.ts';

describe('The overview of a history that is still to come', () => {
  const startNs = 5e9;
  const random = new SeededRandom(3);
  const faults = Array.from({ length: 3000 }, () => {
    const raisedNs = random.below(1e9);
    return { raisedNs, endNs: raisedNs + random.below(2e6) };
  });
  const overview = LatencyOverview.empty();
  faults.forEach(({ raisedNs, endNs }) => overview.add(raisedNs, endNs));
  const history = new HistoryOverview([{ tid: 7, bytes: overview.packed() }], startNs);

  it('knows from when until when it tells, and each bucket with faults', () => {
    const raised = faults.map(({ raisedNs }) => startNs + raisedNs);
    const [firstNs, lastNs] = [Math.min(...raised), Math.max(...raised)];
    assert.ok(history.firstNs <= firstNs && history.firstNs > firstNs - overview.bucketNs);
    assert.ok(history.lastNs >= lastNs && history.lastNs < lastNs + 2 * overview.bucketNs);
    let all = 0;
    history.forEachAfter(-Infinity, (_, widthNs, count) => {
      assert.equal(widthNs, overview.bucketNs);
      all += count;
    });
    assert.equal(all, faults.length);
    const middleNs = (firstNs + lastNs) / 2;
    let late = 0;
    history.forEachAfter(middleNs, (fromNs, widthNs, count) => {
      assert.ok(fromNs + widthNs > middleNs);
      late += count;
    });
    assert.ok(late >= raised.filter((ns) => ns > middleNs).length && late < all);
  });

  function filled(fromNs: number, scale: { startNs: number; endNs: number; widthPx: number }): TrackCells {
    const cells = new TrackCells();
    cells.clear(scale.widthPx);
    history.fill(cells, 7, fromNs, scale);
    return cells;
  }

  it('counts each fault in one column, and shows the slowest, at a zoom where buckets share columns', () => {
    const cells = filled(startNs, { startNs, endNs: startNs + 2e9, widthPx: 100 });
    const counts = [...cells.count.subarray(0, 100)];
    assert.equal(
      counts.reduce((sum, count) => sum + count, 0),
      3000,
    );
    assert.ok(counts.slice(52).every((count) => count === 0));
    const slowestNs = Math.max(...faults.map(({ raisedNs, endNs }) => endNs - raisedNs));
    assert.equal(Math.max(...cells.worstNs.subarray(0, 52)), slowestNs);
  });

  it('covers all columns of a bucket that is wider than one, and nothing before where it begins', () => {
    const { bucketNs } = overview;
    const from = startNs + 500 * bucketNs;
    const cells = filled(from, { startNs: from - bucketNs, endNs: from + bucketNs, widthPx: 20 });
    const painted = [...cells.worst.subarray(0, 20)].map((worst) => worst !== -1);
    assert.deepEqual(
      painted,
      Array.from({ length: 20 }, (_, column) => column >= 10),
    );
    assert.deepEqual(
      filled(startNs, { startNs, endNs: startNs + 1e9, widthPx: 10 }).worst.length,
      10,
      'a window within it',
    );
    const other = new TrackCells();
    other.clear(10);
    history.fill(other, 8, startNs, { startNs, endNs: startNs + 1e9, widthPx: 10 });
    assert.ok(
      other.worst.subarray(0, 10).every((worst) => worst === -1),
      'another thread',
    );
  });
});
