import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromeExport } from '../../../../extension/trace/chromeExport.ts';
import { csvColumns, csvExport } from '../../../../extension/trace/csvExport.ts';
import type { ExportSource } from '../../../../extension/trace/exportSource.ts';
import { writeExport } from '../../../../extension/trace/writeExport.ts';
import { rowKinds, type EventRow } from '../../../../native-helper/log/eventRows.ts';
import { SeededRandom } from '../../helper/seededRandom.ts';
import { batchesOf, extremeRow, header, lostRow, servedAtOnce, servedFaults } from './sampleRecording.ts';

interface TraceEvent {
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly name: string;
  readonly cat?: string;
  readonly ts?: number;
  readonly dur?: number;
  readonly s?: string;
  readonly args?: Record<string, unknown>;
}

function sourceFrom(rows: readonly EventRow[], faultIds: ReadonlySet<number> | null = null): ExportSource {
  const { session, threads, codes } = header;
  return { session, threads, codes, faultIds, rowCount: rows.length, batches: () => batchesOf(rows, 7) };
}

function chrome(rows: readonly EventRow[], faultIds?: ReadonlySet<number>): TraceEvent[] {
  const text = [...chromeExport(sourceFrom(rows, faultIds))].map((piece) => piece.text).join('');
  return (JSON.parse(text) as { traceEvents: TraceEvent[] }).traceEvents;
}

/** Nanoseconds of a time in microseconds, rounded down. */
const inNs = (microseconds: number): number => Math.floor(microseconds * 1000);

const plain = { actor: 'kernel', lengthBytes: 0, flags: 0n, errno: 0, out: 0n, faultId: 1, tid: 1 } as const;
const address = 0x7f00_0000_0000n;

