/**
 * The append-only event log of a session, on the reader thread: numbers the rows, keeps
 * which faults are open, and hands out batches of packed columns.
 */
import { basePageBytes, uffdMsgBytes } from '../abi/uffdAbi.ts';
import type { ActionRows } from './actionRows.ts';
import type { MessageReader } from './messageReader.ts';
import { OpenFaults } from '../log/openFaults.ts';
import {
  actorCode,
  allocateRows,
  kindCode,
  rowsOf,
  words,
  writeRow,
  type EventRow,
  type EventRows,
} from '../log/eventRows.ts';
import { packedRows } from '../log/packedRows.ts';
import { isServing, longestBeforeNs, servedMark } from '../log/servedRows.ts';

/** Rows a batch holds at most; a full one is sent before its time. */
const batchCapacity = 4096;

/** Offsets in a uffd_msg that is a fault. */
const flagsOffset = 8;
const addressOffset = 16;
const tidOffset = 24;

export class EventLog {
  readonly openFaults = new OpenFaults();
  /** What `nowNs` last answered: for who has just asked, since the clock costs as much as a system call. */
  lastNowNs = 0;
  /** From performance.now(), which counts CLOCK_MONOTONIC from another zero and makes no bigint. */
  private readonly clockOffsetNs: number;
  private readonly send: (batch: ArrayBuffer, rows: EventRows) => void;
  private readonly rows: EventRows = allocateRows(1, batchCapacity);
  private readonly flagsWords = words(this.rows.flags);
  private readonly outWords = words(this.rows.out);
  private count = 0;
  private nextSequence = 1;
  private nextFaultId = 1;
  private firstRowNs = 0;

  /**
   * @param startTimeNs CLOCK_MONOTONIC of the session's time zero
   * @param send receives packed batches, each its own buffer, and the same rows, which change afterwards
   */
  constructor(startTimeNs: bigint, send: (batch: ArrayBuffer, rows: EventRows) => void) {
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
   * Appends which instruction of a thread raised the fault that is appended next.
   * @param address of the instruction
   */
  appendCode(address: bigint, tid: number, raisedNs: number): void {
    // Both in one batch.
    this.makeRoom(3);
    this.append({
      kind: 'code',
      actor: 'kernel',
      timeNs: raisedNs,
      faultId: this.nextFaultId,
      address,
      lengthBytes: 0,
      tid,
      flags: 0n,
      errno: 0,
      out: 0n,
    });
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
   * Appends a fault straight from its message, with what was done about it, `from` to `to` of
   * `actions`: one served row, or rows raised, read, and those. No object and no bigint is made.
   */
  appendAnswered(reader: MessageReader, index: number, actions: ActionRows, from: number, to: number): void {
    if (to - from === 1 && this.isServed(reader, index, actions, from)) {
      this.appendServed(reader, index, actions, from);
    } else {
      this.appendInRows(reader, index, actions, from, to);
    }
  }

  /** Whether action `i` makes a served row together with the fault of message `index`. */
  private isServed(
    { messages, raisedNs }: MessageReader,
    index: number,
    actions: ActionRows,
    i: number,
  ): boolean {
    const base = index * uffdMsgBytes;
    const pages = actions.lengthBytes[i]! / basePageBytes;
    return (
      actions.errno[i] === 0 &&
      actions.isOnePage[i] === 1 &&
      messages.getUint32(base + flagsOffset + 4, true) === 0 &&
      isServing(actions.kind[i]!, actions.flags[i]!, messages.getUint32(base + flagsOffset, true)) &&
      actions.timeNs[i]! - raisedNs[index]! <= longestBeforeNs &&
      !this.openFaults.areConcerned(
        actions.start[i]! / basePageBytes,
        pages,
        messages.getUint32(base + tidOffset, true),
      )
    );
  }

  /** Leaves the open faults as they are. */
  private appendServed(reader: MessageReader, index: number, actions: ActionRows, i: number): void {
    this.makeRoom(1);
    const { messages } = reader;
    const { rows, count } = this;
    const base = index * uffdMsgBytes;
    if (count === 0) {
      this.firstRowNs = reader.raisedNs[index]!;
    }
    this.writeAction(actions, i, this.nextFaultId++, messages.getUint32(base + tidOffset, true));
    rows.addressWords[2 * count] = messages.getUint32(base + addressOffset, true);
    rows.addressWords[2 * count + 1] = messages.getUint32(base + addressOffset + 4, true);
    rows.raisedBeforeNs[count] = actions.timeNs[i]! - reader.raisedNs[index]!;
    rows.readBeforeNs[count] = actions.timeNs[i]! - reader.readNs[index]!;
    rows.faultFlags[count] = servedMark | messages.getUint32(base + flagsOffset, true);
  }

  private appendInRows(
    reader: MessageReader,
    index: number,
    actions: ActionRows,
    from: number,
    to: number,
  ): void {
    this.makeRoom(2);
    const { messages } = reader;
    const base = index * uffdMsgBytes;
    const faultId = this.nextFaultId++;
    const tid = messages.getUint32(base + tidOffset, true);
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
      this.clearServed(i);
      this.flagsWords[2 * i] = messages.getUint32(base + flagsOffset, true);
      this.flagsWords[2 * i + 1] = messages.getUint32(base + flagsOffset + 4, true);
      rows.addressWords[2 * i] = messages.getUint32(base + addressOffset, true);
      rows.addressWords[2 * i + 1] = messages.getUint32(base + addressOffset + 4, true);
      this.outWords[2 * i] = 0;
      this.outWords[2 * i + 1] = 0;
    }
    this.count += 2;
    this.openFaults.fold(this.rows, first, this.count);
    this.appendActions(actions, from, to, faultId, tid);
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
    const rows = rowsOf(this.rows, 0, this.count);
    this.nextSequence += this.count;
    this.count = 0;
    this.send(batch, rows);
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
    this.clearServed(row);
    setWords(rows.addressWords, row, actions.start[i]!);
    setWords(this.flagsWords, row, actions.flags[i]!);
    setWords(this.outWords, row, actions.out[i]!);
  }

  private clearServed(row: number): void {
    this.rows.raisedBeforeNs[row] = 0;
    this.rows.readBeforeNs[row] = 0;
    this.rows.faultFlags[row] = 0;
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
