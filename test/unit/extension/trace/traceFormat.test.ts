import assert from 'node:assert/strict';
import { RecordBatchFileWriter, RecordBatchStreamWriter, tableFromArrays } from 'apache-arrow';
import {
  formatVersion,
  headerFrom,
  headerMetadata,
  updateFrom,
  type TraceHeader,
  type TraceUpdate,
} from '../../../../extension/trace/format/traceHeader.ts';
import { UnreadableTrace, type TraceProblem } from '../../../../extension/trace/format/traceProblem.ts';
import { readHeader, readRows } from '../../../../extension/trace/format/traceReader.ts';
import { readOutline } from '../../../../extension/trace/format/traceOutline.ts';
import { TraceEncoder } from '../../../../extension/trace/format/traceEncoder.ts';
import { OpenFaults } from '../../../../native-helper/log/openFaults.ts';
import { rowAt, rowKinds, rowsFrom, type EventRow } from '../../../../native-helper/log/eventRows.ts';
import { SeededRandom } from '../../helper/seededRandom.ts';
import { range } from '../fakeHelper.ts';
import {
  batchesOf,
  extremeRow,
  fileOf,
  header,
  lostRow,
  servedAtOnce,
  servedFaults,
  sourceOf,
} from './sampleRecording.ts';

interface Reading {
  readonly header: TraceHeader | null;
  readonly rows: EventRow[];
  readonly updates: TraceUpdate[];
  readonly problem: TraceProblem | null;
}

/** Reads it, and folds what it reads as the timeline does. */
async function read(bytes: Uint8Array, isCancelled?: () => boolean): Promise<Reading> {
  const reading = {
    header: null as TraceHeader | null,
    rows: [] as EventRow[],
    updates: [] as TraceUpdate[],
  };
  const fold = new OpenFaults();
  try {
    const source = sourceOf(bytes);
    reading.header = await readHeader(source);
    const problem = await readRows(
      source,
      reading.header,
      {
        onRows: (rows, update) => {
          fold.fold(rows);
          reading.rows.push(...Array.from({ length: rows.count }, (_, i) => rowAt(rows, i)));
          reading.updates.push(update);
        },
      },
      isCancelled,
    );
    return { ...reading, problem };
  } catch (error) {
    assert.ok(error instanceof UnreadableTrace, String(error));
    return { ...reading, problem: error.problem };
  }
}

