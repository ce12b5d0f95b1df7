import assert from 'node:assert/strict';
import { type Hex } from '../../../native-helper/protocol/conventions.ts';
import { type EventRow } from '../../../native-helper/log/eventRows.ts';
import type { RangeDto } from '../../../native-helper/protocol/ranges.ts';
import { AddressAxis } from '../../../webview/model/addressAxis.ts';
import { AddressHeat, heatColumns, heatRows } from '../../../webview/model/addressHeat.ts';
import { everyFault, type FaultFilter } from '../../../webview/model/faultFilter.ts';
import { FaultStatistics } from '../../../webview/model/faultStatistics.ts';
import { FilteredFaults } from '../../../webview/model/filteredFaults.ts';
import {
  binEndNs,
  binStartNs,
  latencyBin,
  latencyBins,
  percentileNs,
} from '../../../native-helper/log/latencyBins.ts';
import { type LedgerSource } from '../../../webview/model/ledgerColumns.ts';
import { type CellVisitor } from '../../../webview/model/latencyBuckets.ts';
import { LatencyLevels } from '../../../webview/model/latencyLevels.ts';
import { type MatchedFaults } from '../../../webview/model/matchedFaults.ts';
import { RangeIndex } from '../../../webview/model/rangeIndex.ts';
import { Trace } from '../../../webview/model/trace.ts';
import { SeededRandom } from '../helper/seededRandom.ts';
import { batch, copy, pageBytes, raised, read, row, wake } from './buildRows.ts';
import { passes } from './plainFilter.ts';

const range = (firstPage: number, pages: number, backing = ''): RangeDto => ({
  start: `0x${(firstPage * pageBytes).toString(16)}`,
  lengthBytes: pages * pageBytes,
  modes: ['MISSING'],
  memory: 'anonymous',
  isShared: false,
  pageBytes,
  thpBytes: 0,
  backing,
});
const ranges = new RangeIndex([range(200, 100, 'guest-ram'), range(0, 100)]);

function sourceOf(trace: Trace): LedgerSource {
  const threadName = (tid: number): string => `worker-${tid % 10} ${tid}`;
  const codeWords = (address: Hex): string => `touch+${address}`;
  return { faults: trace.faults, ranges, threadName, codeWords, nowNs: trace.lastRowNs + 5000 };
}

/** A lawful log: faults raised, read, resolved and woken out of order, some never. */
function randomRows(seed: number, count: number): EventRow[] {
  const random = new SeededRandom(seed);
  const rows: EventRow[] = [];
  const open: number[] = [];
  let id = 0;
  let timeNs = 0;
  while (rows.length < count) {
    timeNs += random.below(3000);
    const page = random.below(2) * 200 + random.below(100);
    const step = random.below(7);
    if (step < 3) {
      if (random.below(2) === 0) {
        const address = BigInt(0x401000 + random.below(5));
        rows.push(row('code', timeNs, { faultId: id + 1, address }));
      }
      rows.push({ ...raised(timeNs, ++id, page, 100 + random.below(6)), flags: BigInt(random.below(8)) });
      open.push(page);
    } else if (step === 3 && id > 0) {
      rows.push(read(timeNs, Math.max(1, id - random.below(4))));
    } else if (open.length > 0) {
      const at = random.below(open.length);
      const resolved = open[at]!;
      const isWoken = step < 6;
      rows.push(step === 4 ? wake(timeNs, resolved) : copy(timeNs, resolved, { dontWake: !isWoken }));
      if (isWoken) {
        open.splice(at, 1);
      }
    }
  }
  return rows;
}

function refresh(filtered: MatchedFaults, source: LedgerSource): void {
  const work = filtered.refresh(source);
  while (work.next().done !== true) {
    // Each turn is a slice.
  }
}

