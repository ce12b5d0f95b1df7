/**
 * Batches of the event log as bytes, for every hop between threads and processes.
 *
 * Wide columns are stored as differences from their least value, in as few bytes as the
 * greatest of them needs: none where all values are the same. So most rows take a third of
 * what they take in memory. Layout: header, then those columns from the widest to the
 * narrowest, so that all are aligned, then the narrow columns. Pure: no Node, no DOM.
 */
import { allocateRows, words, type EventRows } from './eventRows.ts';

/** Every `stride`th of `values` from `first` on: 64-bit columns are two, low words and high words. */
interface WideColumn {
  readonly values: Float64Array | Uint32Array | Uint8Array;
  readonly first: number;
  readonly stride: number;
}

/** Bytes of a stored value; 8 is a double as it is, which only columns of doubles need. */
const widths = [8, 4, 2, 1, 0] as const;
type Width = (typeof widths)[number];
const arrayOfWidth = { 4: Uint32Array, 2: Uint16Array, 1: Uint8Array } as const;
type Stored = Uint32Array | Uint16Array | Uint8Array;

const wideColumns = 13;
/** Bytes of errno, kind and actor. They bound the number of rows. */
const narrowBytes = 4;
// Header: first sequence f64, count u32, widths u8 × 13, to the next multiple of 8; least values f64 × 13.
const countOffset = 8;
const widthsOffset = 12;
const leastOffset = 32;
const headerBytes = leastOffset + 8 * wideColumns;

/** Rows of a batch, without unpacking it. */
export function rowCount(batch: ArrayBuffer): number {
  return new DataView(batch).getUint32(countOffset, true);
}

/** Sequence numbers of a batch's first and last row, without unpacking it. */
export function rowSpan(batch: ArrayBuffer): {
  readonly firstSequence: number;
  readonly lastSequence: number;
} {
  const firstSequence = new DataView(batch).getFloat64(0, true);
  return { firstSequence, lastSequence: firstSequence + rowCount(batch) - 1 };
}

/** Gives the rows of a packed batch other sequence numbers. */
export function renumber(batch: ArrayBuffer, firstSequence: number): void {
  new DataView(batch).setFloat64(0, firstSequence, true);
}

/** The first `count` rows, packed; `firstSequence` is that of row 0. */
export function packedRows(
  rows: EventRows,
  count = rows.count,
  firstSequence = rows.firstSequence,
): ArrayBuffer {
  const wide = wideOf(rows);
  const extents = wide.map((column) => extentOf(column, count));
  const columnWidths = extents.map(({ width }) => width);
  const buffer = new ArrayBuffer(packedBytes(columnWidths, count));
  const header = new DataView(buffer);
  header.setFloat64(0, firstSequence, true);
  header.setUint32(countOffset, count, true);
  new Uint8Array(buffer, widthsOffset).set(columnWidths);
  new Float64Array(buffer, leastOffset, wideColumns).set(extents.map(({ least }) => least));
  let end = forEachWide(columnWidths, count, (i, width, offset) => {
    if (width === 8) {
      new Float64Array(buffer, offset, count).set((wide[i]!.values as Float64Array).subarray(0, count));
    } else if (width !== 0) {
      store(wide[i]!, extents[i]!.least, new arrayOfWidth[width](buffer, offset, count));
    }
  });
  const packed = new Uint8Array(buffer);
  for (const bytes of narrowOf(rows, count)) {
    packed.set(bytes, end);
    end += bytes.byteLength;
  }
  return buffer;
}

/**
 * The rows of a packed batch.
 * @throws RangeError when the buffer is not exactly one batch.
 */
