/**
 * Faults in a picture of fixed size, however long the session and however many they are: so many
 * buckets of time, twice as wide each time the session outgrows them. The host gives the page one of
 * each thread, before the faults themselves; the page paints its minimap from those it makes. Only
 * faults that are over are in it. Pure: no Node, no DOM.
 */

/** More than most screens need to show a whole session, in few bytes for a thread. */
export const bucketCount = 2048;
/** Width of a bucket at first; wider ones are twice as wide, and again. */
export const leastBucketNs = 2 ** 16;
/** Bytes before the columns: the width of a bucket, f64. */
const headerBytes = 8;

export class LatencyOverview {
  /** Nanoseconds; the first bucket begins at 0. */
  bucketNs = leastBucketNs;
  /** Faults raised in each bucket. */
  readonly counts: Uint32Array;
  /** Latency of the slowest fault that was raised in it, and time spent in all of them, in nanoseconds. */
  readonly worstNs: Float32Array;
  readonly busyNs: Float32Array;

  private constructor(columns: ArrayBuffer, offset: number) {
    this.counts = new Uint32Array(columns, offset, bucketCount);
    this.worstNs = new Float32Array(columns, offset + 4 * bucketCount, bucketCount);
    this.busyNs = new Float32Array(columns, offset + 8 * bucketCount, bucketCount);
  }

  static empty(): LatencyOverview {
    return new LatencyOverview(new ArrayBuffer(12 * bucketCount), 0);
  }

  /** @throws RangeError when the bytes are not those of an overview */
  static unpacked(bytes: ArrayBuffer): LatencyOverview {
    if (bytes.byteLength !== headerBytes + 12 * bucketCount) {
      throw new RangeError(`latency overview of ${bytes.byteLength} bytes`);
    }
    const overview = new LatencyOverview(bytes, headerBytes);
    overview.bucketNs = new DataView(bytes).getFloat64(0, true);
    return overview;
  }

  packed(): ArrayBuffer {
    const bytes = new ArrayBuffer(headerBytes + 12 * bucketCount);
    const copy = new LatencyOverview(bytes, headerBytes);
    new DataView(bytes).setFloat64(0, this.bucketNs, true);
    copy.counts.set(this.counts);
    copy.worstNs.set(this.worstNs);
    copy.busyNs.set(this.busyNs);
    return bytes;
  }

  /** Takes up a fault that is over; times are nanoseconds since the session's start. */
  add(raisedNs: number, endNs: number): void {
    this.addBucket(raisedNs, leastBucketNs, 1, endNs - raisedNs, endNs - raisedNs);
  }

  /** Takes up a bucket of another overview: `faults` that were raised within `widthNs` from `startNs` on. */
  addBucket(startNs: number, widthNs: number, faults: number, worstNs: number, busyNs: number): void {
    while (startNs >= bucketCount * this.bucketNs || widthNs > this.bucketNs) {
      this.widen();
    }
    const bucket = Math.floor(startNs / this.bucketNs);
    this.counts[bucket]! += faults;
    this.busyNs[bucket]! += busyNs;
    if (worstNs > this.worstNs[bucket]!) {
      this.worstNs[bucket] = worstNs;
    }
  }

  /** Makes every two buckets one. */
  private widen(): void {
    const { counts, worstNs, busyNs } = this;
    const half = bucketCount / 2;
    for (let to = 0; to < half; to++) {
      const from = 2 * to;
      counts[to] = counts[from]! + counts[from + 1]!;
      worstNs[to] = Math.max(worstNs[from]!, worstNs[from + 1]!);
      busyNs[to] = busyNs[from]! + busyNs[from + 1]!;
    }
    for (const column of [counts, worstNs, busyNs]) {
      column.fill(0, half);
    }
    this.bucketNs *= 2;
  }
}
