/** What the live strip shows of a session: a fold over its rows that keeps the last minute. Pure: no VS Code. */
import type { EventRows } from '../../native-helper/log/eventRows.ts';
import { latencyBin, latencyBins, percentileNs } from '../../native-helper/log/latencyBins.ts';
import { OpenFaults, type OpenFault } from '../../native-helper/log/openFaults.ts';
import {
  stripBucketNs,
  stripBuckets,
  type StripBucketDto,
  type StripFaultDto,
} from '../../webview/stripProtocol.ts';

const faultsListed = 12;
const bucketsPerSecond = 1e9 / stripBucketNs;

interface Bucket {
  /** Which bucket of the session it is; an older one in its place is over. */
  readonly number: number;
  readonly bins: Uint32Array;
  ended: number;
  raised: number;
  maxNs: number;
  open: number;
  held: number;
}

export class StripSummary {
  private readonly buckets = new Map<number, Bucket>();
  private readonly ended: OpenFault[] = [];
  private readonly latencies = new Map<OpenFault, number>();
  private readonly faults = new OpenFaults({
    onRaised: (fault) => {
      this.bucketAt(fault.raisedNs).raised++;
    },
    onEnded: (fault, timeNs) => this.take(fault, timeNs),
  });

  /** Takes up rows that follow on those before. */
  add(rows: EventRows): void {
    this.faults.fold(rows);
  }

  private take(fault: OpenFault, timeNs: number): void {
    const latencyNs = timeNs - fault.raisedNs;
    const bucket = this.bucketAt(timeNs);
    bucket.bins[latencyBin(latencyNs)]!++;
    bucket.ended++;
    bucket.maxNs = Math.max(bucket.maxNs, latencyNs);
    this.ended.push(fault);
    this.latencies.set(fault, latencyNs);
    if (this.ended.length > faultsListed) {
      this.latencies.delete(this.ended.shift()!);
    }
  }

  /** Notes how many faults are open and held now. */
  sample(nowNs: number, open: number, held: number): void {
    const bucket = this.bucketAt(nowNs);
    bucket.open = open;
    bucket.held = held;
  }

  /** The last minute until `nowNs`, oldest first. */
  lastMinute(nowNs: number): StripBucketDto[] {
    const last = Math.floor(nowNs / stripBucketNs);
    return Array.from({ length: stripBuckets }, (_, n) => {
      const bucket = this.known(last - stripBuckets + 1 + n);
      const histogram = bucket && { bins: bucket.bins, count: bucket.ended, maxNs: bucket.maxNs };
      const percentile = (share: number): number | null =>
        histogram === undefined || histogram.count === 0 ? null : percentileNs(histogram, share);
      return {
        p50Ns: percentile(0.5),
        p95Ns: percentile(0.95),
        maxNs: percentile(1),
        open: bucket?.open ?? 0,
        held: bucket?.held ?? 0,
      };
    });
  }

  /** Faults raised in the last whole second. */
  perSecond(nowNs: number): number {
    const last = Math.floor(nowNs / stripBucketNs);
    let raised = 0;
    for (let n = 1; n <= bucketsPerSecond; n++) {
      raised += this.known(last - n)?.raised ?? 0;
    }
    return raised;
  }

  /** The faults that ended last, the latest first. */
  last(threadName: (tid: number) => string): StripFaultDto[] {
    return this.ended.toReversed().map((fault) => ({
      faultId: fault.id,
      thread: threadName(fault.tid),
      address: `0x${fault.address.toString(16)}`,
      latencyNs: this.latencies.get(fault) ?? 0,
    }));
  }

  private known(number: number): Bucket | undefined {
    const bucket = this.buckets.get(((number % stripBuckets) + stripBuckets) % stripBuckets);
    return bucket?.number === number ? bucket : undefined;
  }

  private bucketAt(timeNs: number): Bucket {
    const number = Math.floor(timeNs / stripBucketNs);
    const known = this.known(number);
    if (known !== undefined) {
      return known;
    }
    const place = ((number % stripBuckets) + stripBuckets) % stripBuckets;
    const bucket = {
      number,
      bins: new Uint32Array(latencyBins),
      ended: 0,
      raised: 0,
      maxNs: 0,
      open: 0,
      held: 0,
    };
    // A fault from before the last minute would take the place of a bucket that shows.
    if ((this.buckets.get(place)?.number ?? -Infinity) < number) {
      this.buckets.set(place, bucket);
    }
    return bucket;
  }
}