const filters: Readonly<Record<string, Partial<FaultFilter>>> = {
  everything: {},
  'open ones': { scope: 'open' },
  'flagged ones': { scope: 'flagged' },
  'a thread’s name': { text: 'WORKER-3' },
  'a range’s name': { text: 'guest' },
  'an address': { text: '0xc80' },
  'a function': { text: 'Touch+' },
  'an instruction': { text: '+0x401003' },
  'two words': { text: 'worker-1 held' },
  kinds: { kinds: ['wp', 'minor'] },
  'writes to missing pages': { kinds: ['write'] },
  threads: { tids: [101, 104] },
  addresses: { pages: { from: 40, until: 230 } },
  latencies: { latencyNs: { from: 4000, until: 60_000 } },
  times: { timeNs: { from: 500_000, until: 2_000_000 } },
  'several parts at once': {
    tids: [100, 102, 103],
    latencyNs: { from: 2000, until: Infinity },
    pages: { from: 0, until: 250 },
    kinds: ['missing', 'wp'],
  },
};

/** What a plain walk over every fault gives. */
function reference(trace: Trace, filter: FaultFilter, startNs: number, endNs: number) {
  const source = sourceOf(trace);
  const { faults } = trace;
  const shown: number[] = [];
  const bins = new Uint32Array(latencyBins);
  let maxNs = 0;
  const places = new Map<number, number>();
  for (let i = 0; i < faults.count; i++) {
    if (!passes(filter, source, i)) {
      continue;
    }
    shown.push(i);
    const raisedNs = faults.raisedNs(i);
    places.set(faults.page(i), (places.get(faults.page(i)) ?? 0) + 1);
    if (!Number.isNaN(faults.endNs(i)) && raisedNs >= startNs && raisedNs < endNs) {
      bins[latencyBin(faults.endNs(i) - raisedNs)]!++;
      maxNs = Math.max(maxNs, faults.endNs(i) - raisedNs);
    }
  }
  return { shown, bins, maxNs, places };
}

/** Levels that were told of those of `shown` that are over and on this track, one by one. */
function plainLevels({ faults, lanes }: Trace, shown: readonly number[], lane: number, track: number) {
  const levels = new LatencyLevels();
  for (const i of shown) {
    if (!Number.isNaN(faults.endNs(i)) && lanes.lane(i) === lane && lanes.track(i) === track) {
      levels.add(i, faults.raisedNs(i), faults.endNs(i), faults);
    }
  }
  return levels;
}

/** All that levels tell, at their finest and as a whole. */
function cellsOf(levels: LatencyLevels): Parameters<CellVisitor>[] {
  const cells: Parameters<CellVisitor>[] = [];
  for (const stepNs of [1, 2 ** 26]) {
    levels.forEachCell(0, 2 ** 26, stepNs, (...cell) => cells.push(cell));
  }
  return cells;
}

