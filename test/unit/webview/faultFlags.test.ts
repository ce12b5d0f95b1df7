import assert from 'node:assert/strict';
import type { EventRow } from '../../../native-helper/log/eventRows.ts';
import { faultFlags, flagsInShort } from '../../../webview/model/faultFlags.ts';
import type { Trace } from '../../../webview/model/trace.ts';
import { copy, pageBytes, raised, read, row, traceOf, wake } from './buildRows.ts';

const onPage = (page: number) => ({ address: BigInt(page * pageBytes), lengthBytes: pageBytes });

function words({ faults }: Trace, id: number, nowNs = 100): string {
  const i = faults.indexOf(id);
  return flagsInShort(faultFlags(faults, i, nowNs), faults.retry(i));
}

describe('The flags of a fault', () => {
  it('are none for one that was served as it should be', () => {
    assert.equal(words(traceOf(raised(1, 1, 5, 7), read(2, 1), copy(3, 5)), 1), '');
  });

  it('tell of EEXIST until the thread is woken', () => {
    const rows = [raised(1, 1, 5, 7), read(2, 1), copy(3, 5, { errno: 17, out: -17n })];
    const before = traceOf(...rows);
    assert.equal(before.faults.lastErrno(0), 17);
    assert.equal(words(before, 1), 'EEXIST, nobody woken');
    assert.equal(words(traceOf(...rows, wake(4, 5)), 1), '');
  });

  it('tell of DONTWAKE until the thread is woken', () => {
    const rows = [raised(1, 1, 5, 7), read(2, 1), copy(3, 5, { dontWake: true })];
    assert.equal(words(traceOf(...rows), 1), 'resolved with DONTWAKE, not woken');
    assert.equal(words(traceOf(...rows, wake(4, 5)), 1), '');
  });

  it('tell of a fault that was read more than a second ago and then left alone', () => {
    const trace = traceOf(raised(1, 1, 5, 7), read(2, 1));
    assert.equal(words(trace, 1, 1e9), '');
    assert.equal(words(trace, 1, 1e9 + 3), 'read, nothing done');
    const tried = traceOf(raised(1, 1, 5, 7), read(2, 1), copy(3, 5, { errno: 11, out: -11n }));
    assert.equal(words(tried, 1, 5e9), '', 'something was done');
  });

  it('tell of memory that was removed or unmapped', () => {
    const rows = [raised(1, 1, 5, 7), read(2, 1)];
    assert.equal(words(traceOf(...rows, row('remove', 3, onPage(5))), 1), 'stale: page removed');
    assert.equal(words(traceOf(...rows, row('unmap', 3, onPage(5))), 1), 'stale: page unmapped');
    assert.equal(words(traceOf(...rows, row('unmap', 3, onPage(6))), 1), '');
  });

  it('count a fault again on the same page after a wake that resolved nothing, up to a livelock', () => {
    const round = (n: number) => [raised(10 * n, n, 5, 7), read(10 * n + 1, n), wake(10 * n + 2, 5)];
    const trace = traceOf(...[1, 2, 3, 4, 5].flatMap(round));
    assert.deepEqual(
      [0, 1, 2, 3, 4].map((i) => trace.faults.retry(i)),
      [0, 1, 2, 3, 4],
    );
    assert.deepEqual(
      [1, 2, 3, 4, 5].map((id) => words(trace, id)),
      [
        '',
        'faulted again after a wake that resolved nothing',
        'faulted again after a wake that resolved nothing',
        'livelock: 4th time',
        'livelock: 5th time',
      ],
    );
  });

  it('do not count a fault of another thread, on another page, or after a page was given', () => {
    const handedBack = [raised(1, 1, 5, 7), wake(2, 5)];
    const retryOf = (...rows: readonly EventRow[]) => traceOf(...rows).faults.retry(1);
    assert.equal(retryOf(...handedBack, raised(3, 2, 5, 7)), 1);
    assert.equal(retryOf(...handedBack, raised(3, 2, 5, 8)), 0);
    assert.equal(retryOf(...handedBack, raised(3, 2, 6, 7)), 0);
    assert.equal(retryOf(raised(1, 1, 5, 7), copy(2, 5), raised(3, 2, 5, 7)), 0);
    assert.equal(retryOf(raised(1, 1, 5), wake(2, 5), raised(3, 2, 5)), 0, 'unknown threads are not one');
  });

  it('begin the count anew after the page was given', () => {
    const trace = traceOf(
      raised(1, 1, 5, 7),
      wake(2, 5),
      raised(3, 2, 5, 7),
      copy(4, 5),
      raised(5, 3, 5, 7),
      wake(6, 5),
      raised(7, 4, 5, 7),
    );
    assert.deepEqual(
      [0, 1, 2, 3].map((i) => trace.faults.retry(i)),
      [0, 1, 0, 1],
    );
  });

  it('name teens as English does', () => {
    assert.equal(flagsInShort(64, 10), 'livelock: 11th time');
    assert.equal(flagsInShort(64, 20), 'livelock: 21st time');
    assert.equal(flagsInShort(64, 22), 'livelock: 23rd time');
    assert.equal(flagsInShort(64, 110), 'livelock: 111th time');
  });
});
