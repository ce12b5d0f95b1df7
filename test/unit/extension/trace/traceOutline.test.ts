import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readOutline } from '../../../../extension/trace/format/traceOutline.ts';
import { TraceEncoder } from '../../../../extension/trace/format/traceEncoder.ts';
import { OpenedTrace } from '../../../../extension/trace/openedTrace.ts';
import { FaultTrace } from '../../../../extension/session/faultTrace.ts';
import { rowsFrom, type EventRow } from '../../../../native-helper/log/eventRows.ts';
import { bucketCount, LatencyOverview } from '../../../../native-helper/log/latencyOverview.ts';
import { packedRows, unpackRows } from '../../../../native-helper/log/packedRows.ts';
import { SeededRandom } from '../../helper/seededRandom.ts';
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

/** Faults of five threads over seconds, in pauses and storms; some are open at the end. */
function longRecording(): EventRow[] {
  const random = new SeededRandom(17);
  let timeNs = 0;
  return [...servedFaults(3000, 5, random), ...servedAtOnce(3000, 5)]
    .sort((a, b) => a.timeNs - b.timeNs)
    .map((row, n) => {
      timeNs += random.below(n % 500 === 0 ? 3e8 : 20_000);
      return { ...row, faultId: row.faultId + (row.faultFlags === undefined ? 0 : 10_000), timeNs };
    })
    .map((row) =>
      row.raisedBeforeNs === undefined
        ? row
        : { ...row, raisedBeforeNs: Math.min(900, row.timeNs), readBeforeNs: 0 },
    )
    .slice(0, -4);
}

/** Sums in buckets as wide as those of `as`. */
function inBucketsOf(as: LatencyOverview, overview: LatencyOverview): LatencyOverview {
  const wide = LatencyOverview.empty();
  wide.addBucket(0, as.bucketNs, 0, 0, 0);
  for (let n = 0; n < bucketCount; n++) {
    const { bucketNs, counts, worstNs, busyNs } = overview;
    wide.addBucket(n * bucketNs, bucketNs, counts[n]!, worstNs[n]!, busyNs[n]!);
  }
  return wide;
}

describe('The outline of a trace file', () => {
  const rows = longRecording();
  const file = fileOf(batchesOf(rows, 1000));

  it('tells of each thread what its rows tell, and where they end', async () => {
    const outline = (await readOutline(sourceOf(file)))!;
    const trace = new FaultTrace();
    trace.append(packedRows(rowsFrom(1, rows)));
    assert.deepEqual([outline.lastSequence, outline.lastNs], [rows.length, rows.at(-1)!.timeNs]);
    const expected = trace.overview();
    assert.deepEqual(new Set(outline.overviews.keys()), new Set(expected.map(({ tid }) => tid)));
    for (const { tid, bytes } of expected) {
      const found = outline.overviews.get(tid)!;
      const { bucketNs, counts, worstNs, busyNs } = inBucketsOf(found, LatencyOverview.unpacked(bytes));
      assert.ok(bucketNs === found.bucketNs && bucketNs <= 2 ** 29, `${bucketNs}`);
      assert.deepEqual([found.counts, found.worstNs], [counts, worstNs]);
      busyNs.forEach((ns, n) => assert.ok(Math.abs(ns - found.busyNs[n]!) <= 1e-5 * ns));
    }
  });

  it('takes little of the file', () => {
    const many = servedAtOnce(65_536, 8).map((row, n) => ({ ...row, timeNs: 10_000 * n + 900 }));
    const bytes = fileOf([rowsFrom(1, many)]);
    const text = /\{"lastSequence".*?\}/.exec(bytes.toString('latin1'))![0];
    assert.ok(text.length < bytes.length / 100, `${text.length} of ${bytes.length} bytes`);
  });

  it('is that of the whole batches of a file that was cut off', async () => {
    const cut = file.subarray(0, Math.floor(file.length / 2));
    const outline = (await readOutline(sourceOf(cut)))!;
    assert.ok(outline.lastSequence > 1000 && outline.lastSequence < rows.length - 1000);
    assert.equal(outline.lastSequence % 1000, 0);
  });

  it('is none where a batch has no overview, or one that is none', async () => {
    const text = file.toString('latin1');
    for (const other of [
      text.replaceAll('uffd.overview', 'uffd.somewhat'),
      text.replace('"lastNs":', '"lastNs"!'),
      text.replace(/"bucketNs":\d/, '"bucketNs":7'),
      text.replace('"tid":[', '"tid":{'),
    ]) {
      assert.ok(other !== text, 'something is replaced');
      assert.equal(await readOutline(sourceOf(Buffer.from(other, 'latin1'))), null);
    }
    assert.equal(await readOutline(sourceOf(fileOf([]))), null);
    assert.equal(await readOutline(sourceOf(Buffer.from('#!/bin/sh\necho hello\n'))), null);
  });

  it('comes to an end whichever bits are turned over', async function () {
    this.timeout(60_000);
    const random = new SeededRandom(12);
    const small = fileOf(
      batchesOf([...rows.slice(0, 60), extremeRow, { ...lostRow, timeNs: 2 ** 53 - 1 }], 20),
    );
    for (let n = 0; n < 2000; n++) {
      const bytes = Buffer.from(small);
      for (let flips = 1 + random.below(4); flips > 0; flips--) {
        bytes[random.below(bytes.length)]! ^= 1 << random.below(8);
      }
      const outline = await readOutline(sourceOf(bytes));
      assert.ok(outline === null || outline.lastSequence >= 0);
    }
  });
});

