/**
 * What a batch of a trace file tells of its rows in its metadata, so that a picture of the whole trace is there
 * before its rows are read: how many faults of each thread ended, by when they were raised, the slowest of them and
 * how busy the thread was. In columns, a row for each thread and bucket of time. Pure: no VS Code.
 */
import type { EventRows } from '../../../native-helper/log/eventRows.ts';
import { leastBucketNs } from '../../../native-helper/log/latencyOverview.ts';
import { OpenFaults } from '../../../native-helper/log/openFaults.ts';

export interface BatchOverview {
  /** Sequence number and time of the batch's last row. */
  readonly lastSequence: number;
  readonly lastNs: number;
  /** Width of a bucket; bucket n begins at n times that. */
  readonly bucketNs: number;
  readonly tid: readonly number[];
  readonly bucket: readonly number[];
  readonly faults: readonly number[];
  /** Latency of the slowest. */
  readonly worstNs: readonly number[];
  /** Sum of the latencies. */
  readonly busyNs: readonly number[];
}

/** So many rows of a batch, on average, or more have one row in its overview. */
const rowsPerBucket = 128;

/** Sums up batches, which come in the order of the file. */
export class BatchOverviews {
  private readonly open = new OpenFaults({
    onServed: ({ timeNs, raisedBeforeNs, tid }, i) =>
      this.add(tid[i]!, timeNs[i]! - raisedBeforeNs[i]!, raisedBeforeNs[i]!),
    onEnded: ({ tid, raisedNs }, timeNs) => this.add(tid, raisedNs, timeNs - raisedNs),
  });
  private bucketNs = leastBucketNs;
  private rowOf = new Map<number, Map<number, number>>();
  private columns = emptyColumns();

  of(rows: EventRows): BatchOverview {
    this.bucketNs = bucketWidthNs(rows);
    this.rowOf = new Map();
    this.columns = emptyColumns();
    this.open.fold(rows);
    const last = rows.count - 1;
    return {
      lastSequence: rows.firstSequence + last,
      lastNs: rows.timeNs[last]!,
      bucketNs: this.bucketNs,
      ...this.columns,
    };
  }

  private add(tid: number, raisedNs: number, latencyNs: number): void {
    const { tid: tids, bucket: buckets, faults, worstNs, busyNs } = this.columns;
    let ofThread = this.rowOf.get(tid);
    if (ofThread === undefined) {
      ofThread = new Map();
      this.rowOf.set(tid, ofThread);
    }
    const bucket = Math.floor(raisedNs / this.bucketNs);
    const row = ofThread.get(bucket);
    if (row === undefined) {
      ofThread.set(bucket, tids.length);
      tids.push(tid);
      buckets.push(bucket);
      faults.push(1);
      worstNs.push(latencyNs);
      busyNs.push(latencyNs);
    } else {
      faults[row]!++;
      worstNs[row] = Math.max(worstNs[row]!, latencyNs);
      busyNs[row]! += latencyNs;
    }
  }
}

function emptyColumns(): Record<'tid' | 'bucket' | 'faults' | 'worstNs' | 'busyNs', number[]> {
  return { tid: [], bucket: [], faults: [], worstNs: [], busyNs: [] };
}

/** Such that the batch has as many buckets as its rows and its threads allow. */
function bucketWidthNs({ count, timeNs, tid }: EventRows): number {
  const buckets = Math.max(1, count / (rowsPerBucket * new Set(tid).size));
  const spanNs = timeNs[count - 1]! - timeNs[0]!;
  let widthNs = leastBucketNs;
  while (spanNs > buckets * widthNs) {
    widthNs *= 2;
  }
  return widthNs;
}

/** @throws Error when the text is not that of an overview */
export function overviewFrom(text: string): BatchOverview {
  const { lastSequence, lastNs, bucketNs, tid, bucket, faults, worstNs, busyNs } = JSON.parse(
    text,
  ) as Partial<BatchOverview>;
  const columns = [tid, bucket, faults, worstNs, busyNs];
  const areColumns = columns.every(
    (column) => Array.isArray(column) && column.length === tid?.length && column.every(isCount),
  );
  const areNumbers = [lastSequence, lastNs, bucketNs].every(isCount);
  if (!areColumns || !areNumbers || !Number.isInteger(Math.log2(bucketNs! / leastBucketNs))) {
    throw new Error('an overview that is none');
  }
  return { lastSequence, lastNs, bucketNs, tid, bucket, faults, worstNs, busyNs } as BatchOverview;
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}
