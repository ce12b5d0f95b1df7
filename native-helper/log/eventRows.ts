/**
 * The event log's row format: the one truth that every view is a fold over.
 *
 * Rows travel in batches of typed columns, packed into one buffer (`packedRows.ts`), on every
 * hop (worker → helper → extension host → webview). A batch's rows have contiguous
 * sequence numbers. A fault that is served at once takes one row (`servedRows.ts`). Pure: no Node, no DOM.
 */

/** What happened. The index is the wire value, so only ever append. */
export const rowKinds = [
  'raised',
  'read',
  'copy',
  'zeropage',
  'continue',
  'writeprotect',
  'poison',
  'move',
  'wake',
  'fork',
  'remap',
  'remove',
  'unmap',
  'unknown',
  'register',
  'unregister',
  'log',
  'lost',
  'code',
] as const;
export type RowKind = (typeof rowKinds)[number];
/** Wire value of each kind. */
export const kindCode = Object.fromEntries(rowKinds.map((kind, i) => [kind, i])) as Record<RowKind, number>;

/** Who did it. The index is the wire value, so only ever append. */
export const rowActors = ['kernel', 'handler', 'user', 'rule', 'detach'] as const;
export type RowActor = (typeof rowActors)[number];
/** Wire value of each actor. */
export const actorCode = Object.fromEntries(rowActors.map((actor, i) => [actor, i])) as Record<
  RowActor,
  number
>;

/**
 * One row as an object: for building rows, tests and details panes. Bulk code
 * reads the columns instead.
 */
export interface EventRow {
  readonly kind: RowKind;
  readonly actor: RowActor;
  /** Nanoseconds of CLOCK_MONOTONIC since the session's start; negative never occurs. Of `lost`, when its last fault ended. */
  readonly timeNs: number;
  /** The fault this row is about; 0 when it is about a range or is not a fault event. */
  readonly faultId: number;
  /**
   * Fault address as reported, also of a served row; start of the ioctl's or event's range; `from` of a
   * remap; of `code`, the instruction that raised the fault of the row after it.
   */
  readonly address: bigint;
  /** Length of the ioctl's or event's range; 0 for raised, read and code. */
  readonly lengthBytes: number;
  /** Faulting thread as the kernel reported it (its own pid namespace), or inferred; 0 when unknown. */
  readonly tid: number;
  /**
   * UFFD_PAGEFAULT_FLAG_* for raised, read and log, mode bits for ioctls (for unregister those
   * that the range had, 0 when unknown), event number for unknown.
   */
  readonly flags: bigint;
  /** errno of the ioctl, 0 on success. */
  readonly errno: number;
  /**
   * The ioctl's signed out field (bytes done or -errno; the ioctls mask of register); `to` of a
   * remap; descriptor of a fork; 1 for a raised row whose tid was inferred; for log, the rule's
   * number, from 1; for lost, how many faults and other events.
   */
  readonly out: bigint;
  /**
   * How long before `timeNs` the fault of a served row was raised, or the first fault of `lost`.
   * Absent is 0.
   */
  readonly raisedBeforeNs?: number;
  /** How long before `timeNs` the fault of a served row was read. Absent is 0. */
  readonly readBeforeNs?: number;
  /** `servedMark` and UFFD_PAGEFAULT_FLAG_* in a served row (`servedRows.ts`). Absent is 0. */
  readonly faultFlags?: number;
}

/** A batch of rows as typed columns, all of length `count`. */
export interface EventRows {
  /** Sequence number of row 0; row i has `firstSequence + i`. Sequences start at 1. */
  readonly firstSequence: number;
  readonly count: number;
  readonly timeNs: Float64Array;
  readonly lengthBytes: Float64Array;
  readonly address: BigUint64Array;
  /** The address column as little-endian 32-bit pairs, so that bulk code needs no bigint. */
  readonly addressWords: Uint32Array;
  readonly flags: BigUint64Array;
  readonly out: BigInt64Array;
  readonly faultId: Uint32Array;
  readonly tid: Uint32Array;
  readonly raisedBeforeNs: Uint32Array;
  readonly readBeforeNs: Uint32Array;
  readonly errno: Uint16Array;
  readonly kind: Uint8Array;
  readonly actor: Uint8Array;
  readonly faultFlags: Uint8Array;
}

/** Bytes one row takes in memory. */
const rowBytes = 5 * 8 + 4 * 4 + 2 + 3;