export function unpackRows(buffer: ArrayBuffer): EventRows {
  if (buffer.byteLength < headerBytes) {
    throw new RangeError(`event batch of ${buffer.byteLength} bytes has no header`);
  }
  const header = new DataView(buffer);
  const firstSequence = header.getFloat64(0, true);
  const count = header.getUint32(countOffset, true);
  if (!Number.isSafeInteger(firstSequence) || firstSequence < 1) {
    throw new RangeError(`event batch has first sequence ${firstSequence}`);
  }
  const columnWidths = Array.from(new Uint8Array(buffer, widthsOffset, wideColumns), checkedWidth);
  if (buffer.byteLength !== packedBytes(columnWidths, count)) {
    throw new RangeError(`event batch of ${count} rows has ${buffer.byteLength} bytes`);
  }
  const rows = allocateRows(firstSequence, count);
  const wide = wideOf(rows);
  const least = new Float64Array(buffer, leastOffset, wideColumns);
  let end = forEachWide(columnWidths, count, (i, width, offset) => {
    if (width === 0) {
      repeat(wide[i]!, least[i]!);
    } else if (width === 8) {
      wide[i]!.values.set(new Float64Array(buffer, offset, count));
    } else {
      restore(wide[i]!, least[i]!, new arrayOfWidth[width](buffer, offset, count));
    }
  });
  for (const bytes of narrowOf(rows, count)) {
    bytes.set(new Uint8Array(buffer, end, bytes.byteLength));
    end += bytes.byteLength;
  }
  return rows;
}

/** In the order of the header; those of doubles first. */
function wideOf(rows: EventRows): WideColumn[] {
  const whole = (values: WideColumn['values']): WideColumn => ({ values, first: 0, stride: 1 });
  const halves = (values: Uint32Array): WideColumn[] => [
    { values, first: 0, stride: 2 },
    { values, first: 1, stride: 2 },
  ];
  return [
    whole(rows.timeNs),
    whole(rows.lengthBytes),
    ...halves(rows.addressWords),
    ...halves(words(rows.flags)),
    ...halves(words(rows.out)),
    whole(rows.faultId),
    whole(rows.tid),
    whole(rows.raisedBeforeNs),
    whole(rows.readBeforeNs),
    whole(rows.faultFlags),
  ];
}

/** The bytes of errno, kind and actor. */
function narrowOf({ errno, kind, actor }: EventRows, count: number): Uint8Array[] {
  return [
    new Uint8Array(errno.buffer, errno.byteOffset, 2 * count),
    kind.subarray(0, count),
    actor.subarray(0, count),
  ];
}

function packedBytes(columnWidths: readonly number[], count: number): number {
  return headerBytes + count * columnWidths.reduce((sum, width) => sum + width, narrowBytes);
}

/** The least value, and how wide what is above it is. */
function extentOf({ values, first, stride }: WideColumn, count: number): { least: number; width: Width } {
  let least = count === 0 ? 0 : values[first]!;
  let greatest = least;
  let areWhole = true;
  for (let row = 0, from = first; row < count; row++, from += stride) {
    const value = values[from]!;
    least = value < least ? value : least;
    greatest = value > greatest ? value : greatest;
    areWhole &&= Math.floor(value) === value;
  }
  const extent = greatest - least;
  if (!areWhole || extent > 0xffff_ffff) {
    return { least: 0, width: 8 };
  }
  return { least, width: extent > 0xffff ? 4 : extent > 0xff ? 2 : extent > 0 ? 1 : 0 };
}

function store({ values, first, stride }: WideColumn, least: number, stored: Stored): void {
  for (let row = 0, from = first; row < stored.length; row++, from += stride) {
    stored[row] = values[from]! - least;
  }
}

function restore({ values, first, stride }: WideColumn, least: number, stored: Stored): void {
  for (let row = 0, to = first; row < stored.length; row++, to += stride) {
    values[to] = stored[row]! + least;
  }
}

function repeat({ values, first, stride }: WideColumn, value: number): void {
  // New columns are zero.
  for (let to = first; value !== 0 && to < values.length; to += stride) {
    values[to] = value;
  }
}

/** Calls `act` for each wide column with its place in the buffer. @returns where they end */
function forEachWide(
  columnWidths: readonly Width[],
  count: number,
  act: (column: number, width: Width, offset: number) => void,
): number {
  let offset = headerBytes;
  for (const width of widths) {
    columnWidths.forEach((columnWidth, column) => {
      if (columnWidth === width) {
        act(column, width, offset);
        offset += width * count;
      }
    });
  }
  return offset;
}

function checkedWidth(width: number, column: number): Width {
  const known = widths.find((candidate) => candidate === width);
  // Only the first two columns are of doubles.
  if (known === undefined || (known === 8 && column >= 2)) {
    throw new RangeError(`event batch has a column of ${width} bytes`);
  }
  return known;
}
