/**
 * One level of detail of faults that are over: time in buckets of the same length, each with the worst
 * fault, how many and how long. What is collected of a bucket goes to the next coarser level with it.
 */
import { codeOf, indexOfCode, phaseOfCode } from './faultCode.ts';
import { type FaultTable } from './faultTable.ts';

/** Buckets of a level that make one of the next coarser one. */
export const bucketsPerBucket = 4;

/** Faults of a stretch of time that were raised in it, the worst that touches it, and for how long they lasted in it. */
export type CellVisitor = (
  startNs: number,
  endNs: number,
  count: number,
  worstNs: number,
  busyNs: number,
  worst: number,
  worstPhase: number,
) => void;

/** What each fault mostly was. */
export type FaultPhases = Pick<FaultTable, 'mainPhase'>;

/** Buckets side by side: worst latency and busy time, and how many and which fault was the worst. */
interface Block {
  readonly times: Float64Array;
  readonly faults: Uint32Array;
}

export class LatencyBuckets {
  readonly bucketNs: number;
  private readonly length: number;
  private readonly coarser: LatencyBuckets | undefined;
  private readonly blocks = new Map<number, Block>();
  private lastAt = -1;
  private last: Block | undefined;
  // What was collected of one bucket; neither it nor the coarser levels have been told yet.
  private bucket = -1;
  private count = 0;
  private worstNs = -1;
  private code = 0;
  private busyNs = 0;

  /** @param length buckets of a block, the unit that is allocated */
  constructor(bucketNs: number, length: number, coarser: LatencyBuckets | undefined) {
    this.bucketNs = bucketNs;
    this.length = length;
    this.coarser = coarser;
  }

  /** Adds a fault that begins and ends in a bucket, to this level and all that are coarser. */
  collectFault(bucket: number, i: number, latencyNs: number, faults: FaultPhases): void {
    this.goTo(bucket);
    this.count++;
    this.busyNs += latencyNs;
    if (this.isWorse(latencyNs, i)) {
      this.worstNs = latencyNs;
      // Few faults are the worst, and only their phases are asked for.
      this.code = codeOf(i, faults.mainPhase(i));
    }
  }

  /** The same of the faults of a finer level's bucket. */
  private collect(bucket: number, count: number, worstNs: number, code: number, busyNs: number): void {
    this.goTo(bucket);
    this.count += count;
    this.busyNs += busyNs;
    if (this.isWorse(worstNs, indexOfCode(code))) {
      this.worstNs = worstNs;
      this.code = code;
    }
  }

  private goTo(bucket: number): void {
    if (bucket !== this.bucket) {
      this.settle();
      this.bucket = bucket;
    }
  }

  private isWorse(latencyNs: number, i: number): boolean {
    return latencyNs > this.worstNs || (latencyNs === this.worstNs && i < indexOfCode(this.code));
  }

  /** Puts what was collected where it belongs: each coarser level collects in its turn. */
  settle(): void {
    if (this.code === 0) {
      return;
    }
    this.add(this.bucket, this.count, this.worstNs, this.code, this.busyNs);
    this.coarser?.collect(
      Math.floor(this.bucket / bucketsPerBucket),
      this.count,
      this.worstNs,
      this.code,
      this.busyNs,
    );
    this.count = 0;
    this.worstNs = -1;
    this.code = 0;
    this.busyNs = 0;
  }

  block(at: number): Block | undefined {
    if (at !== this.lastAt) {
      this.lastAt = at;
      this.last = this.blocks.get(at);
    }
    return this.last;
  }

  add(bucket: number, count: number, worstNs: number, code: number, busyNs: number): void {
    const at = Math.floor(bucket / this.length);
    let block = this.block(at);
    if (block === undefined) {
      block = { times: new Float64Array(2 * this.length), faults: new Uint32Array(2 * this.length) };
      this.blocks.set(at, block);
      this.last = block;
    }
    const k = 2 * (bucket - at * this.length);
    const codeBefore = block.faults[k + 1]!;
    block.faults[k]! += count;
    block.times[k + 1]! += busyNs;
    const worstBefore = block.times[k]!;
    if (codeBefore === 0 || worstNs > worstBefore || (worstNs === worstBefore && code < codeBefore)) {
      block.times[k] = worstNs;
      block.faults[k + 1] = code;
    }
  }

  /** The buckets from `first` to `end` in which there was a fault. */
  forEach(first: number, end: number, visit: CellVisitor): void {
    for (let bucket = first; bucket < end;) {
      const at = Math.floor(bucket / this.length);
      const block = this.block(at);
      const blockEnd = Math.min(end, (at + 1) * this.length);
      if (block !== undefined) {
        for (let k = 2 * (bucket - at * this.length), b = bucket; b < blockEnd; b++, k += 2) {
          const code = block.faults[k + 1]!;
          if (code !== 0) {
            const startNs = b * this.bucketNs;
            visit(
              startNs,
              startNs + this.bucketNs,
              block.faults[k]!,
              block.times[k]!,
              block.times[k + 1]!,
              indexOfCode(code),
              phaseOfCode(code),
            );
          }
        }
      }
      bucket = blockEnd;
    }
  }
}