/** New rows with zeroed columns, ready to be filled. */
export function allocateRows(firstSequence: number, count: number): EventRows {
  const buffer = new ArrayBuffer(rowBytes * count);
  let offset = 0;
  // Widest type first, so that every column is aligned.
  const next = (bytesPerRow: number): number => {
    const start = offset;
    offset += bytesPerRow * count;
    return start;
  };
  const timeNs = new Float64Array(buffer, next(8), count);
  const lengthBytes = new Float64Array(buffer, next(8), count);
  const address = new BigUint64Array(buffer, next(8), count);
  return {
    firstSequence,
    count,
    timeNs,
    lengthBytes,
    address,
    addressWords: words(address),
    flags: new BigUint64Array(buffer, next(8), count),
    out: new BigInt64Array(buffer, next(8), count),
    faultId: new Uint32Array(buffer, next(4), count),
    tid: new Uint32Array(buffer, next(4), count),
    raisedBeforeNs: new Uint32Array(buffer, next(4), count),
    readBeforeNs: new Uint32Array(buffer, next(4), count),
    errno: new Uint16Array(buffer, next(2), count),
    kind: new Uint8Array(buffer, next(1), count),
    actor: new Uint8Array(buffer, next(1), count),
    faultFlags: new Uint8Array(buffer, next(1), count),
  };
}

/** A column of 64-bit values as little-endian 32-bit pairs, so that bulk code needs no bigint. */
export function words(column: BigUint64Array | BigInt64Array): Uint32Array {
  return new Uint32Array(column.buffer, column.byteOffset, 2 * column.length);
}

/** Builds a batch from row objects. */
export function rowsFrom(firstSequence: number, list: readonly EventRow[]): EventRows {
  const rows = allocateRows(firstSequence, list.length);
  list.forEach((row, i) => {
    writeRow(rows, i, row);
  });
  return rows;
}

/** Rows `from` (inclusive) to `to` (exclusive) of a batch: the same memory. */
export function rowsOf(rows: EventRows, from: number, to: number): EventRows {
  const part = Object.fromEntries(columns.map((column) => [column, rows[column].subarray(from, to)]));
  return {
    ...(part as Pick<EventRows, (typeof columns)[number]>),
    firstSequence: rows.firstSequence + from,
    count: to - from,
    addressWords: rows.addressWords.subarray(2 * from, 2 * to),
  };
}

/** Copies `count` rows of `from`, from row `start` on, to `to`, from row `at` on; sequences stay. */
export function copyRows(from: EventRows, start: number, count: number, to: EventRows, at: number): void {
  for (const column of columns) {
    // The same column on both sides, so the element types agree.
    to[column].set(from[column].subarray(start, start + count) as never, at);
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
  'raisedBeforeNs',
  'readBeforeNs',
  'errno',
  'kind',
  'actor',
  'faultFlags',
] as const;

/** Stores `row` at index `i` of the columns. */
export function writeRow(rows: EventRows, i: number, row: EventRow): void {
  rows.timeNs[i] = row.timeNs;
  rows.lengthBytes[i] = row.lengthBytes;
  rows.address[i] = row.address;
  rows.flags[i] = row.flags;
  rows.out[i] = row.out;
  rows.faultId[i] = row.faultId;
  rows.tid[i] = row.tid;
  rows.errno[i] = row.errno;
  rows.kind[i] = kindCode[row.kind];
  rows.actor[i] = actorCode[row.actor];
  rows.raisedBeforeNs[i] = row.raisedBeforeNs ?? 0;
  rows.readBeforeNs[i] = row.readBeforeNs ?? 0;
  rows.faultFlags[i] = row.faultFlags ?? 0;
}

/**
 * Row `i` as an object.
 * @throws RangeError when `i` is outside the batch.
 */
export function rowAt(rows: EventRows, i: number): EventRow {
  if (i < 0 || i >= rows.count) {
    throw new RangeError(`row ${i} of a batch of ${rows.count}`);
  }
  const raisedBeforeNs = rows.raisedBeforeNs[i]!;
  const readBeforeNs = rows.readBeforeNs[i]!;
  const faultFlags = rows.faultFlags[i]!;
  return {
    kind: rowKinds[rows.kind[i]!] ?? 'unknown',
    actor: rowActors[rows.actor[i]!] ?? 'kernel',
    timeNs: rows.timeNs[i]!,
    faultId: rows.faultId[i]!,
    address: rows.address[i]!,
    lengthBytes: rows.lengthBytes[i]!,
    tid: rows.tid[i]!,
    flags: rows.flags[i]!,
    errno: rows.errno[i]!,
    out: rows.out[i]!,
    ...(raisedBeforeNs === 0 ? {} : { raisedBeforeNs }),
    ...(readBeforeNs === 0 ? {} : { readBeforeNs }),
    ...(faultFlags === 0 ? {} : { faultFlags }),
  };
}
