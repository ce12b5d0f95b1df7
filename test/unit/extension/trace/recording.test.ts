import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { readRows } from '../../../../extension/trace/format/traceReader.ts';
import { TraceRecording, type RecordingFailure } from '../../../../extension/trace/recording.ts';
import type { TraceProblem } from '../../../../extension/trace/format/traceProblem.ts';
import { rowsFrom, type EventRow } from '../../../../native-helper/log/eventRows.ts';
import { packedRows } from '../../../../native-helper/log/packedRows.ts';
import type { RangeDto } from '../../../../native-helper/protocol/ranges.ts';
import type { CodeDto } from '../../../../webview/protocol.ts';
import type { ThreadDto } from '../../../../native-helper/protocol/session.ts';
import { eventually } from '../../../helper/eventually.ts';
import { range } from '../fakeHelper.ts';
import { header, servedAtOnce, servedFaults, sourceOf } from './sampleRecording.ts';

const recorder = path.join(import.meta.dirname, 'recorder.ts');

async function read(file: string) {
  const found = { rows: 0, last: 0, threads: 0, ranges: 0 };
  const problem: TraceProblem | null = await readRows(sourceOf(readFileSync(file)), header, {
    onRows: (rows, update) => {
      found.rows += rows.count;
      found.last = rows.firstSequence + rows.count - 1;
      found.threads = update.threads?.length ?? found.threads;
      found.ranges = update.ranges?.length ?? found.ranges;
    },
  });
  return { ...found, problem };
}

describe('a recording', () => {
  let folder: string;
  let file: string;
  const failures: RecordingFailure[] = [];
  let state: { threads: ThreadDto[]; codes: readonly CodeDto[]; ranges: readonly RangeDto[] };
  const packed = (first: number, rows: readonly EventRow[]) => packedRows(rowsFrom(first, rows));
  const start = (into = file) =>
    TraceRecording.start(into, header, state, (failure) => failures.push(failure));

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'uffd-trace-'));
    file = path.join(folder, 'one.uffd.arrows');
    failures.length = 0;
    state = { threads: [...header.threads], codes: header.codes, ranges: header.session.ranges };
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is in its file within a second, and whole once it is stopped', async function () {
    this.timeout(20_000);
    const recording = await start();
    recording.begin([packed(1, servedFaults(100))]);
    recording.add(packed(301, servedFaults(10)));
    await eventually('the rows are written', () => recording.writtenRows === 330);
    assert.deepEqual(
      { ...(await read(file)), threads: 0 },
      { rows: 330, last: 330, threads: 0, ranges: 0, problem: { kind: 'unfinished' } },
    );
    // A gap: rows that never arrived.
    recording.add(packed(1000, servedFaults(10)));
    state.threads.push({ tid: 77, comm: 'late' });
    state.ranges = [range('0x1000'), range('0x3000')];
    await recording.stop();
    assert.deepEqual(await read(file), { rows: 360, last: 1029, threads: 2, ranges: 2, problem: null });
    recording.add(packed(2000, servedFaults(1)));
    await recording.stop();
    assert.equal((await read(file)).rows, 360);
    assert.deepEqual(failures, []);
  });

  it('has an instruction that is named late with the next batch, or alone when no more rows come', async () => {
    const told = async (): Promise<(readonly [rows: number, codes: readonly CodeDto[] | undefined])[]> => {
      const found: (readonly [number, readonly CodeDto[] | undefined])[] = [];
      await readRows(sourceOf(readFileSync(file)), header, {
        onRows: ({ count }, { codes }) => found.push([count, codes]),
      });
      return found;
    };
    const recording = await start();
    recording.add(packed(1, servedFaults(10)));
    await eventually('the first are written', () => recording.writtenRows === 30);
    const first = header.codes.map((code) => ({ ...code, name: 'late+0x1' }));
    state.codes = first;
    recording.add(packed(31, servedFaults(10)));
    await eventually('the next are written', () => recording.writtenRows === 60);
    recording.add(packed(61, servedFaults(10)));
    await eventually('the last are written', () => recording.writtenRows === 90);
    const last = first.map((code) => ({ ...code, name: 'later+0x1' }));
    state.codes = last;
    await recording.stop();
    assert.deepEqual(await told(), [
      [30, undefined],
      [30, first],
      [30, undefined],
      [0, last],
    ]);
  });

  it('that is killed with SIGKILL under load loses less than a second', async function () {
    this.timeout(60_000);
    const rate = 50_000;
    const child = spawn(process.execPath, [recorder, file, String(rate)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines: { given: number; written: number; seconds: number }[] = [];
    const ended = new Promise((resolve) => child.once('close', resolve));
    for await (const line of createInterface({ input: child.stdout })) {
      lines.push(JSON.parse(line) as (typeof lines)[number]);
      if (lines.length === 3) {
        child.kill('SIGKILL');
      }
    }
    await ended;
    const { rows, last: lastSequence, problem } = await read(file);
    assert.ok(problem?.kind === 'unfinished' || problem?.kind === 'truncated', JSON.stringify(problem));
    assert.equal(rows, lastSequence, 'no row is missing');
    const last = lines.at(-1)!;
    const before = lines.findLast(({ seconds }) => seconds <= last.seconds - 0.99)!;
    assert.ok(rows >= Math.max(before.given, last.written), `${rows} rows; ${JSON.stringify(lines)}`);
  });

  it('whose file or folder is deleted stops and says so', async function () {
    this.timeout(20_000);
    const recording = await start();
    recording.add(packed(1, servedFaults(10)));
    rmSync(folder, { recursive: true });
    await eventually('it stopped', () => failures.length === 1);
    assert.deepEqual(failures, [{ kind: 'gone' }]);
    recording.add(packed(31, servedFaults(10)));
    await recording.stop();
    assert.equal(failures.length, 1);
  });

  it('stops when the disk is full, and what was written stays readable', async function () {
    this.timeout(30_000);
    // A file system of one megabyte.
    const small = path.join(folder, 'small');
    mkdirSync(small);
    const mounted = await run('mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', small);
    if (!mounted) {
      console.log('      skipped: mounting a small file system takes root');
      this.skip();
    }
    try {
      const into = path.join(small, 'full.uffd.arrows');
      const recording = await start(into);
      recording.add(packed(1, servedAtOnce(5000)));
      await eventually('the first are written', () => recording.writtenRows === 5000);
      recording.add(packed(5001, servedAtOnce(30_000)));
      await eventually('it stopped', () => failures.length === 1);
      assert.ok(failures[0]?.kind === 'write' && failures[0].error.code === 'ENOSPC');
      assert.deepEqual(await read(into), { rows: 5000, last: 5000, threads: 0, ranges: 0, problem: null });
      assert.ok(statSync(into).size < 1 << 20);
    } finally {
      assert.ok(await run('umount', small));
    }
  });

  it('does not begin where no file can be written', async () => {
    await assert.rejects(start(path.join(folder, 'none', 'x')), { code: 'ENOENT' });
    await assert.rejects(start(folder), { code: 'EISDIR' });
    await assert.rejects(start('/dev/full'), { code: 'ENOSPC' });
  });
});

function run(program: string, ...args: string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'ignore' });
    child.once('error', () => resolve(false));
    child.once('close', (code) => resolve(code === 0));
  });
}
