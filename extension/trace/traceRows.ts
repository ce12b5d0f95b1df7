/** The rows of a trace, in memory, as whoever walks all of them needs them. Pure: no VS Code. */
import type { FaultTrace } from '../session/faultTrace.ts';

/** A trace in memory: a session's history, or a recording that was opened. */
export type KeptRows = Pick<FaultTrace, 'rowsBefore' | 'batchAfter'>;

/** All rows there are now, packed, oldest first, those of faults from before them too. */
export function historyOf(trace: KeptRows): ArrayBuffer[] {
  return [...batchesOf(trace)];
}

/** The same one by one; what is appended meanwhile comes too. */
export function* batchesOf(trace: KeptRows): Generator<ArrayBuffer> {
  const before = trace.rowsBefore();
  if (before !== null) {
    yield before;
  }
  for (let next = trace.batchAfter(0); next !== null; next = trace.batchAfter(next.lastSequence)) {
    yield next.batch;
  }
}
