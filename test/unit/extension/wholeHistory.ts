/** All that a trace's history holds, as packed batches, oldest first. */
import type { FaultTrace } from '../../../extension/session/faultTrace.ts';

export function wholeHistory(trace: FaultTrace): ArrayBuffer[] {
  const before = trace.rowsBefore();
  const batches = before === null ? [] : [before];
  for (let next = trace.batchAfter(0); next !== null; next = trace.batchAfter(next.lastSequence)) {
    batches.push(next.batch);
  }
  return batches;
}
