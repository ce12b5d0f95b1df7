/**
 * The log rows this page knows, batch by batch, so that a fault's story can be told row by row.
 * Served rows may be left out: they are about one fault each, whose columns tell the same.
 */
import {
  allocateRows,
  copyRows,
  type EventRow,
  type EventRows,
  rowKinds,
} from '../../native-helper/log/eventRows.ts';
import { expanded, firstPageOf, isServed } from '../../native-helper/log/servedRows.ts';

/** An event with the place of its row in the log, where that is known. */
export interface HistoryRow extends EventRow {
  readonly sequence: number | null;
}

/** What is needed of a fault to find its rows. */
export interface FaultSpan {
  readonly id: number;
  readonly address: bigint;
  readonly raisedNs: number;
  /** NaN while its thread sleeps. */
  readonly endNs: number;
}

const indexPageBytes = 4096;
const withoutRange = new Set(
  (['code', 'raised', 'read', 'fork', 'unknown', 'lost'] as const).map((kind) => rowKinds.indexOf(kind)),
);

interface Batch {
  readonly rows: EventRows;
  /** Index of the first row that counts; those before it came in an earlier batch. */
  readonly from: number;
  /** Sequence number of each row; null when they follow one by one. */
  readonly sequences: Float64Array | null;
}

/** The rows of the fault asked for last, as far as the batches have been searched. */
interface Search {
  readonly id: number;
  readonly endNs: number;
  readonly found: HistoryRow[];
  readonly batchCount: number;
}

export class RowHistory {
  private readonly batches: Batch[] = [];
  private lastSearch: Search | undefined;
  count = 0;

  /** Adds the rows from index `from` on. */
  add(rows: EventRows, from = 0): void {
    if (rows.count > from) {
      this.batches.push({ rows, from, sequences: null });
      this.count += rows.count - from;
    }
  }

  /** Adds the rows from index `from` on that are no served rows. */
  addUnserved(rows: EventRows, from: number): void {
    const kept: number[] = [];
    for (let i = from; i < rows.count; i++) {
      if (!isServed(rows, i)) {
        kept.push(i);
      }
    }
    if (kept.length === rows.count - from) {
      this.add(rows, from);
    } else if (kept.length > 0) {
      const copy = allocateRows(rows.firstSequence, kept.length);
      kept.forEach((i, n) => copyRows(rows, i, 1, copy, n));
      const sequences = Float64Array.from(kept, (i) => rows.firstSequence + i);
      this.batches.push({ rows: copy, from: 0, sequences });
      this.count += kept.length;
    }
  }

  /**
   * Events about this fault, in log order: those that carry its id, and from its raise to its
   * end those whose range covers its address, for they act on it too. Asked for the same
   * fault again, it searches only what was added since.
   */
  rowsOf(fault: FaultSpan): readonly HistoryRow[] {
    const last = this.lastSearch;
    const isSame = last?.id === fault.id && (Number.isNaN(last.endNs) || Object.is(last.endNs, fault.endNs));
    const found = isSame ? last.found : [];
    this.search(fault, isSame ? last.batchCount : 0, found);
    this.lastSearch = { id: fault.id, endNs: fault.endNs, found, batchCount: this.batches.length };
    return found;
  }

  /** Appends to `found` the rows about this fault from batch `fromBatch` on. */
  private search(fault: FaultSpan, fromBatch: number, found: HistoryRow[]): void {
    const page = Number(fault.address / BigInt(indexPageBytes));
    const untilNs = Number.isNaN(fault.endNs) ? Infinity : fault.endNs;
    for (let b = fromBatch; b < this.batches.length; b++) {
      const { rows, from, sequences } = this.batches[b]!;
      if (rows.timeNs[rows.count - 1]! < fault.raisedNs || rows.timeNs[0]! > untilNs) {
        continue;
      }
      for (let i = from; i < rows.count; i++) {
        const timeNs = rows.timeNs[i]!;
        const isOwn = rows.faultId[i] === fault.id;
        if (isOwn || (timeNs >= fault.raisedNs && timeNs <= untilNs && covers(rows, i, page))) {
          const events = expanded(rows, i);
          const sequence = sequences?.[i] ?? rows.firstSequence + i;
          // Of another fault's served row, its ioctl is what acts here.
          found.push(...(isOwn ? events : events.slice(-1)).map((row) => ({ ...row, sequence })));
        }
      }
    }
  }
}

function covers(rows: EventRows, i: number, page: number): boolean {
  if (withoutRange.has(rows.kind[i]!)) {
    return false;
  }
  const firstPage = firstPageOf(rows, i);
  return page >= firstPage && page < firstPage + rows.lengthBytes[i]! / indexPageBytes;
}