describe('An opened trace file', () => {
  const rows = longRecording();
  const control = { onProgress: () => undefined, isCancelled: () => false };
  let folder: string;
  const opened = async (bytes: Uint8Array) => {
    const file = path.join(folder, 'one.uffd.arrows');
    writeFileSync(file, bytes);
    const trace = new OpenedTrace(file, (_, problem) => problem?.kind ?? 'whole');
    return { trace, session: await trace.open(() => false) };
  };

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'uffd-opened-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('shows what is in it before its rows are read, and then them', async () => {
    const { trace, session } = await opened(fileOf(batchesOf(rows, 20_000)));
    assert.deepEqual(
      [session.revision, session.nowNs(), session.overview().length, session.trace.keptRows],
      [rows.length, rows.at(-1)!.timeNs, 5, 0],
    );
    const batches: ArrayBuffer[] = [];
    trace.onDidAppendRows(({ batch }) => batches.push(batch));
    assert.equal(await trace.read(session, control), null);
    assert.deepEqual(
      [session.revision, session.nowNs(), session.overview().length, session.trace.keptRows],
      [rows.length, rows.at(-1)!.timeNs, 5, rows.length],
    );
    assert.deepEqual(
      batches.map((batch) => unpackRows(batch).count),
      rows.length > 16_384 ? [16_384, rows.length - 16_384] : [rows.length],
    );
  });

  it('has the instructions of its header at first, and those that its batches tell once it is read', async () => {
    const encoder = new TraceEncoder(header);
    const codes = header.codes.map((code) => ({ ...code, name: 'late+0x1' }));
    const [batch] = batchesOf(rows.slice(0, 100), 100);
    const bytes = [encoder.start(), encoder.batch(batch!), encoder.update({ codes }), encoder.end()];
    const { trace, session } = await opened(Buffer.concat(bytes));
    assert.deepEqual(session.codes, header.codes);
    await trace.read(session, control);
    assert.deepEqual([session.codes, session.threads], [codes, header.threads]);
  });

  it('has no more than what was read once that was cancelled', async () => {
    const { trace, session } = await opened(fileOf(batchesOf(rows, 1000)));
    let looks = 0;
    const told: string[] = [];
    trace.onDidChange((changed) => told.push(changed?.end.text ?? ''));
    await trace.read(session, { ...control, isCancelled: () => ++looks > 8 });
    assert.ok(session.trace.revision > 0 && session.trace.revision < rows.length);
    assert.deepEqual([session.revision, told.at(-1)], [session.trace.revision, 'cancelled']);
  });

  it('that begins late has no hole before its first row', async () => {
    const { session, trace } = await opened(fileOf([rowsFrom(5001, rows.slice(0, 300))]));
    await trace.read(session, control);
    assert.equal(session.trace.batchAfter(0)?.afterSequence, 0);
  });
});
