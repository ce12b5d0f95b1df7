/**
 * timeline-filter: a filter over very many faults, run as the page runs it: until there is a first
 * result, until all are there, and the longest time between two yields. In Node, without a page.
 */
import { actorCode, allocateRows, kindCode } from '../../native-helper/log/eventRows.ts';
import { servedMark } from '../../native-helper/log/servedRows.ts';
import { everyFault, type FaultFilter } from '../../webview/model/faultFilter.ts';
import { FaultStatistics } from '../../webview/model/faultStatistics.ts';
import { FilteredFaults } from '../../webview/model/filteredFaults.ts';
import { type LedgerSource } from '../../webview/model/ledgerColumns.ts';
import { MatchedFaults } from '../../webview/model/matchedFaults.ts';
import { RangeIndex } from '../../webview/model/rangeIndex.ts';
import { Trace } from '../../webview/model/trace.ts';
import { SeededRandom } from '../unit/helper/seededRandom.ts';
import { type Measure, type Measurement, measurement } from './measurement.ts';

const faultCount = 10_000_000;
const batchFaults = 50_000;
const pageBytes = 4096;
const firstPage = 0x7f3a5c000;
const pages = 1 << 20;
const threads = 8;
const goalMs = { first: 50, all: 150, slice: 8 };

const filters: Readonly<Record<string, Partial<FaultFilter>>> = {
  latency: { latencyNs: { from: 40_000, until: 60_000 } },
  'addresses and time': {
    pages: { from: firstPage + 1000, until: firstPage + 300_000 },
    timeNs: { from: 5e9, until: 60e9 },
  },
  thread: { tids: [1003] },
  'writes of a thread': { kinds: ['write'], tids: [1002] },
  'thread by text': { text: 'worker-3' },
};

export const timelineFilter: Measure = () => {
  const trace = new Trace();
  fill(trace, new SeededRandom(1));
  const ranges = new RangeIndex([
    {
      start: `0x${(firstPage * pageBytes).toString(16)}`,
      lengthBytes: pages * pageBytes,
      modes: ['MISSING'],
      memory: 'anonymous',
      isShared: false,
      pageBytes,
      thpBytes: 0,
      backing: '',
    },
  ]);
  const threadName = (tid: number): string => `worker-${tid % 1000} ${tid}`;
  const source = { faults: trace.faults, ranges, threadName, codeWords: String, nowNs: trace.lastRowNs };
  const measured: Measurement[] = [];
  for (const [name, parts] of Object.entries(filters)) {
    const filter = { ...everyFault, ...parts };
    const matches = new MatchedFaults(filter, trace.faults);
    measured.push(...timesOf(matches, source, `${name}, which faults match`));
    const shown = new FilteredFaults(filter, trace.lanes);
    measured.push(...timesOf(shown, source, `${name}, the chart`));
    const statistics = new FaultStatistics(filter, source, 0);
    measured.push(...timesOf(statistics, source, `${name}, the statistics while they show`));
  }
  return Promise.resolve(measured);
};

function timesOf(matched: MatchedFaults, source: LedgerSource, name: string): Measurement[] {
  const startMs = performance.now();
  let firstMs = NaN;
  let longestMs = 0;
  let sliceStartMs = startMs;
  const work = matched.refresh(source);
  while (work.next().done !== true) {
    const nowMs = performance.now();
    longestMs = Math.max(longestMs, nowMs - sliceStartMs);
    sliceStartMs = nowMs;
    if (Number.isNaN(firstMs) && matched.count > 0) {
      firstMs = nowMs - startMs;
    }
  }
  const allMs = performance.now() - startMs;
  const what = `${name}: ${matched.count} of ${source.faults.count} faults`;
  return [
    measurement(firstMs, 'ms', goalMs.first, `${what}; to the first; reference: goal`),
    measurement(allMs, 'ms', goalMs.all, `${what}; to all; reference: goal`),
    measurement(longestMs, 'ms', goalMs.slice, `${what}; longest between two yields; reference: goal`),
  ];
}

/** Faults that were served at once, one after the other on each of some threads. */
function fill(trace: Trace, random: SeededRandom): void {
  for (let made = 0; made < faultCount; made += batchFaults) {
    const rows = allocateRows(made + 1, Math.min(batchFaults, faultCount - made));
    for (let n = 0; n < rows.count; n++) {
      const latencyNs = 1000 + random.below(70_000);
      rows.kind[n] = kindCode.copy;
      rows.actor[n] = actorCode.rule;
      rows.timeNs[n] = (made + n) * 10_000 + 80_000;
      rows.faultId[n] = made + n + 1;
      rows.tid[n] = 1000 + ((made + n) % threads);
      rows.address[n] = BigInt((firstPage + random.below(pages)) * pageBytes);
      rows.lengthBytes[n] = pageBytes;
      rows.out[n] = BigInt(pageBytes);
      rows.raisedBeforeNs[n] = latencyNs;
      rows.readBeforeNs[n] = latencyNs >> 1;
      rows.faultFlags[n] = servedMark | random.below(2);
    }
    trace.load(rows);
  }
}
