/** The rows of an opened trace file, as far as they have been read. Pure: no VS Code. */
import { FaultTrace, type TraceBatch } from '../session/faultTrace.ts';

export class RecordedTrace extends FaultTrace {
  /** Rows from before the recording are not part of it, so none of it is missing. */
  override get droppedRows(): number {
    return 0;
  }

  override batchAfter(sequence: number): TraceBatch | null {
    const next = super.batchAfter(sequence);
    return next === null ? null : { ...next, afterSequence: sequence };
  }
}
