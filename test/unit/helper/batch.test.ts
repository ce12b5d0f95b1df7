import assert from 'node:assert/strict';
import { Batch, type BatchListener } from '../../../native-helper/capture/batch.ts';
import { EventLog } from '../../../native-helper/capture/eventLog.ts';
import type { JobState } from '../../../native-helper/capture/jobs.ts';
import type { PageSpan } from '../../../native-helper/capture/pagePlan.ts';
import type { TargetMoves } from '../../../native-helper/capture/targetMoves.ts';
import type { UffdIoctl } from '../../../native-helper/capture/uffdIoctl.ts';
import type { BatchResultDto } from '../../../native-helper/protocol/ioctls.ts';
import { rowAt, type EventRow } from '../../../native-helper/log/eventRows.ts';
import { unpackRows } from '../../../native-helper/log/packedRows.ts';

/** An answer of the kernel: errno and out field. */
type Answer = readonly [errno: number, out: bigint];
const EAGAIN = 11;
const EEXIST = 17;

const zeropage = { ioctl: 'zeropage', dontWake: false } as const;

/** A batch of ZEROPAGEs on faults at pages 16 and on, with a kernel that answers as told. */
class Bench implements BatchListener {
  readonly rows: EventRow[] = [];
  readonly log = new EventLog(process.hrtime.bigint(), (batch) => {
    const rows = unpackRows(batch);
    for (let i = 0; i < rows.count; i++) {
      this.rows.push(rowAt(rows, i));
    }
  });
  readonly calls: [start: number, lengthBytes: number][] = [];
  result: BatchResultDto | undefined;
  progress: number[] = [];
  batch!: Batch;
  private readonly kernel: (call: number) => Answer;

  /** @param kernel the answer to the n-th ioctl, from 0 */
  constructor(kernel: (call: number) => Answer = () => [0, 4096n]) {
    this.kernel = kernel;
  }

  begin(faults: number, lengthPages = 1, isPrefetch = false): void {
    const plan: PageSpan[] = [];
    for (let i = 0; i < faults; i++) {
      const page = 16 + i * lengthPages;
      const faultId = this.log.appendFault(BigInt(page * 4096), 0n, i + 1, 0, 0);
      const lengthBytes = lengthPages * 4096;
      plan.push({ faultId, start: page * 4096, lengthBytes, pageBytes: 4096, page, isPrefetch });
    }
    let out = 0n;
    const ioctls = {
      isMemoryGone: false,
      get out() {
        return out;
      },
      zeropage: (start: number, lengthBytes: number): number => {
        const [errno, answered] = this.kernel(this.calls.length);
        out = answered;
        this.calls.push([start, lengthBytes]);
        return errno;
      },
    } as unknown as UffdIoctl;
    // Asked for MOVE only.
    const moves = undefined as unknown as TargetMoves;
    this.batch = new Batch(1, { log: this.log, ioctls, moves }, zeropage, undefined, plan, this);
  }

  /** One turn of the reader loop. */
  turn(sliceNs = 1e6): JobState {
    return this.batch.work(this.log.nowNs() + sliceNs);
  }

  /** Turns until the batch has finished, waiting as it asks to. */
  run(): BatchResultDto {
    for (let state = this.turn(); state !== 'finished'; state = this.turn()) {
      while (typeof state === 'object' && this.log.nowNs() < state.atNs);
    }
    this.log.flush();
    return this.result!;
  }

  onProgress(_id: number, done: number): void {
    this.progress.push(done);
  }
  onFinished(_id: number, result: BatchResultDto): void {
    this.result = result;
  }
  onRefused(_id: number, error: Error): void {
    throw error;
  }
}

