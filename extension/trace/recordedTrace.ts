/** The rows of an opened trace file, packed as a page takes them. They stay as they are. Pure: no VS Code. */
import { packedRows } from '../../native-helper/log/packedRows.ts';
import type { EventRows } from '../../native-helper/log/eventRows.ts';
import type { TraceBatch } from '../session/faultTrace.ts';

export class RecordedTrace {
  readonly droppedRows = 0;
  private readonly batches: TraceBatch[] = [];
  private lastSequence = 0;
  private rows = 0;

  get revision(): number {
    return this.lastSequence;
  }

  get keptRows(): number {
    return this.rows;
  }

  /** What was open before the recording is in its rows. */
  rowsBefore(): null {
    return null;
  }

  /** @returns the batch as it is kept */
  append(rows: EventRows): ArrayBuffer {
    const batch = packedRows(rows);
    // Rows that were never recorded are no gap that a page could fill.
    this.batches.push({
      batch,
      afterSequence: this.lastSequence,
      lastSequence: rows.firstSequence + rows.count - 1,
    });
    this.lastSequence = rows.firstSequence + rows.count - 1;
    this.rows += rows.count;
    return batch;
  }

  /** The batch that follows on row `sequence`, or holds the row after it; null at the end. */
  batchAfter(sequence: number): TraceBatch | null {
    let low = 0;
    let high = this.batches.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.batches[middle]!.lastSequence <= sequence) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return this.batches[low] ?? null;
  }
}
