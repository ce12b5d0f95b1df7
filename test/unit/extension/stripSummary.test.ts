import assert from 'node:assert/strict';
import { StripSummary } from '../../../extension/strip/stripSummary.ts';
import { stripBuckets } from '../../../webview/stripProtocol.ts';
import { batch, copy, raised, read, wake } from '../webview/buildRows.ts';

const ms = 1e6;
const threadName = (tid: number): string => `thread ${tid}`;

describe('The summary for the live strip', () => {
  it('tells of each quarter second the latencies of the faults that ended in it', () => {
    const summary = new StripSummary();
    const served = Array.from({ length: 100 }, (_, n) => {
      const raisedNs = 10 * ms + n * 2 * ms;
      const latencyNs = n === 99 ? 1.5 * ms : 100_000;
      return [raised(raisedNs, n + 1, n, 7), read(raisedNs + 10, n + 1), copy(raisedNs + latencyNs, n)];
    });
    summary.add(batch(1, ...served.flat()));
    summary.add(batch(301, raised(400 * ms, 101, 200, 8), read(401 * ms, 101), copy(420 * ms, 200)));
    const buckets = summary.lastMinute(510 * ms);
    assert.equal(buckets.length, stripBuckets);
    const [first, second, now] = buckets.slice(-3);
    assert.ok(first!.p50Ns! >= 100_000 && first!.p50Ns! <= 125_000, String(first!.p50Ns));
    assert.ok(first!.p95Ns! <= 125_000);
    assert.equal(first!.maxNs, 1.5 * ms);
    assert.equal(second!.maxNs, 20 * ms);
    assert.deepEqual(now, { p50Ns: null, p95Ns: null, maxNs: null, open: 0, held: 0 });
  });

  it('counts the faults raised in the last whole second', () => {
    const summary = new StripSummary();
    summary.add(batch(1, raised(900 * ms, 1, 1, 7), raised(1100 * ms, 2, 2, 8), raised(1900 * ms, 3, 3, 9)));
    assert.equal(summary.perSecond(2010 * ms), 2);
    assert.equal(summary.perSecond(4000 * ms), 0);
  });

  it('lists the faults that ended last, the latest first, and no more than a dozen', () => {
    const summary = new StripSummary();
    for (let n = 1; n <= 20; n++) {
      summary.add(
        batch(
          3 * n - 2,
          raised(n * ms, n, n, 7),
          copy(n * ms + 500, n, { dontWake: true }),
          wake(n * ms + 900, n),
        ),
      );
    }
    const last = summary.last(threadName);
    assert.equal(last.length, 12);
    assert.deepEqual(last[0], { faultId: 20, thread: 'thread 7', address: '0x14000', latencyNs: 900 });
    assert.equal(last[11]!.faultId, 9);
  });

  it('keeps the last minute only', () => {
    const summary = new StripSummary();
    summary.add(batch(1, raised(1 * ms, 1, 1, 7), copy(2 * ms, 1)));
    summary.sample(3 * ms, 4, 2);
    const told = (nowNs: number) => summary.lastMinute(nowNs).filter(({ maxNs }) => maxNs !== null);
    assert.equal(told(59_000 * ms).length, 1);
    assert.equal(told(59_000 * ms)[0]!.held, 2);
    assert.equal(told(60_001 * ms).length, 0);
    summary.add(batch(3, raised(60_001 * ms, 2, 1, 7), copy(60_002 * ms, 1)));
    assert.equal(told(60_003 * ms).length, 1);
    assert.equal(told(60_003 * ms)[0]!.held, 0);
  });
});
