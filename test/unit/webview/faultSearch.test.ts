import assert from 'node:assert/strict';
import { everyFault } from '../../../webview/model/faultFilter.ts';
import {
  firstRaisedFrom,
  matchColumns,
  neighbourMatch,
  searchAsFilter,
  searchCount,
  searchWords,
} from '../../../webview/model/faultSearch.ts';
import { type LedgerSource } from '../../../webview/model/ledgerColumns.ts';
import { MatchedFaults } from '../../../webview/model/matchedFaults.ts';
import { RangeIndex } from '../../../webview/model/rangeIndex.ts';
import { xOf } from '../../../webview/model/timeScale.ts';
import { Trace } from '../../../webview/model/trace.ts';
import { SeededRandom } from '../helper/seededRandom.ts';
import { batch, copy, raised } from './buildRows.ts';
import { randomTrace } from './manyFaults.ts';
import { passes } from './plainFilter.ts';

function sourceOf(trace: Trace): LedgerSource {
  const threadName = (tid: number): string => `worker-${tid}`;
  return {
    faults: trace.faults,
    ranges: new RangeIndex([]),
    threadName,
    codeWords: String,
    nowNs: trace.lastRowNs,
  };
}

function refresh(found: MatchedFaults, source: LedgerSource): void {
  const work = found.refresh(source);
  while (work.next().done !== true) {
    // Each turn is a slice.
  }
}

function search(trace: Trace, text: string): MatchedFaults {
  const found = new MatchedFaults(searchAsFilter(everyFault, text), trace.faults);
  refresh(found, sourceOf(trace));
  return found;
}

/** What a plain walk over every fault finds. */
function walk(trace: Trace, text: string): number[] {
  const source = sourceOf(trace);
  const { first, count } = trace.faults;
  return Array.from({ length: count - first }, (_, n) => first + n).filter((i) =>
    passes({ ...everyFault, text }, source, i),
  );
}

const texts = ['worker-1', 'HELD', '0x3', 'worker-2 resolved', '7', 'worker', 'nothing like it'];