describe('The filtered faults', () => {
  for (const [name, parts] of Object.entries(filters)) {
    it(`agree with a walk over all faults, also while rows stream in: ${name}`, () => {
      const filter = { ...everyFault, ...parts };
      const rows = randomRows(11, 24_000);
      const trace = new Trace();
      const filtered = new FilteredFaults(filter, trace.lanes);
      const statistics = new FaultStatistics(filter, sourceOf(trace), 0);
      for (let from = 0; from < rows.length; from += 5000) {
        const part = rows.slice(from, from + 5000);
        trace.append(batch(from + 1, ...part));
        refresh(filtered, sourceOf(trace));
        refresh(statistics, sourceOf(trace));
        const [startNs, endNs] = [trace.lastRowNs * 0.21, trace.lastRowNs * 0.83];
        const expected = reference(trace, filter, startNs, endNs);
        const shown = Array.from({ length: trace.faults.count }, (_, i) => i).filter((i) => filtered.has(i));
        assert.deepEqual(shown, expected.shown);
        assert.deepEqual([filtered.count, statistics.count], [shown.length, shown.length]);
        const histogram = statistics.latencies.within(startNs, endNs, trace.faults, statistics);
        assert.deepEqual(histogram.bins, expected.bins);
        assert.equal(histogram.maxNs, expected.maxNs);
        trace.lanes.list.forEach((lane, n) =>
          lane.tracks.forEach((_, t) =>
            assert.deepEqual(
              cellsOf(filtered.levels(n, t)),
              cellsOf(plainLevels(trace, expected.shown, n, t)),
            ),
          ),
        );
        const inHeat = statistics.heat.sum(0, heatRows, 0, heatColumns);
        assert.equal(inHeat, expected.shown.length, 'each fault is in one cell');
      }
    });
  }

  it('does not pass faults it has not looked at yet', () => {
    const trace = new Trace();
    const filtered = new FilteredFaults(everyFault, trace.lanes);
    trace.append(batch(1, raised(1, 1, 5)));
    assert.equal(filtered.has(0), false);
    refresh(filtered, sourceOf(trace));
    assert.equal(filtered.has(0), true);
  });

  it('counts a fault at the page its memory was moved to', () => {
    const trace = new Trace();
    const statistics = new FaultStatistics(everyFault, sourceOf(trace), 0);
    trace.append(batch(1, raised(1, 1, 5)));
    refresh(statistics, sourceOf(trace));
    const move = { address: BigInt(5 * pageBytes), lengthBytes: pageBytes, out: BigInt(250 * pageBytes) };
    trace.append(batch(2, row('remap', 2, move), copy(3, 250)));
    refresh(statistics, sourceOf(trace));
    assert.equal(statistics.heat.sum(0, heatRows / 2, 0, heatColumns), 0);
    assert.equal(statistics.heat.sum(heatRows / 2, heatRows, 0, heatColumns), 1);
  });
});

describe('Latency bins', () => {
  it('lie one behind the other, four to an octave, and hold what is between their ends', () => {
    for (let bin = 1; bin < latencyBins; bin++) {
      const startNs = binStartNs(bin);
      assert.equal(latencyBin(startNs), bin);
      assert.equal(latencyBin(startNs - 1), bin - 1);
      assert.equal(binEndNs(bin - 1), startNs);
    }
    assert.equal(binStartNs(4) / binStartNs(0 + 8), 0.5);
    assert.equal(latencyBin(0), 0);
    assert.equal(latencyBin(1e15), latencyBins - 1);
  });

  it('give percentiles at most a bin too long, and never above the longest', () => {
    const bins = new Uint32Array(latencyBins);
    for (let ns = 1000; ns <= 100_000; ns += 1000) {
      bins[latencyBin(ns)]!++;
    }
    const histogram = { bins, count: 100, maxNs: 100_000 };
    for (const share of [0.5, 0.95, 0.99]) {
      const exactNs = share * 100_000;
      const ns = percentileNs(histogram, share);
      assert.ok(ns >= exactNs && ns <= 1.25 * exactNs + 1000, `p${share}: ${ns}`);
    }
    assert.equal(percentileNs(histogram, 1), 100_000);
    assert.equal(percentileNs({ bins: new Uint32Array(latencyBins), count: 0, maxNs: 0 }, 0.5), 0);
  });
});

describe('The address heat map', () => {
  it('lays ranges one behind the other and finds pages and places again', () => {
    const axis = new AddressAxis(ranges.ranges);
    assert.equal(axis.pages, 200);
    assert.equal(axis.placeOf(250), 150);
    assert.equal(axis.pageAt(150), 250);
    assert.equal(axis.placeOf(150), -1);
    assert.equal(axis.wordsAt(100), '0xc8000');
  });

  it('halves its columns as time goes on and keeps every count', () => {
    const heat = new AddressHeat(new AddressAxis(ranges.ranges), 0);
    for (let n = 0; n < 1000; n++) {
      heat.count(n % 100, n * 5e6, 1);
    }
    assert.equal(heat.sum(0, heatRows, 0, heatColumns), 1000);
    const column = Math.floor((500 * 5e6) / heat.columnNs);
    assert.equal(heat.sum(0, heatRows, 0, column), Math.ceil((column * heat.columnNs) / 5e6));
    heat.count(7, 7 * 5e6, -1);
    assert.equal(heat.sum(0, heatRows, 0, heatColumns), 999);
  });
});
