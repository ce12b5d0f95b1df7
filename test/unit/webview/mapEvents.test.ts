import assert from 'node:assert/strict';
import { changedWords, changingWords } from '../../../webview/model/mapChangeWords.ts';
import { raised, row, traceOf } from './buildRows.ts';

const removed = row('remove', 30, { address: 0x5000n, lengthBytes: 8192 });
const { events } = traceOf(
  row('register', 10, { address: 0x5000n, lengthBytes: 65536, actor: 'user' }),
  raised(20, 1, 5, 7),
  removed,
  row('fork', 40, { out: 9n }),
  row('unregister', 50, { address: 0x5000n, lengthBytes: 65536, actor: 'user' }),
);

describe('The events of the memory map', () => {
  it('are the kernel’s events and registrations, without faults', () => {
    const kinds = Array.from({ length: events.count }, (_, n) => events.event(n).kind);
    assert.deepEqual(kinds, ['register', 'remove', 'fork', 'unregister']);
    assert.equal(events.event(events.latestOfKernel).kind, 'fork');
  });

  it('are found by time', () => {
    assert.equal(events.firstFrom(30), 1);
    assert.equal(events.firstFrom(31), 2);
    assert.equal(events.firstFrom(99), 4);
    assert.equal(events.nearest(33, 5), 1);
    assert.equal(events.nearest(38, 5), 2);
    assert.equal(events.nearest(25, 4), -1);
  });

  it('are told in words: event, range and the thread that waits', () => {
    const change = {
      event: 'remove',
      start: '0x5000',
      lengthBytes: 8192,
      tid: 4243,
      comm: 'worker',
    } as const;
    assert.equal(changingWords(change).short, 'Map changing: remove, 8 KiB at 0x5000');
    assert.equal(
      changingWords(change).long,
      'The memory map is changing: remove event, 8 KiB at 0x5000. Worker 4243 waits for it to be read. ' +
        'Until worker 4243 has run, every resolution answers EAGAIN.',
    );
    assert.match(
      changingWords({ ...change, event: null, tid: 0 }).long,
      /still unread\. Until a thread that was not seen/,
    );
    assert.equal(changedWords(removed).short, 'Map changed: remove, 8 KiB at 0x5000');
  });
});
