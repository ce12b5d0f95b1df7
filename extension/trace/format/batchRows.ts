/** Rows of a record batch as rows of the event log. */
import type { RecordBatch } from 'apache-arrow';
import {
  actorCode,
  allocateRows,
  kindCode,
  words,
  type EventRows,
} from '../../../native-helper/log/eventRows.ts';
import { servedMark } from '../../../native-helper/log/servedRows.ts';

type Values = BigInt64Array | BigUint64Array | Uint32Array | Uint16Array | Uint8Array | Int8Array;

/** @throws Error when a column has fewer values than there are rows, or the rows do not follow on each other */
export function rowsOfBatch(batch: RecordBatch): EventRows {
  const count = batch.numRows;
  const sequence = wordsOf(batch, 'sequence');
  const rows = allocateRows(doubleAt(sequence, 0), count);
  if (rows.firstSequence < 1) {
    throw new Error(`a row with sequence number ${rows.firstSequence}`);
  }
  const time = wordsOf(batch, 'time_ns');
  const lengthBytes = wordsOf(batch, 'length_bytes');
  for (let i = 0; i < count; i++) {
    if (doubleAt(sequence, i) !== rows.firstSequence + i) {
      throw new Error(`row ${rows.firstSequence + i} does not follow on the one before`);
    }
    rows.timeNs[i] = doubleAt(time, i);
    rows.lengthBytes[i] = doubleAt(lengthBytes, i);
  }
  rows.faultId.set(valuesOf(batch, 'fault_id') as Uint32Array);
  rows.addressWords.set(wordsOf(batch, 'address'));
  rows.tid.set(valuesOf(batch, 'tid') as Uint32Array);
  words(rows.flags).set(wordsOf(batch, 'flags'));
  rows.errno.set(valuesOf(batch, 'errno') as Uint16Array);
  words(rows.out).set(wordsOf(batch, 'out'));
  setCodes(batch, 'kind', kindCode, kindCode.unknown, rows.kind);
  setCodes(batch, 'actor', actorCode, actorCode.kernel, rows.actor);
  setServed(batch, rows);
  return rows;
}

function setServed(batch: RecordBatch, rows: EventRows): void {
  const [raisedBits, readBits, flagBits] = ['raised_ns', 'read_ns', 'fault_flags'].map((name) =>
    validityOf(batch, name),
  );
  const raised = wordsOf(batch, 'raised_ns');
  const read = wordsOf(batch, 'read_ns');
  const flags = valuesOf(batch, 'fault_flags');
  const { timeNs, raisedBeforeNs, readBeforeNs, faultFlags } = rows;
  for (let i = 0; i < rows.count; i++) {
    raisedBeforeNs[i] = isSet(raisedBits!, i) ? timeNs[i]! - doubleAt(raised, i) : 0;
    readBeforeNs[i] = isSet(readBits!, i) ? timeNs[i]! - doubleAt(read, i) : 0;
    faultFlags[i] = isSet(flagBits!, i) ? servedMark | Number(flags[i]!) : 0;
  }
}

/** A bit for each value of a column: whether it is not null. Null when none is. */
function validityOf(batch: RecordBatch, name: string): Uint8Array | null {
  const data = batch.getChild(name)?.data[0];
  if (data === undefined || data.nullCount === 0) {
    return null;
  }
  if (data.nullBitmap.length < Math.ceil(batch.numRows / 8)) {
    throw new Error(`column ${name} does not say of all ${batch.numRows} rows whether they are null`);
  }
  return data.nullBitmap;
}

function isSet(bits: Uint8Array | null, i: number): boolean {
  return bits === null || (bits[i >> 3]! & (1 << (i & 7))) !== 0;
}

/** Codes of a dictionary's column as this version's codes of the same words. */
function setCodes(
  batch: RecordBatch,
  name: string,
  codeOf: Readonly<Record<string, number>>,
  unknown: number,
  to: Uint8Array,
): void {
  const codes = valuesOf(batch, name);
  const dictionary = batch.getChild(name)?.data[0]?.dictionary;
  const known = Array.from({ length: dictionary?.length ?? 0 }, (_, i) => {
    const word = String(dictionary?.get(i));
    return Object.hasOwn(codeOf, word) ? codeOf[word]! : unknown;
  });
  for (let i = 0; i < to.length; i++) {
    to[i] = known[Number(codes[i])] ?? unknown;
  }
}

/** Exactly as many values as there are rows. */
function valuesOf(batch: RecordBatch, name: string): Values {
  const values = batch.getChild(name)?.data[0]?.values as Values | undefined;
  if (values === undefined || values.length < batch.numRows) {
    throw new Error(`column ${name} has ${values?.length ?? 0} values for ${batch.numRows} rows`);
  }
  return values.subarray(0, batch.numRows);
}

function wordsOf(batch: RecordBatch, name: string): Uint32Array {
  return words(valuesOf(batch, name) as BigInt64Array);
}

/** A signed 64-bit value from its halves. */
function doubleAt(halves: Uint32Array, i: number): number {
  return halves[2 * i]! + (halves[2 * i + 1]! | 0) * 2 ** 32;
}
