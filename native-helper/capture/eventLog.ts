/**
 * The append-only event log of a session, on the reader thread: numbers the rows, keeps
 * which faults are open, and hands out batches of packed columns.
 */
import { OpenFaults } from '../log/openFaults.ts';
import { allocateRows, packedRows, writeRow, type EventRow, type EventRows } from '../log/eventRows.ts';

/** Rows a batch holds at most; a full one is sent before its time. */
const batchCapacity = 4096;

export class EventLog {
  readonly openFaults = new OpenFaults();
  private readonly startTimeNs: bigint;
  private readonly send: (batch: ArrayBuffer) => void;
  private readonly rows: EventRows = allocateRows(1, batchCapacity);
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
    writeRow(this.rows, this.count, row);
    this.commit();
  }

  /** Appends the raised and the read row of a new fault. @returns its id */
  appendFault(address: bigint, flags: bigint, tid: number, raisedNs: number, readNs: number): number {
    const faultId = this.nextFaultId++;
    const row = { actor: 'kernel', faultId, address, lengthBytes: 0, tid, flags, errno: 0, out: 0n } as const;
    this.append({ ...row, kind: 'raised', timeNs: raisedNs });
    this.append({ ...row, kind: 'read', timeNs: readNs });
    return faultId;
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

  private commit(): void {
    if (this.count === 0) {
      this.firstRowNs = this.rows.timeNs[0]!;
    }
    this.openFaults.fold(this.rows, this.count, this.count + 1);
    this.count++;
    if (this.count === batchCapacity) {
      this.flush();
    }
  }
}

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
