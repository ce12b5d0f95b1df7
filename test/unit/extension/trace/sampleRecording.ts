/** Recordings for tests: rows from a seed, and their bytes as a file. */
import { TraceEncoder } from '../../../../extension/trace/format/traceEncoder.ts';
import type { TraceHeader } from '../../../../extension/trace/format/traceHeader.ts';
import type { ByteSource } from '../../../../extension/trace/format/traceMessages.ts';
import { rowsFrom, type EventRow, type EventRows } from '../../../../native-helper/log/eventRows.ts';
import { servedMark } from '../../../../native-helper/log/servedRows.ts';
import { SeededRandom } from '../../helper/seededRandom.ts';
import { range, sessionDto } from '../fakeHelper.ts';

export const header: TraceHeader = {
  formatVersion: 1,
  session: {
    ...sessionDto(1, 4711),
    comm: 'vmm "1"',
    startTimeNs: '0x1234567890ab',
    ranges: [range('0x7f0000000000', 1 << 20)],
    notes: ['It has a handler of its own.'],
  },
  exe: '/usr/bin/vmm',
  kernelRelease: '6.18.0',
  startedAt: '2026-01-02T03:04:05.000Z',
  threads: [{ tid: 1, comm: 'vcpu-0' }],
  codes: [
    { address: '0x55aa00001234', name: 'touch+0x12', source: { path: '/src/touch "é".c', line: 7 } },
    { address: '0x7f0100000010', name: '', source: null },
  ],
};

const plain = { actor: 'kernel', lengthBytes: 0, flags: 0n, errno: 0, out: 0n } as const;

/** Faults raised, read, copied and so woken, `faults` of them from `threads` threads, a microsecond apart. */
export function servedFaults(faults: number, threads = 4, random = new SeededRandom(7)): EventRow[] {
  return Array.from({ length: faults }, (_, n): EventRow[] => {
    const timeNs = 1000 * n;
    const fault = {
      ...plain,
      faultId: n + 1,
      tid: 1 + (n % threads),
      address: 0x7f00_0000_0000n + 4096n * BigInt(n % 256),
    };
    return [
      { ...fault, kind: 'raised', timeNs, flags: BigInt(random.below(2)) },
      { ...fault, kind: 'read', timeNs: timeNs + 100 },
      {
        ...fault,
        kind: 'copy',
        actor: 'rule',
        timeNs: timeNs + 200 + random.below(700),
        lengthBytes: 4096,
        out: 4096n,
        faultId: n + 1,
      },
    ];
  }).flat();
}

/** The same faults as one row each. */
export function servedAtOnce(faults: number, threads = 4): EventRow[] {
  return Array.from({ length: faults }, (_, n) => ({
    ...plain,
    kind: 'copy',
    actor: 'rule',
    faultId: n + 1,
    tid: 1 + (n % threads),
    address: 0x7f00_0000_0123n + 4096n * BigInt(n % 256),
    timeNs: 1000 * n + 900,
    lengthBytes: 4096,
    out: 4096n,
    raisedBeforeNs: 900,
    readBeforeNs: 800,
    faultFlags: servedMark | (n % 2),
  }));
}

/** 5 faults, the first raised a second before the last ended, were left out. */
export const lostRow: EventRow = {
  ...plain,
  kind: 'lost',
  timeNs: 2e9,
  faultId: 0,
  address: 0n,
  tid: 0,
  out: 5n,
  raisedBeforeNs: 1e9,
};

/** A row with an extreme value in each column. */
export const extremeRow: EventRow = {
  kind: 'remap',
  actor: 'detach',
  timeNs: 2 ** 53 - 1,
  faultId: 0xffff_ffff,
  address: 0xffff_ffff_ffff_f000n,
  lengthBytes: 2 ** 47,
  tid: 0xffff_ffff,
  flags: 0xffff_ffff_ffff_ffffn,
  errno: 133,
  out: -17n,
};

/** Batches as a file. */
export function fileOf(batches: readonly EventRows[], isEnded = true): Buffer {
  const encoder = new TraceEncoder(header);
  const parts = [encoder.start(), ...batches.map((rows) => encoder.batch(rows))];
  return Buffer.concat(isEnded ? [...parts, encoder.end()] : parts);
}

/** Rows from sequence number 1 on, in batches of `size`. */
export function batchesOf(rows: readonly EventRow[], size: number): EventRows[] {
  const batches: EventRows[] = [];
  for (let from = 0; from < rows.length; from += size) {
    batches.push(rowsFrom(1 + from, rows.slice(from, from + size)));
  }
  return batches;
}

export function sourceOf(bytes: Uint8Array): ByteSource {
  return {
    sizeBytes: bytes.length,
    read: (position, length) => Promise.resolve(new Uint8Array(bytes.subarray(position, position + length))),
  };
}
