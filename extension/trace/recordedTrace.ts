/** The rows of an opened trace file. Pure: no VS Code. */
import { FaultTrace } from '../session/faultTrace.ts';

export class RecordedTrace extends FaultTrace {
  /** Rows from before the recording are not part of it, so none of it is missing. */
  override get droppedRows(): number {
    return 0;
  }
}