describe('a Chrome trace', () => {
  it('has a slice for each fault on its thread with its phases inside, to the nanosecond', () => {
    const events = chrome([
      { ...plain, kind: 'raised', timeNs: 1_000_001, address, flags: 1n },
      { ...plain, kind: 'read', timeNs: 1_000_501, address },
      {
        ...plain,
        kind: 'copy',
        actor: 'user',
        timeNs: 1_001_000,
        address,
        lengthBytes: 4096,
        errno: 14,
        out: -14n,
      },
      {
        ...plain,
        kind: 'copy',
        actor: 'user',
        timeNs: 1_002_000,
        address,
        lengthBytes: 4096,
        flags: 1n,
        out: 4096n,
      },
      { ...plain, kind: 'wake', actor: 'user', timeNs: 1_002_750, address, lengthBytes: 4096 },
    ]);
    assert.deepEqual(
      events.filter(({ ph }) => ph === 'M').map(({ name, tid, args }) => [name, tid, args?.['name']]),
      [
        ['process_name', 0, 'vmm "1" (4711), fd 3'],
        ['thread_name', 1, 'vcpu-0'],
      ],
    );
    assert.deepEqual(
      events
        .filter(({ ph }) => ph === 'X')
        .map(({ name, pid, tid, ts, dur }) => [name, pid, tid, inNs(ts!), inNs(ts! + dur!)]),
      [
        ['missing (write)', 4711, 1, 1_000_001, 1_002_750],
        ['waiting to be read', 4711, 1, 1_000_001, 1_000_501],
        ['being handled', 4711, 1, 1_000_501, 1_002_000],
        ['waking', 4711, 1, 1_002_000, 1_002_750],
      ],
    );
    assert.deepEqual(events.find(({ cat }) => cat === 'fault')?.args, {
      fault: 1,
      address: '0x7f0000000000',
      outcome: 'woken',
      ioctls: 'COPY EFAULT, COPY, WAKE',
    });
  });

  it('has with each fault the instruction that raised it, by its name or else its address, where it is known', () => {
    const codeOf = (faultId: number, address: bigint): EventRow => ({
      ...plain,
      kind: 'code',
      faultId,
      tid: faultId,
      timeNs: 1000 * faultId,
      address,
    });
    const raised = (faultId: number): EventRow => ({
      ...codeOf(faultId, address + 4096n * BigInt(faultId)),
      kind: 'raised',
    });
    const rows = [
      ...[codeOf(1, 0x55aa_0000_1234n), raised(1)],
      ...[codeOf(2, 0x7f01_0000_0010n), raised(2)],
      ...[codeOf(3, 0x1000n), raised(3), raised(4)],
    ];
    const events = chrome(rows);
    assert.deepEqual(
      events.filter(({ cat }) => cat === 'fault').map(({ args }) => [args?.['fault'], args?.['code']]),
      [
        [1, 'touch+0x12'],
        [2, '0x7f0100000010'],
        [3, '0x1000'],
        [4, undefined],
      ],
    );
    assert.ok(events.every(({ name, ph }) => name !== 'code' && ph !== 'i'));
    const ofOne = chrome(rows, new Set([1])).filter(({ cat }) => cat === 'fault');
    assert.deepEqual(
      ofOne.map(({ args }) => args?.['code']),
      ['touch+0x12'],
    );
  });

  it('has nothing but events as the Trace Event Format describes them', () => {
    const unknownThread = { ...servedAtOnce(1)[0]!, tid: 0, faultId: 9000, timeNs: 5000 };
    const rows = [
      ...servedFaults(50),
      ...servedAtOnce(50),
      lostRow,
      unknownThread,
      { ...extremeRow, timeNs: 2e9 },
    ];
    const text = [...chromeExport(sourceFrom(rows))].map((piece) => piece.text).join('');
    const file = JSON.parse(text) as Record<string, unknown> & { traceEvents: TraceEvent[] };
    // "JSON Object Format": traceEvents is the one key that must be there, displayTimeUnit is ms or ns.
    assert.deepEqual(Object.keys(file).sort(), ['displayTimeUnit', 'otherData', 'traceEvents']);
    assert.equal(file['displayTimeUnit'], 'ns');
    const phases = new Map<string, number>();
    for (const { ph, pid, tid, name, cat, ts, dur, s, args } of file.traceEvents) {
      phases.set(ph, 1 + (phases.get(ph) ?? 0));
      // Perfetto keeps both in 32 bits.
      assert.ok(
        [pid, tid].every((id) => Number.isInteger(id) && id >= 0 && id <= 0xffff_ffff),
        `${pid} ${tid}`,
      );
      assert.ok(name !== '' && (args === undefined || typeof args === 'object'));
      switch (ph) {
        case 'M': // Metadata: its name says what its one argument names.
          assert.ok(['process_name', 'thread_name'].includes(name), name);
          assert.equal(typeof args?.['name'], 'string');
          break;
        case 'X': // Complete: begins at ts and lasts dur, both in microseconds, with fractions.
          assert.ok(Number.isFinite(ts) && ts! >= 0 && Number.isFinite(dur) && dur! >= 0, `${ts} ${dur}`);
          assert.ok(cat === 'fault' || cat === 'phase');
          break;
        case 'i': // Instant: with a scope, global, process or thread.
          assert.ok(Number.isFinite(ts) && ts! >= 0);
          assert.ok(['g', 'p', 't'].includes(s!));
          break;
        default:
          assert.fail(`an event of the phase ${ph}`);
      }
    }
    assert.deepEqual([...phases.keys()].sort(), ['M', 'X', 'i']);
    const ofThreads = new Set(file.traceEvents.filter(({ ph }) => ph === 'X').map(({ tid }) => tid));
    assert.equal(ofThreads.size, 5, 'four threads, and a line for faults of unknown ones');
  });

  it('follows the format’s rules: slices of a thread nest, and none begins before or ends after its parent', () => {
    for (const rows of [servedFaults(500), servedAtOnce(500)]) {
      const slices = chrome(rows).filter(({ ph }) => ph === 'X');
      assert.equal(slices.filter(({ cat }) => cat === 'fault').length, 500);
      for (const tid of new Set(slices.map((slice) => slice.tid))) {
        const open: number[] = [];
        const ofThread = slices
          .filter((slice) => slice.tid === tid)
          .map(({ ts, dur }) => ({ startNs: inNs(ts!), endNs: inNs(ts! + dur!) }))
          .sort((a, b) => a.startNs - b.startNs || b.endNs - a.endNs);
        for (const { startNs, endNs } of ofThread) {
          while (open.length > 0 && open.at(-1)! <= startNs) {
            open.pop();
          }
          assert.ok(startNs <= endNs && (open.length === 0 || endNs <= open.at(-1)!));
          open.push(endNs);
        }
      }
    }
  });

  it('has phases that meet exactly for a reader that adds up doubles, from wherever it counts', () => {
    const random = new SeededRandom(11);
    let timeNs = 3_600_000_000_123;
    const rows = Array.from({ length: 500 }, (_, n): EventRow => {
      const [waitingNs, handledNs] = [1 + random.below(90_000), 1 + random.below(90_000)];
      timeNs += random.below(5000) + waitingNs + handledNs;
      return {
        ...servedAtOnce(1)[0]!,
        faultId: n + 1,
        timeNs,
        raisedBeforeNs: waitingNs + handledNs,
        readBeforeNs: handledNs,
      };
    });
    const slices = chrome(rows).filter(({ ph }) => ph === 'X');
    assert.equal(slices.length, 1500);
    const zero = slices[0]!.ts!;
    for (let i = 0; i < slices.length; i += 3) {
      const [fault, waiting, handled] = slices.slice(i, i + 3).map(({ ts, dur }) => {
        const begin = ts! - zero;
        return { begin, end: begin + dur! };
      });
      assert.equal(waiting!.begin, fault!.begin);
      assert.equal(handled!.begin, waiting!.end);
      assert.equal(handled!.end, fault!.end);
    }
  });

  it('has no empty phases, whose begin and end readers cannot tell apart', () => {
    const [row] = servedAtOnce(1);
    const names = (rows: readonly EventRow[]): string[] =>
      chrome(rows)
        .filter(({ ph }) => ph === 'X')
        .map(({ name }) => name);
    assert.deepEqual(names([{ ...row!, readBeforeNs: row!.raisedBeforeNs! }]), ['missing', 'being handled']);
    assert.deepEqual(names([{ ...row!, readBeforeNs: 0 }]), ['missing', 'waiting to be read']);
  });

  it('tells the same of a fault served at once as of its three events', () => {
    const [fault, waiting, handled] = chrome(servedAtOnce(1)).filter(({ ph }) => ph === 'X');
    const endsNs = [fault, waiting, handled].map((slice) => inNs(slice!.ts! + slice!.dur!));
    assert.deepEqual([fault?.ts, ...endsNs], [0, 900, 100, 900]);
  });

  it('shows faults that are still open, and those whose thread is not known on lines of their own', () => {
    const raised = (faultId: number, timeNs: number): EventRow => ({
      ...plain,
      kind: 'raised',
      faultId,
      tid: 0,
      timeNs,
      address: address + 4096n * BigInt(faultId),
    });
    const events = chrome([
      raised(1, 1000),
      raised(2, 2000),
      { ...extremeRow, kind: 'remove', timeNs: 5000 },
    ]);
    const faults = events.filter(({ cat }) => cat === 'fault');
    assert.deepEqual(
      faults.map(({ ts, dur, args }) => [ts, dur, args?.['outcome']]),
      [
        [1, 4, 'open'],
        [2, 3, 'open'],
      ],
    );
    assert.equal(new Set(faults.map(({ tid }) => tid)).size, 2);
    assert.deepEqual(
      events.filter(({ args }) => String(args?.['name']).includes('unknown thread')).map(({ tid }) => tid),
      faults.map(({ tid }) => tid),
    );
    assert.equal(events.filter(({ ph, name }) => ph === 'i' && name === 'remove').length, 1);
  });

  it('of a selection has those faults and no other', () => {
    const events = chrome(servedFaults(100), new Set([5, 50]));
    assert.deepEqual(
      events.filter(({ cat }) => cat === 'fault').map(({ args }) => args?.['fault']),
      [5, 50],
    );
  });

  it('is JSON also of every kind of row and of none', () => {
    assert.equal(chrome([]).length, 2);
    chrome(rowKinds.map((kind) => ({ ...extremeRow, kind })));
  });
});

