/**
 * The append-only event log of a session, on the reader thread: numbers the rows, keeps
 * which faults are open, and hands out batches of packed columns.
 */
import { uffdMsgBytes } from '../abi/uffdAbi.ts';
import type { ActionRows } from './actionRows.ts';
import type { MessageReader } from './messageReader.ts';
import { OpenFaults } from '../log/openFaults.ts';
import {
  actorCode,
  allocateRows,
  kindCode,
  words,
  writeRow,
  type EventRow,
  type EventRows,
} from '../log/eventRows.ts';
import { packedRows } from '../log/packedRows.ts';

/** Rows a batch holds at most; a full one is sent before its time. */
const batchCapacity = 4096;

export class EventLog {
  readonly openFaults = new OpenFaults();
  /** What `nowNs` last answered: for who has just asked, since the clock costs as much as a system call. */
  lastNowNs = 0;
  /** From performance.now(), which counts CLOCK_MONOTONIC from another zero and makes no bigint. */
  private readonly clockOffsetNs: number;
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
    this.clockOffsetNs = Number(process.hrtime.bigint() - startTimeNs) - performance.now() * 1e6;
    this.send = send;
  }

  /** Nanoseconds since the session's start, whole ones. */
  nowNs(): number {
    this.lastNowNs = Math.floor(performance.now() * 1e6 + this.clockOffsetNs);
    return this.lastNowNs;
  }

  /** When the oldest unsent row was appended; Infinity when all are sent. */
  get unsentSinceNs(): number {
    return this.count === 0 ? Infinity : this.firstRowNs;
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

  /**
   * Appends the raised and the read row of a new fault.
   * @param isTidInferred the kernel did not report the thread
   * @returns its id
   */
  appendFault(
    address: bigint,
    flags: bigint,
    tid: number,
    raisedNs: number,
    readNs: number,
    isTidInferred = false,
  ): number {
    const faultId = this.nextFaultId++;
    const row = { actor: 'kernel', faultId, address, lengthBytes: 0, tid, flags, errno: 0, out: 0n } as const;
    this.append({ ...row, kind: 'raised', timeNs: raisedNs, out: isTidInferred ? 1n : 0n });
    this.append({ ...row, kind: 'read', timeNs: readNs });
    return faultId;
  }

  /**
   * Appends a fault straight from its message, with what was done about it: rows raised and
   * read, then `from` to `to` of `actions`. No object and no bigint is made.
   */
  appendAnswered(reader: MessageReader, index: number, actions: ActionRows, from: number, to: number): void {
    this.makeRoom(3);
    const { messages } = reader;
    const base = index * uffdMsgBytes;
    const faultId = this.nextFaultId++;
    const tid = messages.getUint32(base + 24, true);
    const first = this.count;
    if (first === 0) {
      this.firstRowNs = reader.raisedNs[index]!;
    }
    for (let i = first; i < first + 2; i++) {
      const { rows } = this;
      rows.timeNs[i] = i === first ? reader.raisedNs[index]! : reader.readNs[index]!;
      rows.kind[i] = i === first ? kindCode.raised : kindCode.read;
      rows.actor[i] = actorCode.kernel;
      rows.faultId[i] = faultId;
      rows.tid[i] = tid;
      rows.errno[i] = 0;
      rows.lengthBytes[i] = 0;
      // Offsets of flags and address in uffd_msg.
      this.flagsWords[2 * i] = messages.getUint32(base + 8, true);
      this.flagsWords[2 * i + 1] = messages.getUint32(base + 12, true);
      rows.addressWords[2 * i] = messages.getUint32(base + 16, true);
      rows.addressWords[2 * i + 1] = messages.getUint32(base + 20, true);
      this.outWords[2 * i] = 0;
      this.outWords[2 * i + 1] = 0;
    }
    this.count += 2;
    // One ioctl is what nearly all have: then the fold sees the whole fault at once.
    const more = to === from ? from : from + 1;
    if (more > from) {
      this.writeAction(actions, from, faultId, tid);
    }
    this.openFaults.fold(this.rows, first, this.count);
    this.appendActions(actions, more, to, faultId, tid);
  }

  /** Appends rows `from` to `to` of `actions`, done by a rule about a fault. */
  appendActions(actions: ActionRows, from: number, to: number, faultId: number, tid: number): void {
    for (let i = from; i < to; i++) {
      this.makeRoom(1);
      if (this.count === 0) {
        this.firstRowNs = actions.timeNs[i]!;
      }
      this.writeAction(actions, i, faultId, tid);
      this.openFaults.fold(this.rows, this.count - 1, this.count);
    }
  }

  /** Sends what has not been sent. */
  flush(): void {
    if (this.count === 0) {
      return;
    }
    const batch = packedRows(this.rows, this.count, this.nextSequence);
    this.nextSequence += this.count;
    this.count = 0;
    this.send(batch);
  }

  private writeAction(actions: ActionRows, i: number, faultId: number, tid: number): void {
    const { rows } = this;
    const row = this.count++;
    rows.timeNs[row] = actions.timeNs[i]!;
    rows.kind[row] = actions.kind[i]!;
    rows.actor[row] = actorCode.rule;
    rows.faultId[row] = faultId;
    rows.tid[row] = tid;
    rows.errno[row] = actions.errno[i]!;
    rows.lengthBytes[row] = actions.lengthBytes[i]!;
    setWords(rows.addressWords, row, actions.start[i]!);
    setWords(this.flagsWords, row, actions.flags[i]!);
    setWords(this.outWords, row, actions.out[i]!);
  }

  private makeRoom(rowCount: number): void {
    if (this.count + rowCount > batchCapacity) {
      this.flush();
    }
  }
}

/** Stores a whole number of up to 53 bits, in two's complement. */
function setWords(column: Uint32Array, row: number, value: number): void {
  // Storing keeps the low 32 bits.
  column[2 * row] = value;
  column[2 * row + 1] = Math.floor(value / twoTo32);
}

const twoTo32 = 0x1_0000_0000;
