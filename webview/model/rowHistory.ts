/** The log rows this page knows, batch by batch, so that a fault's story can be told row by row. */
import { type EventRow, type EventRows, rowAt, rowKinds } from '../../native-helper/log/eventRows.ts';

/** A row with its place in the log. */
export interface HistoryRow extends EventRow {
  readonly sequence: number;
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
  (['raised', 'read', 'fork', 'unknown'] as const).map((kind) => rowKinds.indexOf(kind)),
);

export class RowHistory {
  private readonly batches: EventRows[] = [];
  count = 0;

  add(rows: EventRows): void {
    if (rows.count > 0) {
      this.batches.push(rows);
      this.count += rows.count;
    }
  }

  /**
   * Rows about this fault, in log order: those that carry its id, and from its raise to its
   * end those whose range covers its address, for they act on it too.
   */
  rowsOf(fault: FaultSpan): HistoryRow[] {
    const found: HistoryRow[] = [];
    const page = Number(fault.address / BigInt(indexPageBytes));
    const untilNs = Number.isNaN(fault.endNs) ? Infinity : fault.endNs;
    for (const rows of this.batches) {
      if (rows.timeNs[rows.count - 1]! < fault.raisedNs || rows.timeNs[0]! > untilNs) {
        continue;
      }
      for (let i = 0; i < rows.count; i++) {
        const timeNs = rows.timeNs[i]!;
        const isOwn = rows.faultId[i] === fault.id;
        if (isOwn || (timeNs >= fault.raisedNs && timeNs <= untilNs && covers(rows, i, page))) {
          found.push({ ...rowAt(rows, i), sequence: rows.firstSequence + i });
        }
      }
    }
    return found;
  }
}

function covers(rows: EventRows, i: number, page: number): boolean {
  if (withoutRange.has(rows.kind[i]!)) {
    return false;
  }
  const firstPage = rows.addressWords[2 * i + 1]! * 0x100000 + (rows.addressWords[2 * i]! >>> 12);
  return page >= firstPage && page < firstPage + rows.lengthBytes[i]! / indexPageBytes;
}
