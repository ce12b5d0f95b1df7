/**
 * The faults that the ledger lists, in its order. A million of them are filtered and sorted in
 * slices; after that, a refresh takes up only faults that are new or were still open, for the
 * others cannot have changed.
 */
import { ChunkPart, forEachPartOf, partFaults } from './chunkPart.ts';
import { type FaultFilter, type FaultTest, faultTest } from './faultFilter.ts';
import { type FaultTable } from './faultTable.ts';
import { ledgerColumn, type LedgerColumnId, type LedgerSource } from './ledgerColumns.ts';
import { sortedOrder } from './radixSort.ts';

export interface LedgerSort {
  readonly column: LedgerColumnId;
  readonly isDescending: boolean;
}

/** Faults handled between two yields. */
const sliceLength = 4096;

interface Listed {
  /** Fault indexes in order, and what each is sorted by, ascending. */
  readonly rows: Uint32Array;
  readonly keys: Float64Array;
}

const nothing: Listed = { rows: new Uint32Array(0), keys: new Float64Array(0) };

export class LedgerListing {
  private listed = nothing;
  /** What the listing was made by; when any of it changes, it is made anew. */
  private madeBy: readonly unknown[] = [];
  /** Faults looked at so far, and which of them were open then. */
  private seenCount = 0;
  private seenOpen: readonly number[] = [];

  /** Indexes of the listed faults, in order. */
  get rows(): Uint32Array {
    return this.listed.rows;
  }

  /** Place of fault `i` in the listing, -1 when it is not listed. */
  placeOf(i: number): number {
    return i === -1 ? -1 : this.listed.rows.indexOf(i);
  }

  /**
   * Brings the listing up to date. A generator: between its yields the page may do something
   * else; the listing changes only when it is done.
   */
  *refresh(
    source: LedgerSource,
    filter: FaultFilter,
    sort: LedgerSort,
  ): Generator<undefined, undefined, undefined> {
    const { faults } = source;
    const madeBy = [
      faults,
      faults.isProcessGone,
      source.ranges,
      filter,
      sort,
      ranksOf(sort, source),
      // Names count only where they are looked for, or sorted by.
      ...(filter.text.trim() === '' ? [] : [source.threadName, source.codeWords]),
      ...(sort.column === 'thread' ? [source.threadName] : []),
    ];
    const isAnew = madeBy.some((part, n) => part !== this.madeBy[n]);
    const old = isAnew ? nothing : this.listed;
    const { first } = faults;
    const from = Math.max(first, isAnew ? 0 : this.seenCount);
    const count = faults.count;
    const open = [...faults.open];
    const openBefore = isAnew
      ? open.filter((i) => i < first)
      : this.seenOpen.filter((i) => faults.isKnown(i));

    const isTakenUp = new Uint8Array(from);
    for (const i of openBefore) {
      isTakenUp[i] = 1;
    }
    const candidates = yield* matching(faults, openBefore, from, count, faultTest(filter, source));
    const added = yield* sorted(candidates, source, sort);
    const merged = yield* merge(old, (i) => isTakenUp[i] === 1 || (i < first && !faults.isKnown(i)), added);
    this.listed = merged;
    this.madeBy = madeBy;
    this.seenCount = count;
    this.seenOpen = open.filter((i) => i < count).sort((a, b) => a - b);
    return undefined;
  }
}

/** How many texts the sort column ranks: a new one moves the others. */
function ranksOf({ column }: LedgerSort, { faults }: LedgerSource): number {
  return column === 'thread' ? faults.tids.length : column === 'ioctls' ? faults.stories.count : 0;
}

/** Those of `some` and of `from` to `count` that match, ascending. */
function* matching(
  faults: FaultTable,
  some: readonly number[],
  from: number,
  count: number,
  test: FaultTest,
): Generator<undefined, Uint32Array, undefined> {
  const found = new Uint32Array(some.length + count - from);
  let length = 0;
  const places = new Uint16Array(partFaults);
  const add = (part: ChunkPart): void => {
    test(part);
    for (let n = 0; n < part.count; n++) {
      found[length++] = part.firstIndex + places[n]!;
    }
  };
  forEachPartOf(faults, some, places, add);
  for (let start = from; start < count;) {
    const part = new ChunkPart(faults, start, count, places);
    start += part.count;
    add(part);
    yield;
  }
  return found.slice(0, length);
}

function* sorted(
  indexes: Uint32Array,
  source: LedgerSource,
  sort: LedgerSort,
): Generator<undefined, Listed, undefined> {
  const keyOf = ledgerColumn(sort.column).keyOf(source);
  const unsorted = new Float64Array(indexes.length);
  for (let start = 0; start < indexes.length; start += sliceLength) {
    const until = Math.min(indexes.length, start + sliceLength);
    for (let n = start; n < until; n++) {
      const key = keyOf(indexes[n]!);
      unsorted[n] = Number.isNaN(key) ? Infinity : sort.isDescending ? -key : key;
    }
    yield;
  }
  const order = yield* sortedOrder(unsorted);
  const rows = new Uint32Array(indexes.length);
  const keys = new Float64Array(indexes.length);
  for (let start = 0; start < order.length; start += sliceLength) {
    const until = Math.min(order.length, start + sliceLength);
    for (let n = start; n < until; n++) {
      rows[n] = indexes[order[n]!]!;
      keys[n] = unsorted[order[n]!]!;
    }
    yield;
  }
  return { rows, keys };
}

/** The rows of `old` that are not left out, and those of `added`, in order. */
function* merge(
  old: Listed,
  isLeftOut: (i: number) => boolean,
  added: Listed,
): Generator<undefined, Listed, undefined> {
  if (old.rows.length === 0) {
    return added;
  }
  const rows = new Uint32Array(old.rows.length + added.rows.length);
  const keys = new Float64Array(rows.length);
  let length = 0;
  let a = 0;
  for (let o = 0; o < old.rows.length; o++) {
    if (o % sliceLength === 0) {
      yield;
    }
    const i = old.rows[o]!;
    if (isLeftOut(i)) {
      continue;
    }
    const key = old.keys[o]!;
    while (a < added.rows.length && (added.keys[a]! < key || (added.keys[a] === key && added.rows[a]! < i))) {
      rows[length] = added.rows[a]!;
      keys[length++] = added.keys[a++]!;
    }
    rows[length] = i;
    keys[length++] = key;
  }
  rows.set(added.rows.subarray(a), length);
  keys.set(added.keys.subarray(a), length);
  length += added.rows.length - a;
  // Views, not copies: of ten million rows those would stop the page.
  return { rows: rows.subarray(0, length), keys: keys.subarray(0, length) };
}