describe('The search', () => {
  for (const text of texts) {
    it(`finds, counts and steps as a walk over all faults does: ${text}`, () => {
      for (let seed = 1; seed <= 5; seed++) {
        const random = new SeededRandom(seed);
        const { trace } = randomTrace(random, 3000);
        const { faults } = trace;
        const found = search(trace, text);
        const expected = walk(trace, text);
        const { count } = searchCount(found, faults, -1);
        assert.equal(count, expected.length);
        for (let n = 0; n < 200; n++) {
          const at = random.below(faults.count + 1) - 1;
          const next = expected.find((i) => i > at) ?? expected[0] ?? -1;
          const previous = expected.findLast((i) => i < at) ?? expected.at(-1) ?? -1;
          assert.equal(neighbourMatch(found, faults, at, 1), next, `after ${at}`);
          assert.equal(neighbourMatch(found, faults, at, -1), previous, `before ${at}`);
          assert.equal(searchCount(found, faults, at).place, expected.indexOf(at) + 1, `place of ${at}`);
          const until = at + 1 + random.below(100);
          const between = expected.filter((i) => i > at && i < until);
          assert.equal(found.countBetween(at + 1, until), between.length);
        }
      }
    });
  }

  it('goes once through every match and round again, both ways', () => {
    const { trace } = randomTrace(new SeededRandom(9), 500);
    const found = search(trace, 'worker-1');
    const expected = walk(trace, 'worker-1');
    assert.ok(expected.length > 10, 'the sample is worth the test');
    const visited: number[] = [];
    let at = -1;
    for (let n = 0; n < 2 * expected.length; n++) {
      at = neighbourMatch(found, trace.faults, at, 1);
      visited.push(at);
    }
    assert.deepEqual(visited, [...expected, ...expected]);
    for (const i of visited.slice(0, -1).reverse()) {
      at = neighbourMatch(found, trace.faults, at, -1);
      assert.equal(at, i);
    }
  });

  it('stays up to date as faults come and end', () => {
    const trace = new Trace();
    trace.append(batch(1, raised(10, 1, 1, 1), raised(20, 2, 2, 2)));
    const found = search(trace, 'resolved');
    assert.deepEqual(searchCount(found, trace.faults, -1), { count: 0, place: 0, isSearching: false });
    trace.append(batch(3, copy(30, 2), raised(40, 3, 3, 1)));
    assert.equal(searchCount(found, trace.faults, -1).isSearching, true, 'the third was not looked at yet');
    refresh(found, sourceOf(trace));
    assert.equal(searchCount(found, trace.faults, 1).count, walk(trace, 'resolved').length);
    assert.deepEqual(
      walk(trace, 'resolved').filter((i) => found.has(i)),
      walk(trace, 'resolved'),
    );
  });

  it('leaves out faults that are no longer kept', () => {
    const trace = new Trace();
    const source = sourceOf(trace);
    trace.append(batch(1, raised(10, 1, 1, 1), copy(15, 1), raised(20, 2, 2, 1), copy(25, 2)));
    const found = new MatchedFaults(searchAsFilter(everyFault, 'worker-1'), trace.faults);
    refresh(found, source);
    trace.faults.first = 1;
    assert.deepEqual(searchCount(found, trace.faults, 0), { count: 1, place: 0, isSearching: false });
    assert.equal(neighbourMatch(found, trace.faults, 1, -1), 1, 'round to itself');
  });

  it('looks at few faults at a time, and says until the end that it is still searching', () => {
    const { trace } = randomTrace(new SeededRandom(6), 20_000);
    const { faults } = trace;
    const found = new MatchedFaults(searchAsFilter(everyFault, 'worker'), faults);
    const work = found.refresh(sourceOf(trace));
    let seen = 0;
    while (work.next().done !== true) {
      assert.ok(found.seenCount - seen <= 4096, 'a slice stays far below a frame');
      seen = found.seenCount;
      const { count, isSearching } = searchCount(found, faults, -1);
      assert.deepEqual([count, isSearching], [seen, seen < faults.count], 'every fault matches');
    }
    assert.equal(seen, faults.count);
  });

  it('begins where the faults raised from a moment on begin', () => {
    const { trace } = randomTrace(new SeededRandom(4), 2000);
    const { faults } = trace;
    const random = new SeededRandom(5);
    for (let n = 0; n < 200; n++) {
      const timeNs = random.below(Math.ceil(trace.lastRowNs * 1.1));
      const i = firstRaisedFrom(faults, timeNs);
      assert.ok(i === 0 || faults.raisedNs(i - 1) < timeNs);
      assert.ok(i === faults.count || faults.raisedNs(i) >= timeNs);
    }
  });

  it('tells in which pixel columns it finds something', () => {
    const rows = Array.from({ length: 1000 }, (_, n) => raised(7 * n, n + 1, n, n % 37 === 0 ? 8 : 9));
    const trace = new Trace();
    trace.append(batch(1, ...rows));
    const scale = { startNs: 1400, endNs: 4900, widthPx: 150 };
    const wanted = new Uint8Array(150);
    for (const i of walk(trace, 'worker-8')) {
      const column = Math.floor(xOf(scale, trace.faults.raisedNs(i)));
      if (column >= 0 && column < 150) {
        wanted[column] = 1;
      }
    }
    assert.ok(wanted.includes(0) && wanted.includes(1));
    assert.deepEqual(matchColumns(search(trace, 'worker-8'), trace.faults, scale), wanted);
  });

  it('looks among what the filter lets through', () => {
    const filter = searchAsFilter({ ...everyFault, text: 'held', tids: [3] }, ' worker ');
    assert.deepEqual(filter, { ...everyFault, text: 'held  worker', tids: [3] });
    assert.equal(searchAsFilter(everyFault, 'x').text, 'x');
  });

  it('says how many there are, which one is selected, and that it has not seen all yet', () => {
    assert.equal(searchWords({ count: 0, place: 0, isSearching: false }), 'No results');
    assert.equal(searchWords({ count: 0, place: 0, isSearching: true }), 'Searching…');
    assert.equal(searchWords({ count: 128, place: 3, isSearching: false }), '3 of 128');
    assert.equal(searchWords({ count: 128, place: 0, isSearching: false }), '? of 128');
    assert.equal(
      searchWords({ count: 1_234_567, place: 1000, isSearching: true }),
      '1\u202f000 of 1\u202f234\u202f567, searching…',
    );
  });
});
