import assert from 'node:assert/strict';
import { type EventRow } from '../../../native-helper/log/eventRows.ts';
import type { RangeDto } from '../../../native-helper/protocol/ranges.ts';
import { ledgerColumn, ledgerColumnIds, type LedgerSource } from '../../../webview/model/ledgerColumns.ts';
import { everyFault, type FaultFilter } from '../../../webview/model/faultFilter.ts';
import { LedgerListing, type LedgerSort } from '../../../webview/model/ledgerListing.ts';
import { RangeIndex } from '../../../webview/model/rangeIndex.ts';
import { Trace } from '../../../webview/model/trace.ts';
import { SeededRandom } from '../helper/seededRandom.ts';
import { batch, copy, pageBytes, raised, read, row, traceOf, wake } from './buildRows.ts';
import { passes } from './plainFilter.ts';

const everything = everyFault;
const byId: LedgerSort = { column: 'id', isDescending: false };
const threadName = (tid: number): string => (tid === 0 ? 'Unknown thread' : `worker-${tid % 3} ${tid}`);
const range = (startPage: number, pages: number): RangeDto => ({
  start: `0x${(startPage * pageBytes).toString(16)}`,
  lengthBytes: pages * pageBytes,
  modes: ['MISSING'],
  memory: 'anonymous',
  isShared: false,
  pageBytes,
  thpBytes: 0,
  backing: '',
});
const ranges = new RangeIndex([range(40, 20), range(0, 20)]);

function sourceOf(trace: Trace, nowNs = 1000): LedgerSource {
  return { faults: trace.faults, ranges, threadName, codeWords: String, nowNs };
}

function refresh(
  listing: LedgerListing,
  source: LedgerSource,
  filter: FaultFilter,
  sort: LedgerSort,
): number[] {
  const work = listing.refresh(source, filter, sort);
  while (work.next().done !== true) {
    // Nothing happens in between.
  }
  return [...listing.rows].map((i) => source.faults.id(i));
}

function listed(trace: Trace, filter: Partial<FaultFilter>, sort = byId, nowNs = 1000): number[] {
  return refresh(new LedgerListing(), sourceOf(trace, nowNs), { ...everything, ...filter }, sort);
}

/** The same by filter and sort of plain arrays. */
function reference(source: LedgerSource, filter: FaultFilter, sort: LedgerSort): number[] {
  const key = ledgerColumn(sort.column).keyOf(source);
  const sign = sort.isDescending ? -1 : 1;
  const keyOf = (i: number): number => (Number.isNaN(key(i)) ? Infinity : sign * key(i));
  return Array.from({ length: source.faults.count }, (_, i) => i)
    .filter((i) => passes(filter, source, i))
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : keyOf(a) > keyOf(b) ? 1 : a - b))
    .map((i) => source.faults.id(i));
}

/** A random but lawful log of `count` steps. */
function randomRows(seed: number, count: number): EventRow[] {
  const random = new SeededRandom(seed);
  const pick = (n: number): number => random.below(n);
  let faultId = 0;
  return Array.from({ length: count }, (_, n): EventRow => {
    const timeNs = 10 * n + pick(10);
    const page = pick(70);
    switch (pick(9)) {
      case 0:
      case 1:
      case 2:
        return { ...raised(timeNs, ++faultId, page, pick(6)), flags: BigInt(pick(4)) };
      case 3:
        return read(timeNs, Math.max(1, faultId - pick(3)));
      case 4:
        return copy(timeNs, page, { dontWake: pick(2) === 0 });
      case 5:
        return copy(timeNs, page, { errno: [17, 11, 2][pick(3)]!, out: -1n });
      case 6:
        return row(pick(2) === 0 ? 'remove' : 'unmap', timeNs, {
          address: BigInt(page * pageBytes),
          lengthBytes: 3 * pageBytes,
        });
      default:
        return wake(timeNs, page, 1 + pick(4));
    }
  });
}

