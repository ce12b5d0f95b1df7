import assert from 'node:assert/strict';
import {
  LatencyHistogram,
  TraceStatistics,
  workingSets,
} from '../../../../extension/trace/traceStatistics.ts';
import { PageSet } from '../../../../extension/trace/pageSet.ts';
import { rowsFrom, type EventRow } from '../../../../native-helper/log/eventRows.ts';
import { SeededRandom } from '../../helper/seededRandom.ts';
import { range } from '../fakeHelper.ts';
import { servedAtOnce, servedFaults } from './sampleRecording.ts';

function setOf(pages: readonly number[]): PageSet {
  const set = new PageSet();
  pages.forEach((page) => set.add(page));
  return set;
}

describe('the statistics of a trace', () => {
  it('know percentiles to about a percent, and the slowest exactly', () => {
    const random = new SeededRandom(5);
    const histogram = new LatencyHistogram();
    const all = Array.from({ length: 10_000 }, () => Math.floor(2 ** (random.below(40_000) / 1000)));
    all.forEach((ns) => histogram.add(ns));
    all.sort((a, b) => a - b);
    for (const share of [0.5, 0.95, 0.99]) {
      const exact = all[Math.ceil(share * all.length) - 1]!;
      const found = histogram.percentileNs(share);
      assert.ok(Math.abs(found / exact - 1) < 0.012, `${share}: ${found} for ${exact}`);
    }
    assert.equal(histogram.maxNs, all.at(-1));
    assert.equal(
      histogram.steps().reduce((sum, count) => sum + count, 0),
      10_000,
    );
  });

  it('have four steps per octave', () => {
    const histogram = new LatencyHistogram();
    [1024, 1024 * 2 ** 0.26, 2047, 2048, 0].forEach((ns) => histogram.add(ns));
    const filled = [...histogram.steps().entries()].filter(([, count]) => count > 0);
    assert.deepEqual(filled, [
      [0, 1],
      [40, 1],
      [41, 1],
      [43, 1],
      [44, 1],
    ]);
    assert.ok(Number.isNaN(new LatencyHistogram().percentileNs(0.5)));
  });

  it('are of served faults, by kind, however their rows are written', () => {
    const raised = (faultId: number, flags: bigint, tid: number): EventRow => ({
      kind: 'raised',
      actor: 'kernel',
      timeNs: 0,
      faultId,
      address: 4096n * BigInt(faultId),
      lengthBytes: 0,
      tid,
      flags,
      errno: 0,
      out: 0n,
    });
    const wake = (faultId: number): EventRow => ({
      ...raised(faultId, 0n, 0),
      kind: 'wake',
      actor: 'detach',
      lengthBytes: 4096,
      timeNs: 9,
    });
    const statistics = new TraceStatistics();
    statistics.add(rowsFrom(1, servedAtOnce(10)));
    // Handed back: not served.
    statistics.add(rowsFrom(11, [raised(1001, 0n, 91), wake(1001)]));
    assert.deepEqual(
      Object.values(statistics.latencies).map(({ count, maxNs }) => [count, maxNs]),
      [
        [10, 900],
        [0, 0],
        [0, 0],
      ],
    );
    assert.equal(statistics.pages.size, 11);
    const three = new TraceStatistics();
    three.add(rowsFrom(1, servedFaults(300)));
    assert.deepEqual([three.latencies.missing.count, three.pages.size], [300, 256]);
  });

  it('know a set of pages however far apart they lie', () => {
    const random = new SeededRandom(31);
    const pages = Array.from({ length: 5000 }, (_, n) =>
      n % 2 === 0 ? 0x7f00_0000_0 + random.below(4000) : random.below(2 ** 31) * 2 ** 14 + random.below(64),
    );
    const set = setOf(pages);
    const expected = new Set(pages);
    assert.equal(set.size, expected.size);
    const found: number[] = [];
    set.forEachIn(0, Infinity, (page) => found.push(page));
    assert.deepEqual(
      found.sort((a, b) => a - b),
      [...expected].sort((a, b) => a - b),
    );
    const [start, end] = [0x7f00_0000_0 + 100, 0x7f00_0000_0 + 2000];
    const within: number[] = [];
    set.forEachIn(start, end, (page) => within.push(page));
    assert.deepEqual(new Set(within), new Set(pages.filter((page) => page >= start && page < end)));
    assert.deepEqual([set.has(pages[7]!), set.has(0x7f00_0000_0 + 4001)], [true, false]);
  });

  it('compare working sets by range, wherever the ranges lie', () => {
    const set = (start: number, ...pages: number[]) => setOf(pages.map((page) => start + page));
    assert.deepEqual(
      workingSets(
        { pages: setOf([0x10, 0x11, 0x12, 0x999]), ranges: [range('0x10000', 16 * 4096)] },
        { pages: set(0x70, 1, 2, 3, 4), ranges: [range('0x70000', 16 * 4096)] },
      ),
      [
        { range: range('0x10000', 16 * 4096), first: 3, second: 4, common: 2 },
        { range: null, first: 1, second: 0, common: 0 },
      ],
    );
    // The same place goes before the same length.
    const [a, b] = [range('0x10000', 4096), range('0x20000', 4096)];
    assert.deepEqual(
      workingSets({ pages: set(0x20, 0), ranges: [a, b] }, { pages: set(0x20, 0), ranges: [b, a] }).map(
        ({ range: found, common }) => [found?.start, common],
      ),
      [
        ['0x10000', 0],
        ['0x20000', 1],
      ],
    );
  });
});