describe('a batch', () => {
  it('of 100,000 faults is worked off in slices, and tells a thousand answers', () => {
    const bench = new Bench((call) => (call % 50_000 === 7 ? [EEXIST, -17n] : [0, 4096n]));
    bench.begin(100_000);
    const states = new Set<JobState>();
    let turns = 1;
    for (let state = bench.turn(); state !== 'finished'; state = bench.turn(), turns++) {
      states.add(state);
    }
    assert.deepEqual([...states], ['ready']);
    assert.ok(turns > 10);
    const { succeeded, failed, undone, results } = bench.result!;
    assert.deepEqual({ succeeded, failed, undone }, { succeeded: 99_998, failed: 2, undone: 0 });
    assert.equal(results.length, 1000);
    assert.deepEqual(
      results.slice(0, 3).map(({ errno, offersWake }) => [errno, offersWake]),
      [
        ['EEXIST', true],
        ['EEXIST', true],
        [undefined, false],
      ],
    );
    assert.equal(bench.log.openFaults.size, 2);
    assert.ok(bench.progress.every((done, i) => done > (bench.progress[i - 1] ?? 0) && done < 100_000));
  });

  it('keeps the order of its answers when they are few', () => {
    const bench = new Bench((call) => (call === 1 ? [EEXIST, -17n] : [0, 4096n]));
    bench.begin(3);
    assert.deepEqual(
      bench.run().results.map(({ faultId, errno }) => [faultId, errno]),
      [
        [1, undefined],
        [2, 'EEXIST'],
        [3, undefined],
      ],
    );
  });

  it('goes on where an ioctl stopped early', () => {
    const bench = new Bench((call) => (call === 0 ? [EAGAIN, 8192n] : [0, 8192n]));
    bench.begin(1, 4);
    const [result] = bench.run().results;
    assert.deepEqual(bench.calls, [
      [16 * 4096, 16384],
      [18 * 4096, 8192],
    ]);
    assert.deepEqual(
      { errno: result!.errno, doneBytes: result!.doneBytes },
      { errno: undefined, doneBytes: 16384 },
    );
  });

  it('tries again while the map is changing, and then succeeds', () => {
    const bench = new Bench((call) => (call < 3 ? [EAGAIN, -11n] : [0, 4096n]));
    bench.begin(1);
    assert.equal(bench.run().succeeded, 1);
    assert.equal(bench.calls.length, 4);
    assert.equal(bench.rows.filter(({ kind }) => kind === 'zeropage').length, 4);
  });

  it('reports a map that goes on changing after a quarter of a second, once for all faults', () => {
    const bench = new Bench(() => [EAGAIN, -11n]);
    bench.begin(50);
    const startMs = performance.now();
    const { failed, results } = bench.run();
    assert.equal(failed, 50);
    assert.ok(results.every(({ errno, text }) => errno === 'EAGAIN' && text.includes('map is changing')));
    const tookMs = performance.now() - startMs;
    assert.ok(tookMs >= 250, `${tookMs} ms`);
    assert.ok(bench.calls.length < 50 + 20, `${bench.calls.length} ioctls`);
  });

  it('passes over the pages that are there when it prefetches, but reports the fault’s own', () => {
    const bench = new Bench((call) => (call === 0 || call === 2 ? [EEXIST, -17n] : [EAGAIN, 4096n]));
    bench.begin(1, 4, true);
    const [result] = bench.run().results;
    assert.deepEqual(
      bench.calls.map(([start]) => start / 4096),
      [16, 17, 18, 19],
    );
    assert.deepEqual(
      { errno: result!.errno, offersWake: result!.offersWake },
      { errno: 'EEXIST', offersWake: true },
    );
  });

  it('wakes the address that the kernel knows when the memory has moved', () => {
    const bench = new Bench();
    bench.begin(1);
    const woken: number[] = [];
    const context = (bench.batch as unknown as { context: { ioctls: { wake: unknown } } }).context;
    context.ioctls.wake = (start: number): number => {
      woken.push(start);
      return 0;
    };
    bench.log.openFaults.get(1)!.page = 99;
    bench.run();
    assert.deepEqual(bench.calls, [[99 * 4096, 4096]]);
    assert.deepEqual(woken, [16 * 4096]);
    assert.equal(bench.log.openFaults.size, 0);
  });

  it('that is stopped answers with what has been done, and how many have not', () => {
    const bench = new Bench();
    bench.begin(10);
    bench.turn(0);
    bench.turn(0);
    bench.batch.stop();
    const { succeeded, undone, results } = bench.result!;
    assert.deepEqual({ succeeded, undone, results: results.length }, { succeeded: 2, undone: 8, results: 2 });
    assert.equal(bench.log.openFaults.size, 8);
  });
});