describe('a trace file', () => {
  const rows = servedFaults(1000);
  const file = fileOf(batchesOf(rows, 300));

  it('gives back every row as it was, and what it says of its session', async () => {
    const kinds = rowKinds.map((kind): EventRow => ({ ...extremeRow, kind: kind === 'lost' ? 'log' : kind }));
    const all = [...rows, extremeRow, ...kinds, ...servedAtOnce(100), lostRow];
    const reading = await read(fileOf(batchesOf(all, 300)));
    assert.equal(reading.problem, null);
    assert.deepEqual(reading.rows, all);
    assert.deepEqual(reading.header, header);
  });

  it('tells threads and ranges that came later with the batch they came with', async () => {
    const encoder = new TraceEncoder(header);
    const threads = [...header.threads, { tid: 2, comm: 'é' }];
    const ranges = [range('0x1000')];
    const codes = [{ address: '0x1000', name: 'libfoo.so+0x10', source: null }, ...header.codes];
    const [first, second] = batchesOf(rows, 1500);
    const bytes = [
      encoder.start(),
      encoder.batch(first!),
      encoder.batch(second!, { threads, codes, ranges }),
    ];
    assert.deepEqual((await read(Buffer.concat(bytes))).updates, [{}, { threads, codes, ranges }]);
  });

  it('tells what is others also without rows, wherever that comes', async () => {
    const encoder = new TraceEncoder(header);
    const [{ codes }, threads] = [header, [{ tid: 3, comm: '' }]];
    const [first, second] = batchesOf(rows, 1500);
    const bytes = Buffer.concat([
      encoder.start(),
      encoder.update({ codes }),
      encoder.batch(first!),
      encoder.update({ codes, threads }),
      encoder.batch(second!),
      encoder.update({ threads }),
      encoder.end(),
    ]);
    const reading = await read(bytes);
    assert.deepEqual([reading.problem, reading.rows.length], [null, 3000]);
    assert.deepEqual(reading.updates, [{ codes }, {}, { codes, threads }, {}, { threads }]);
    assert.equal((await readOutline(sourceOf(bytes)))?.lastSequence, 3000);
  });

  it('from before instructions were told is read as before, with none', () => {
    const older = headerMetadata(header);
    assert.ok(older.delete('uffd.codes'));
    assert.deepEqual(headerFrom(older, formatVersion), { ...header, codes: [] });
    assert.deepEqual(updateFrom(new Map()), {});
    assert.throws(
      () => headerFrom(older.set('uffd.codes', '[{"address":"1"}]'), formatVersion),
      /uffd\.codes/,
    );
  });

  it('may leave out sequence numbers between two batches, but repeats none', async () => {
    const [first, second] = [rowsFrom(5, rows.slice(0, 3)), rowsFrom(100, rows.slice(3, 6))];
    assert.equal((await read(fileOf([first, second]))).rows.length, 6);
    const reading = await read(fileOf([second, first]));
    assert.deepEqual([reading.rows.length, reading.problem?.kind], [3, 'corrupt']);
  });

  it('is readable up to its last whole batch wherever it is cut off', async function () {
    this.timeout(60_000);
    const random = new SeededRandom(3);
    const whole = (await read(file)).rows;
    for (let n = 0; n < 300; n++) {
      const cut = file.subarray(0, random.below(file.length));
      const { rows: found, problem } = await read(cut);
      assert.deepEqual(found, whole.slice(0, found.length));
      assert.ok(found.length % 300 === 0, `${found.length} rows`);
      assert.ok(problem !== null && ['empty', 'notArrow', 'truncated', 'unfinished'].includes(problem.kind));
    }
  });

  it('comes to an end whichever of its bits are turned over', async function () {
    this.timeout(60_000);
    const random = new SeededRandom(11);
    const small = fileOf(batchesOf(rows.slice(0, 60), 20));
    let damaged = 0;
    for (let n = 0; n < 3000; n++) {
      const bytes = Buffer.from(small);
      for (let flips = 1 + random.below(4); flips > 0; flips--) {
        const at = random.below(bytes.length);
        bytes[at]! ^= 1 << random.below(8);
      }
      const reading = await read(bytes);
      assert.ok(reading.rows.length <= 60);
      damaged += reading.problem === null ? 0 : 1;
    }
    assert.ok(damaged > 300, `${damaged} were found damaged`);
  });

  it('is not taken for whole when it was not ended', async () => {
    const reading = await read(fileOf(batchesOf(rows, 300), false));
    assert.deepEqual([reading.rows.length, reading.problem], [3000, { kind: 'unfinished' }]);
  });

  it('of a newer format is read as far as its columns are known, and named', async () => {
    const newer = Buffer.from(
      file.toString('latin1').replace('\u0001\0\0\x001\0', '\u0001\0\0\x009\0'),
      'latin1',
    );
    assert.notDeepEqual(newer, file, 'the version is in the file');
    const reading = await read(newer);
    assert.deepEqual(reading.problem, { kind: 'newer', version: 9 });
    assert.equal(reading.rows.length, 3000);
    assert.equal(formatVersion, 1);
  });

  it('is told from what is none', async () => {
    const table = tableFromArrays({ a: Int32Array.of(1, 2) });
    const kinds = await Promise.all(
      [
        Buffer.alloc(0),
        Buffer.from('#!/bin/sh\necho hello\n'),
        Buffer.alloc(100_000),
        RecordBatchFileWriter.writeAll(table).toUint8Array(true),
        RecordBatchStreamWriter.writeAll(table).toUint8Array(true),
      ].map(async (bytes) => (await read(bytes)).problem?.kind),
    );
    assert.deepEqual(kinds, ['empty', 'notArrow', 'notArrow', 'arrowFile', 'foreign']);
  });

  it('stops being read when that is cancelled', async () => {
    let batches = 0;
    const reading = await read(file, () => ++batches > 6);
    assert.deepEqual(reading.problem, { kind: 'cancelled' });
    assert.ok(reading.rows.length > 0 && reading.rows.length < 3000);
  });
});
