import assert from 'node:assert/strict';
import { wholeHistory } from './wholeHistory.ts';
import { rowAt, rowsFrom, type EventRow } from '../../../native-helper/log/eventRows.ts';
import { servedMark } from '../../../native-helper/log/servedRows.ts';
import { packedRows, unpackRows } from '../../../native-helper/log/packedRows.ts';
import { LatencyOverview } from '../../../native-helper/log/latencyOverview.ts';
import { OpenFaults } from '../../../native-helper/log/openFaults.ts';
import { FaultTrace, isHeld, isResolvedButSleeping } from '../../../extension/session/faultTrace.ts';

const blank = { actor: 'kernel', lengthBytes: 0, flags: 0n, errno: 0, out: 0n } as const;
const addressOf = (faultId: number): bigint => 0x7f00_0000_0000n + BigInt(faultId) * 4096n;

function raised(faultId: number, timeNs: number): EventRow {
  return { ...blank, kind: 'raised', timeNs, faultId, address: addressOf(faultId), tid: 1000 + faultId };
}
function code(faultId: number, timeNs: number): EventRow {
  return { ...raised(faultId, timeNs), kind: 'code', address: 0x4000n + BigInt(faultId) };
}
function read(faultId: number, timeNs: number): EventRow {
  return { ...raised(faultId, timeNs), kind: 'read' };
}
function copy(faultId: number, timeNs: number, dontWake: boolean, pages = 1): EventRow {
  return {
    ...raised(faultId, timeNs),
    kind: 'copy',
    actor: 'user',
    lengthBytes: 4096 * pages,
    flags: dontWake ? 1n : 0n,
    out: 4096n * BigInt(pages),
  };
}
function wake(faultId: number, timeNs: number): EventRow {
  return { ...raised(faultId, timeNs), kind: 'wake', actor: 'user', lengthBytes: 4096 };
}

function heldCount(trace: FaultTrace): number {
  return trace.openFaults().filter(isHeld).length;
}

/** Appends rows as one batch that follows what the trace has. */
function append(trace: FaultTrace, ...rows: EventRow[]): void {
  trace.append(packedRows(rowsFrom(trace.revision + 1, rows)));
}

/** A fault that came and went, `rows` rows in all. */
function appendServed(trace: FaultTrace, firstFaultId: number, faults: number): void {
  for (let id = firstFaultId; id < firstFaultId + faults; id++) {
    append(trace, raised(id, id * 10), read(id, id * 10 + 1), copy(id, id * 10 + 2, false));
  }
}

function allRows(trace: FaultTrace): EventRow[] {
  return wholeHistory(trace)
    .map(unpackRows)
    .flatMap((rows) => Array.from({ length: rows.count }, (_, i) => rowAt(rows, i)));
}

/** What a page that is hydrated now would know. */
function hydrated(trace: FaultTrace): OpenFaults {
  const open = new OpenFaults();
  for (const batch of wholeHistory(trace)) {
    open.fold(unpackRows(batch));
  }
  return open;
}