describe('The ledger’s listing', () => {
  it('agrees with a plain filter and sort, for every column both ways', () => {
    const trace = new Trace();
    trace.load(batch(1, ...randomRows(3, 4000)));
    const source = sourceOf(trace, 2e9);
    for (const column of ledgerColumnIds) {
      for (const isDescending of [false, true]) {
        for (const filter of [everything, { ...everything, text: 'worker-1', scope: 'flagged' as const }]) {
          const sort = { column, isDescending };
          const got = refresh(new LedgerListing(), source, filter, sort);
          assert.deepEqual(got, reference(source, filter, sort), `${column} ${isDescending}`);
        }
      }
    }
  });

  it('stays right while rows stream in, taking up only what is new or was open', () => {
    const rows = randomRows(5, 3000);
    for (const column of ['id', 'latency', 'state', 'thread', 'ioctls', 'flags'] as const) {
      for (const filter of [
        everything,
        { ...everything, text: 'copy' },
        { ...everything, scope: 'open' as const },
      ]) {
        const sort = { column, isDescending: true };
        const listing = new LedgerListing();
        const trace = new Trace();
        for (let from = 0; from < rows.length; from += 500) {
          trace.append(batch(from + 1, ...rows.slice(from, from + 500)));
          const source = sourceOf(trace, 10 * (from + 500));
          const got = refresh(listing, { ...source, ranges, threadName }, filter, sort);
          assert.deepEqual(got, reference(source, filter, sort), `${column} after ${from + 500} rows`);
        }
      }
    }
  });

  it('lets the page do something else in between, and changes only when it is done', () => {
    const trace = new Trace();
    trace.load(batch(1, ...Array.from({ length: 20_000 }, (_, n) => raised(n, n + 1, n))));
    const listing = new LedgerListing();
    const work = listing.refresh(sourceOf(trace), everything, { column: 'address', isDescending: true });
    let pauses = 0;
    while (work.next().done !== true) {
      pauses++;
      assert.equal(listing.rows.length, 0);
    }
    assert.ok(pauses > 10, `${pauses} pauses`);
    assert.equal(listing.rows.length, 20_000);
    assert.equal(listing.placeOf(19_999), 0);
    assert.equal(listing.placeOf(-1), -1);
  });

  it('puts faults without the time sorted by last, either way', () => {
    const trace = traceOf(
      raised(1, 1, 1, 7),
      wake(2, 1),
      raised(10, 2, 2, 7),
      read(12, 2),
      copy(15, 2),
      raised(20, 3, 3, 8),
      read(25, 3),
      copy(30, 3),
    );
    assert.deepEqual(listed(trace, {}, { column: 'waiting', isDescending: false }), [2, 3, 1]);
    assert.deepEqual(listed(trace, {}, { column: 'waiting', isDescending: true }), [3, 2, 1]);
  });
});

describe('The ledger’s filter', () => {
  const trace = traceOf(
    raised(1, 11, 5, 7),
    read(2, 11),
    copy(3, 5, { errno: 17, out: -17n }),
    { ...raised(4, 12, 0x1a2, 8), flags: 1n, out: 1n },
    copy(5, 0x1a2),
    raised(6, 13, 9),
  );

  const found = (text: string): number[] => listed(trace, { text });

  it('matches thread, state, access, ioctl, errno, flag, number and address', () => {
    assert.deepEqual(found('worker-1'), [11]);
    assert.deepEqual(found('unknown'), [13]);
    assert.deepEqual(found('Held'), [11]);
    assert.deepEqual(found('WRITE'), [12]);
    assert.deepEqual(found('copy'), [11, 12]);
    assert.deepEqual(found('eexist'), [11]);
    assert.deepEqual(found('nobody'), [11]);
    assert.deepEqual(found('inferred'), [12]);
    assert.deepEqual(found('13'), [13]);
    assert.deepEqual(found('0x1a2'), [12]);
    assert.deepEqual(found('1a2000'), [12]);
  });

  it('wants every word to match', () => {
    assert.deepEqual(found('copy  worker'), [11, 12]);
    assert.deepEqual(found('copy eexist'), [11]);
    assert.deepEqual(found('copy unknown'), []);
  });

  it('lists only the open or only the flagged', () => {
    assert.deepEqual(listed(trace, { scope: 'open' }), [11, 13]);
    assert.deepEqual(listed(trace, { scope: 'flagged' }), [11]);
    assert.deepEqual(listed(trace, { scope: 'open', text: 'unknown' }), [13]);
  });

  it('comes to list a fault once it is flagged only by its age', () => {
    const held = traceOf(raised(1, 1, 1, 7), read(2, 1));
    const listing = new LedgerListing();
    const flagged: FaultFilter = { ...everything, scope: 'flagged' };
    assert.deepEqual(refresh(listing, sourceOf(held, 100), flagged, byId), []);
    assert.deepEqual(refresh(listing, sourceOf(held, 3e9), flagged, byId), [1]);
  });
});
