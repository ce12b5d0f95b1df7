import assert from 'node:assert/strict';
import { type LatencyStatistics, latencyStatistics } from '../../../webview/model/latencyStatistics.ts';
import { SeededRandom } from '../helper/seededRandom.ts';

function statisticsOf(latencies: readonly number[]): LatencyStatistics {
  const counting = latencyStatistics(() => latencies);
  for (;;) {
    const { done, value } = counting.next();
    if (done === true) {
      return value;
    }
  }
}

describe('The statistics of latencies', () => {
  it('equal those of a plain sort, for latencies of all sizes', () => {
    const random = new SeededRandom(7);
    for (const count of [1, 2, 3, 19, 20, 21, 1000, 20_000]) {
      const latencies = Array.from({ length: count }, () => Math.round(10 ** (random.below(1e6) / 1e5)));
      const sorted = latencies.toSorted((a, b) => a - b);
      const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * count) - 1)]!;
      const found = statisticsOf(latencies);
      assert.equal(found.count, count);
      assert.equal(found.maxNs, sorted.at(-1));
      for (const [ns, exactNs] of [
        [found.p50Ns, at(0.5)],
        [found.p95Ns, at(0.95)],
      ] as const) {
        assert.ok(Math.abs(ns - exactNs) <= Math.max(1, 3e-5 * exactNs), `${ns} for ${exactNs} of ${count}`);
      }
    }
  });

  it('count those whose threads still sleep, and leave them out of the latencies', () => {
    const found = statisticsOf([NaN, 40, NaN]);
    assert.deepEqual([found.count, found.asleepCount, found.maxNs], [3, 2, 40]);
    assert.ok(Math.abs(found.p50Ns - 40) < 0.01);
    assert.deepEqual(statisticsOf([]), { count: 0, asleepCount: 0, p50Ns: NaN, p95Ns: NaN, maxNs: NaN });
  });
});