describe('the trace of a session', () => {
  it('gives back the rows it got, in order, as contiguous batches', () => {
    const trace = new FaultTrace({ rows: 100, rowsPerChunk: 4 });
    const rows = [raised(1, 5), read(1, 6), copy(1, 7, true), raised(2, 8), read(2, 9), wake(1, 10)];
    append(trace, ...rows.slice(0, 3));
    append(trace, ...rows.slice(3));
    assert.deepEqual(allRows(trace), rows);
    assert.deepEqual(
      wholeHistory(trace).map((batch) => unpackRows(batch).firstSequence),
      [1, 5],
    );
    assert.equal(trace.revision, 6);
    assert.equal(trace.droppedRows, 0);
  });

  it('knows which faults are held and which are resolved but asleep', () => {
    const trace = new FaultTrace();
    append(trace, raised(1, 1), read(1, 2), raised(2, 3), read(2, 4), raised(3, 5));
    assert.equal(heldCount(trace), 2, 'a fault nobody has read is not held by us');
    append(trace, copy(1, 6, true));
    assert.equal(heldCount(trace), 1);
    assert.deepEqual(
      trace
        .openFaults()
        .filter(isResolvedButSleeping)
        .map(({ id }) => id),
      [1],
    );
    append(trace, wake(1, 7), copy(2, 8, false));
    assert.deepEqual(
      trace.openFaults().map(({ id }) => id),
      [3],
    );
    assert.equal(heldCount(trace), 0);
  });

  it('stays bounded, and counts what it dropped', () => {
    const trace = new FaultTrace({ rows: 30, rowsPerChunk: 6 });
    appendServed(trace, 1, 100);
    const kept = allRows(trace).length;
    assert.ok(kept <= 30, `${kept} rows kept`);
    assert.ok(kept > 30 - 6, `${kept} rows kept`);
    assert.equal(trace.droppedRows + kept, 300);
    assert.deepEqual(allRows(trace).at(-1), copy(100, 1002, false));
  });

  it('keeps the rows of faults that are still open when their part of the history is dropped', () => {
    const trace = new FaultTrace({ rows: 30, rowsPerChunk: 6 });
    append(trace, raised(1, 1), read(1, 2), raised(2, 3), read(2, 4), copy(2, 5, true), raised(3, 6));
    appendServed(trace, 10, 100);
    const open = hydrated(trace);
    assert.deepEqual(
      [...open.values()].map(({ id, tid, raisedNs, readNs, resolvedNs }) => [
        id,
        tid,
        raisedNs,
        readNs,
        resolvedNs,
      ]),
      [
        [1, 1001, 1, 2, NaN],
        [2, 1002, 3, 4, 5],
        [3, 1003, 6, NaN, NaN],
      ],
    );
    assert.ok(isHeld(open.get(1)!));
  });

  it('keeps with them the instruction that raised each, also where the history begins between the two', () => {
    // The first chunk of six ends with the code of fault 3.
    const rows = [
      code(1, 1),
      raised(1, 1),
      code(2, 2),
      raised(2, 2),
      copy(2, 3, false),
      code(3, 4),
      raised(3, 4),
    ];
    const isCode = ({ kind, faultId }: EventRow): boolean => kind === 'code' && faultId <= 3;
    for (const faults of [5, 100]) {
      const trace = new FaultTrace({ rows: 18, rowsPerChunk: 6 });
      append(trace, ...rows);
      appendServed(trace, 10, faults);
      assert.ok(trace.droppedRows > 0);
      const all = allRows(trace);
      const kept = all.filter(isCode);
      assert.deepEqual(
        kept.map(({ faultId, address }) => [faultId, address]),
        [
          [1, 0x4001n],
          [3, 0x4003n],
        ],
      );
      kept.forEach((row) => assert.deepEqual(all[all.indexOf(row) + 1], raised(row.faultId, row.timeNs)));
      const open = unpackRows(trace.rowsOfOpenFaults()!);
      assert.deepEqual(
        Array.from({ length: open.count }, (_, i) => rowAt(open, i)),
        [code(1, 1), raised(1, 1), code(3, 4), raised(3, 4)],
      );
    }
  });

  it('counts an instruction as no event', () => {
    const trace = new FaultTrace();
    append(trace, code(1, 5), raised(1, 5));
    assert.equal(trace.eventsSince(0), 1);
  });

  it('keeps what became of their memory, and what failed on them', () => {
    const trace = new FaultTrace({ rows: 30, rowsPerChunk: 6 });
    const page = (faultId: number) => raised(faultId, 0).address;
    const range = { ...raised(0, 5), tid: 0, lengthBytes: 4096 };
    append(trace, raised(1, 1), raised(2, 2), raised(3, 3));
    append(
      trace,
      { ...range, kind: 'remap', address: page(1), out: 0x7000_0000n },
      { ...range, kind: 'remove', address: page(2) },
      { ...copy(3, 6, false), errno: 17, out: -17n },
    );
    appendServed(trace, 10, 100);
    const open = hydrated(trace);
    assert.deepEqual(
      [...open.values()].map(({ id, page, stale }) => [id, page * 4096, stale]),
      [
        [1, 0x7000_0000, null],
        [2, Number(page(2)), 'removed'],
        [3, Number(page(3)), null],
      ],
    );
    assert.ok(allRows(trace).some(({ errno, faultId }) => errno === 17 && faultId === 3));
  });

  it('forgets those rows once the fault is over and its end is dropped as well', () => {
    const trace = new FaultTrace({ rows: 30, rowsPerChunk: 6 });
    append(trace, raised(1, 1), read(1, 2));
    appendServed(trace, 10, 100);
    append(trace, wake(1, 5000));
    appendServed(trace, 200, 100);
    assert.equal(hydrated(trace).size, 0);
    assert.ok(allRows(trace).every(({ faultId }) => faultId !== 1));
  });

  it('notices when a fault served at once lets an older one on the same page go on', () => {
    const trace = new FaultTrace({ rows: 12, rowsPerChunk: 6 });
    append(trace, raised(1, 1), read(1, 2), raised(2, 3));
    const samePage = (row: EventRow): EventRow => ({ ...row, address: addressOf(1) });
    append(trace, ...[raised(9, 4), read(9, 5), copy(9, 6, false)].map(samePage));
    appendServed(trace, 10, 20);
    assert.deepEqual(
      [...hydrated(trace).values()].map(({ id }) => id),
      [2],
    );
  });

  it('numbers kept rows so that a page sees one contiguous log', () => {
    const trace = new FaultTrace({ rows: 12, rowsPerChunk: 5 });
    // One COPY resolves both: its row must come once, or the numbers would not fit before the history.
    append(trace, raised(1, 1), read(1, 2), raised(2, 3), read(2, 4), copy(1, 5, true, 2));
    appendServed(trace, 10, 20);
    const batches = wholeHistory(trace).map(unpackRows);
    assert.equal(allRows(trace).filter(({ faultId }) => faultId <= 2).length, 5);
    batches.slice(1).forEach((batch, i) => {
      assert.equal(batch.firstSequence, batches[i]!.firstSequence + batches[i]!.count);
    });
    assert.ok(batches[0]!.firstSequence >= 1);
  });

  it('counts rows that never arrived as dropped, and goes on', () => {
    const trace = new FaultTrace();
    append(trace, raised(1, 1));
    trace.append(packedRows(rowsFrom(5, [raised(2, 2)])));
    assert.equal(trace.droppedRows, 3);
    assert.equal(trace.revision, 5);
    assert.equal(hydrated(trace).size, 2);
  });

  it('refuses what is not a batch or was there before, and keeps what it has', () => {
    const trace = new FaultTrace();
    append(trace, raised(1, 1), read(1, 2));
    assert.throws(() => trace.append(new ArrayBuffer(7)), RangeError);
    assert.throws(() => trace.append(packedRows(rowsFrom(2, [raised(9, 9)]))), /already known/);
    assert.equal(trace.revision, 2);
    assert.equal(heldCount(trace), 1);
  });

  it('counts the events since a time, across batches, and not what was done about them', () => {
    const trace = new FaultTrace({ rows: 100, rowsPerChunk: 4 });
    appendServed(trace, 1, 10);
    assert.equal(trace.eventsSince(80), 3);
    assert.equal(trace.eventsSince(0), 10);
    assert.equal(trace.eventsSince(1e9), 0);
    append(trace, { ...raised(0, 2e9), kind: 'unmap' }, { ...raised(0, 2e9), kind: 'fork' }, wake(0, 2e9));
    assert.equal(trace.eventsSince(1e9), 2);
  });

  it('keeps an overview of all that is over by thread, also of what it has dropped', () => {
    const trace = new FaultTrace({ rows: 12, rowsPerChunk: 5 });
    appendServed(trace, 1, 40);
    append(trace, {
      ...copy(89, 3e9, false),
      raisedBeforeNs: 2e9,
      readBeforeNs: 1e9,
      faultFlags: servedMark,
    });
    append(trace, raised(90, 4e9), read(90, 5e9));
    assert.ok(trace.droppedRows > 0);
    const overviews = trace.overview().map(({ bytes }) => LatencyOverview.unpacked(bytes));
    const counted = overviews.flatMap(({ counts }) => [...counts]).reduce((sum, count) => sum + count, 0);
    assert.equal(counted, 41, 'the one that is held is not over');
  });

  it('keeps faults served at once as one row each, counts them as events, and loses no open fault with them', () => {
    const trace = new FaultTrace({ rows: 12, rowsPerChunk: 4 });
    const times = { raisedBeforeNs: 3, readBeforeNs: 1, faultFlags: servedMark };
    const served = (id: number, timeNs: number, page = id): EventRow => {
      return { ...copy(id, timeNs, false), ...times, address: addressOf(page) };
    };
    append(trace, raised(1, 1), read(1, 2), raised(2, 3), served(9, 20, 1));
    for (let id = 10; id < 40; id++) {
      append(trace, served(id, 10 * id));
    }
    assert.equal(trace.droppedRows + trace.keptRows, 34);
    assert.ok(trace.droppedRows > 20);
    assert.equal(trace.eventsSince(380), 1, 'fault 38 was raised at 377');
    assert.equal(trace.eventsSince(377), 2);
    append(trace, { ...served(0, 1000), faultFlags: 0, kind: 'lost', out: 50n });
    assert.equal(trace.eventsSince(900), 50);
    assert.deepEqual(
      [...hydrated(trace).values()].map(({ id }) => id),
      [2],
      'fault 9 was on the page of fault 1',
    );
  });

  it('gives the rows after any sequence number, from whole chunks, parts of them and the newest rows', () => {
    const trace = new FaultTrace({ rows: 20, rowsPerChunk: 5 });
    appendServed(trace, 1, 9);
    // The others are kept apart, for a fault whose first rows are not in the history any more.
    const all = allRows(trace).slice(-trace.keptRows);
    const first = trace.revision - all.length + 1;
    assert.ok(first > 1 && all.length > 12);
    for (let sequence = 0; sequence < trace.revision; sequence++) {
      const next = trace.batchAfter(sequence)!;
      const rows = unpackRows(next.batch);
      const from = Math.max(sequence + 1, first);
      assert.deepEqual([rows.firstSequence, next.afterSequence], [from, from - 1]);
      assert.equal(next.lastSequence, rows.firstSequence + rows.count - 1);
      assert.deepEqual(
        Array.from({ length: rows.count }, (_, i) => rowAt(rows, i)),
        all.slice(from - first, from - first + rows.count),
      );
    }
    assert.equal(trace.batchAfter(trace.revision), null);
    assert.equal(trace.batchAfter(trace.revision + 5), null);
  });

  it('takes some 20 bytes for a fault served at once, so that ten million fit in 250 MB', () => {
    const trace = new FaultTrace();
    const faults = 200_000;
    for (let first = 1; first <= faults; first += 4000) {
      const list = Array.from({ length: 4000 }, (_, n): EventRow => {
        const id = first + n;
        const thread = id % 4;
        return {
          ...copy(id, 1e9 + 1700 * id, false),
          actor: 'rule',
          tid: 70_000 + thread,
          // Each thread goes through memory of its own.
          address: 0x7f00_0000_0000n + BigInt((thread * 2 ** 20 + id) * 4096),
          raisedBeforeNs: 1000 + ((id * 7919) % 60_000),
          readBeforeNs: 300 + ((id * 7919) % 50_000),
          faultFlags: servedMark,
        };
      });
      trace.append(packedRows(rowsFrom(first, list)));
    }
    const bytes = wholeHistory(trace).reduce((sum, batch) => sum + batch.byteLength, 0);
    assert.equal(trace.keptRows, faults);
    assert.ok(bytes / faults < 25, `${bytes / faults} bytes`);
  });

  it('hands out buffers of exactly one batch, ready to be posted', () => {
    const trace = new FaultTrace();
    append(trace, raised(1, 1));
    const [batch] = wholeHistory(trace);
    assert.equal(batch!.byteLength, packedRows(rowsFrom(1, [raised(1, 1)])).byteLength);
  });
});
