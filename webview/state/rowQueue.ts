/**
 * Batches of rows on their way into the state, taken up in slices, so that a flood of them leaves
 * time for frames and input.
 */
import { type RowsDidAppendParams } from '../protocol.ts';
import { inNextTurn, sliceMs } from './nextTurn.ts';

export class RowQueue {
  private waiting: RowsDidAppendParams[] = [];
  /** Whether a slice has been taken up in this turn. */
  private isResting = false;
  private readonly take: (rows: RowsDidAppendParams) => void;
  private readonly onTaken: (sessionIds: ReadonlySet<number>) => void;

  /**
   * @param take takes up one batch
   * @param onTaken told after each slice of which sessions rows were taken up
   */
  constructor(take: (rows: RowsDidAppendParams) => void, onTaken: (sessionIds: ReadonlySet<number>) => void) {
    this.take = take;
    this.onTaken = onTaken;
  }

  /** Takes the batch up at once, unless the last slice has just been: then in the next one. */
  add(rows: RowsDidAppendParams): void {
    this.waiting.push(rows);
    if (!this.isResting) {
      this.takeSlice();
    }
  }

  /** Forgets what waits. */
  clear(): void {
    this.waiting = [];
  }

  private takeSlice(): void {
    const untilMs = performance.now() + sliceMs;
    const sessionIds = new Set<number>();
    do {
      const rows = this.waiting.shift();
      if (rows === undefined) {
        break;
      }
      sessionIds.add(rows.sessionId);
      this.take(rows);
    } while (performance.now() < untilMs);
    this.isResting = true;
    inNextTurn(() => {
      this.isResting = false;
      if (this.waiting.length > 0) {
        this.takeSlice();
      }
    });
    this.onTaken(sessionIds);
  }
}
