/**
 * The append-only event log of a session, on the reader thread: numbers the rows, keeps
 * which faults are open, and hands out batches of packed columns.
 */
import { uffdMsgBytes } from '../abi/uffdAbi.ts';
import { OpenFaults } from '../log/openFaults.ts';
import {
  actorCode,
  allocateRows,
  kindCode,
  packedRows,
  writeRow,
  type EventRow,
  type EventRows,
} from '../log/eventRows.ts';

/** Rows a batch holds at most; a full one is sent before its time. */
const batchCapacity = 4096;

export class EventLog {
  readonly openFaults = new OpenFaults();
  private readonly startTimeNs: bigint;
  private readonly send: (batch: ArrayBuffer) => void;
  private readonly rows: EventRows = allocateRows(1, batchCapacity);
  private readonly flagsWords = words(this.rows.flags);
  private readonly outWords = words(this.rows.out);
  private count = 0;
  private nextSequence = 1;
  private nextFaultId = 1;
  private firstRowNs = 0;

  /**
   * @param startTimeNs CLOCK_MONOTONIC of the session's time zero
   * @param send receives packed batches, each its own buffer
   */
  constructor(startTimeNs: bigint, send: (batch: ArrayBuffer) => void) {
    this.startTimeNs = startTimeNs;
    this.send = send;
  }

  /** Nanoseconds since the session's start. */
  nowNs(): number {
    return Number(process.hrtime.bigint() - this.startTimeNs);
  }

  /** When the oldest unsent row was appended; undefined when all are sent. */
  get unsentSinceNs(): number | undefined {
    return this.count === 0 ? undefined : this.firstRowNs;
  }

  append(row: EventRow): void {
    this.makeRoom(1);
    writeRow(this.rows, this.count, row);
    if (this.count === 0) {
      this.firstRowNs = row.timeNs;
    }
    this.openFaults.fold(this.rows, this.count, this.count + 1);
    this.count++;
  }

  /** Appends the raised and the read row of a new fault. @returns its id */
  appendFault(address: bigint, flags: bigint, tid: number, raisedNs: number, readNs: number): number {
    const faultId = this.nextFaultId++;
    const row = { actor: 'kernel', faultId, address, lengthBytes: 0, tid, flags, errno: 0, out: 0n } as const;
    this.append({ ...row, kind: 'raised', timeNs: raisedNs });
    this.append({ ...row, kind: 'read', timeNs: readNs });
    return faultId;
  }

  /**
   * Appends the raised, read and ioctl row of a fault of a 4 KiB page that was resolved and
   * woken as soon as it was read: what `appendFault` and `append` would do while no fault is
   * open, but straight from the message, with no object and no bigint.
   */
  appendServedFault(
    messages: DataView,
    index: number,
    ioctl: 'copy' | 'zeropage',
    raisedNs: number,
    readNs: number,
    resolvedNs: number,
  ): void {
    this.makeRoom(3);
    const { rows } = this;
    const base = index * uffdMsgBytes;
    const faultId = this.nextFaultId++;
    const tid = messages.getUint32(base + 24, true);
    const first = this.count;
    if (first === 0) {
      this.firstRowNs = raisedNs;
    }
    for (let i = first; i < first + 3; i++) {
      const isIoctl = i === first + 2;
      rows.faultId[i] = faultId;
      rows.tid[i] = tid;
      rows.errno[i] = 0;
      rows.lengthBytes[i] = isIoctl ? pageBytes : 0;
      // Offsets of flags and address in uffd_msg; the ioctl's start is the page of the address.
      rows.addressWords[2 * i] = messages.getUint32(base + 16, true) & (isIoctl ? -pageBytes : -1);
      rows.addressWords[2 * i + 1] = messages.getUint32(base + 20, true);
      this.flagsWords[2 * i] = isIoctl ? 0 : messages.getUint32(base + 8, true);
      this.flagsWords[2 * i + 1] = isIoctl ? 0 : messages.getUint32(base + 12, true);
      this.outWords[2 * i] = isIoctl ? pageBytes : 0;
      this.outWords[2 * i + 1] = 0;
    }
    rows.timeNs[first] = raisedNs;
    rows.timeNs[first + 1] = readNs;
    rows.timeNs[first + 2] = resolvedNs;
    rows.kind[first] = kindCode.raised;
    rows.kind[first + 1] = kindCode.read;
    rows.kind[first + 2] = kindCode[ioctl];
    rows.actor[first] = rows.actor[first + 1] = actorCode.kernel;
    rows.actor[first + 2] = actorCode.rule;
    this.count += 3;
  }

  /** Sends what has not been sent. */
  flush(): void {
    if (this.count === 0) {
      return;
    }
    const batch = allocateRows(this.nextSequence, this.count);
    for (const column of columns) {
      batch[column].set(this.rows[column].subarray(0, this.count) as never);
    }
    this.nextSequence += this.count;
    this.count = 0;
    this.send(packedRows(batch));
  }

  private makeRoom(rowCount: number): void {
    if (this.count + rowCount > batchCapacity) {
      this.flush();
    }
  }
}

/** A column of 64-bit values as little-endian 32-bit pairs. */
function words(column: BigUint64Array | BigInt64Array): Uint32Array {
  return new Uint32Array(column.buffer, column.byteOffset, 2 * column.length);
}

const pageBytes = 4096;
const columns = [
  'timeNs',
  'lengthBytes',
  'address',
  'flags',
  'out',
  'faultId',
  'tid',
  'errno',
  'kind',
  'actor',
] as const;
