import assert from 'node:assert/strict';
import { bucketCount, LatencyOverview } from '../../../native-helper/log/latencyOverview.ts';
import { SeededRandom } from './seededRandom.ts';

describe('The overview of a thread’s faults', () => {
  it('holds the count, the slowest and the time of the faults raised in each bucket, over any length', () => {
    const random = new SeededRandom(7);
    for (const lastNs of [1e6, 3e9, 9e12]) {
      const overview = LatencyOverview.empty();
      const faults = Array.from({ length: 5000 }, () => {
        const raisedNs = random.below(lastNs);
        return { raisedNs, endNs: raisedNs + Math.floor((random.below(1e6) / 1e6) ** 8 * 1e9) };
      });
      faults.forEach(({ raisedNs, endNs }) => overview.add(raisedNs, endNs));
      const { bucketNs, counts, worstNs, busyNs } = overview;
      assert.ok(bucketNs * bucketCount > lastNs * 0.99, 'all of it fits');
      assert.ok(
        bucketNs === 2 ** 16 || bucketNs * bucketCount < 2.1 * lastNs,
        'and is no wider than it must be',
      );
      for (let bucket = 0; bucket < bucketCount; bucket++) {
        const there = faults.filter(({ raisedNs }) => Math.floor(raisedNs / bucketNs) === bucket);
        const latenciesNs = there.map(({ raisedNs, endNs }) => endNs - raisedNs);
        assert.equal(counts[bucket], there.length);
        assert.equal(worstNs[bucket], Math.fround(Math.max(0, ...latenciesNs)));
        const sumNs = latenciesNs.reduce((sum, one) => sum + one, 0);
        assert.ok(Math.abs(busyNs[bucket]! - sumNs) <= 1e-5 * sumNs);
      }
    }
  });

  it('is the same after its way as bytes, and refuses others', () => {
    const overview = LatencyOverview.empty();
    overview.add(5e9, 6e9);
    overview.add(70e9, 71e9);
    const { bucketNs, counts, worstNs, busyNs } = LatencyOverview.unpacked(overview.packed());
    assert.equal(bucketNs, overview.bucketNs);
    assert.deepEqual([counts, worstNs, busyNs], [overview.counts, overview.worstNs, overview.busyNs]);
    assert.throws(() => LatencyOverview.unpacked(new ArrayBuffer(9)), /latency overview of 9 bytes/);
  });
});