describe('a CSV export', () => {
  const table = (rows: readonly EventRow[], faultIds: ReadonlySet<number> | null = null): string[][] => {
    const text = [...csvExport(sourceFrom(rows, faultIds))].map((piece) => piece.text).join('');
    assert.ok(text.endsWith('\r\n'));
    return text
      .slice(0, -2)
      .split('\r\n')
      .map((line) => line.split(','));
  };

  it('has a line per row, with every value', () => {
    const [head, ...lines] = table([extremeRow, ...servedAtOnce(1), lostRow]);
    assert.deepEqual(head, [...csvColumns]);
    assert.deepEqual(lines, [
      `1,9007199254740991,remap,detach,4294967295,0xfffffffffffff000,${2 ** 47},4294967295,${2n ** 64n - 1n},133,-17,,,`.split(
        ',',
      ),
      '2,900,copy,rule,1,0x7f0000000123,4096,1,0,0,4096,0,100,0'.split(','),
      '3,2000000000,lost,kernel,0,0x0,0,0,0,0,5,1000000000,,'.split(','),
    ]);
  });

  it('has a line for the instruction of a fault as for any other row of it', () => {
    const code: EventRow = { ...plain, kind: 'code', timeNs: 5, address: 0x4010n };
    assert.deepEqual(table([code], new Set([1]))[1], '1,5,code,kernel,1,0x4010,0,1,0,0,0,,,'.split(','));
  });

  it('of a selection has the rows of those faults', () => {
    assert.equal(table(servedFaults(100), new Set([5, 50])).length, 7);
  });
});

describe('an export', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'uffd-export-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('has its name only once it is whole, and tells how far it is', async () => {
    const file = path.join(folder, 'a.csv');
    let rows = 0;
    const events = await writeExport(file, csvExport(sourceFrom(servedFaults(100))), {
      onProgress: (more) => {
        rows += more;
        assert.ok(!existsSync(file));
      },
      isCancelled: () => false,
    });
    assert.deepEqual([events, rows], [300, 300]);
    assert.equal(readFileSync(file, 'utf8').split('\r\n').length, 302);
    assert.deepEqual(readdirSync(folder), ['a.csv']);
  });

  it('that is cancelled or fails leaves nothing, and what was there before as it was', async () => {
    const file = path.join(folder, 'a.csv');
    let pieces = 0;
    const isCancelled = (): boolean => ++pieces > 3;
    const control = { onProgress: () => undefined, isCancelled };
    assert.equal(await writeExport(file, csvExport(sourceFrom(servedFaults(100))), control), null);
    assert.deepEqual(readdirSync(folder), []);
    const failing = function* () {
      yield { text: 'x', rows: 1, events: 1 };
      throw new Error('no more');
    };
    await assert.rejects(writeExport(file, failing(), { ...control, isCancelled: () => false }), /no more/);
    assert.deepEqual(readdirSync(folder), []);
    const none = path.join(folder, 'none', 'a.csv');
    await assert.rejects(writeExport(none, failing(), control), { code: 'ENOENT' });
  });
});
