/** What a trace file shows before its rows are read: made of the overviews of its batches, from their heads alone. */
import { LatencyOverview } from '../../../native-helper/log/latencyOverview.ts';
import { overviewFrom, type BatchOverview } from './batchOverview.ts';
import { overviewTextOf } from './traceHeader.ts';
import { inBlocks, readHead, type ByteSource } from './traceMessages.ts';

export interface TraceOutline {
  /** Sequence number and time of the last row of the file. */
  readonly lastSequence: number;
  readonly lastNs: number;
  /** By thread, 0 for the unknown ones, in the order of their first fault. */
  readonly overviews: ReadonlyMap<number, LatencyOverview>;
}

/** Heads that are walked in about three seconds. Of seven hours of a slow target there are more. */
const mostBatches = 50_000;

/**
 * Up to where the file is whole.
 * @returns null when it has no rows, too many batches, or one without an overview: then only its rows tell
 */
export async function readOutline(
  file: ByteSource,
  isCancelled: () => boolean = () => false,
): Promise<TraceOutline | null> {
  const source = inBlocks(file);
  const overviews = new Map<number, LatencyOverview>();
  let last: BatchOverview | null = null;
  let batches = 0;
  for (let at = 0; !isCancelled() && batches <= mostBatches;) {
    const head = await readHead(source, at);
    if (!('type' in head)) {
      break;
    }
    at = head.endByte;
    const { message } = head;
    try {
      if (message.isRecordBatch() && message.header().length > 0) {
        last = overviewFrom(overviewTextOf(message.metadata));
        addTo(overviews, last);
        batches++;
      }
    } catch {
      return null;
    }
  }
  return last === null || batches > mostBatches
    ? null
    : { lastSequence: last.lastSequence, lastNs: last.lastNs, overviews };
}

function addTo(overviews: Map<number, LatencyOverview>, batch: BatchOverview): void {
  const { bucketNs, tid, bucket, faults, worstNs, busyNs } = batch;
  tid.forEach((thread, row) => {
    let overview = overviews.get(thread);
    if (overview === undefined) {
      overview = LatencyOverview.empty();
      overviews.set(thread, overview);
    }
    overview.addBucket(bucket[row]! * bucketNs, bucketNs, faults[row]!, worstNs[row]!, busyNs[row]!);
  });
}
