import assert from 'node:assert/strict';
import {
  ProcessListProgress,
  ProcessListRequest,
  type ProcessDto,
} from '../../native-helper/protocol/processes.ts';
import { Fixture } from './fixture.ts';

describe('process list', () => {
  const fixture = new Fixture();
  afterEach(() => fixture.stop());

  it('shows owners of a uffd with their descriptors, ranges and stuck threads, also while it scans', async () => {
    const stuck = await fixture.target('missing', '--threads', '3', '--blocking', '--uffds', '1');
    await stuck.asleep(3);
    const idle = await fixture.target('events');
    const helper = await fixture.helper();
    const partial: ProcessDto[] = [];
    helper.connection.onProgress(ProcessListProgress, 'list', (found) => void partial.push(...found));
    const all = await helper.connection.sendRequest(ProcessListRequest, { partialResultToken: 'list' });
    assert.deepEqual(partial, all);

    const found = all.find(({ pid }) => pid === stuck.pid)!;
    assert.equal(found.comm, 'missing');
    assert.match(found.commandLine, /missing --threads 3 --blocking --uffds 1$/);
    assert.deepEqual(
      found.waiters.map(({ comm }) => comm),
      ['toucher-0', 'toucher-1', 'toucher-2'],
    );
    assert.deepEqual(found.waiters.map(({ tid }) => tid).sort(), stuck.sleeping().sort());
    const [first, second] = found.uffds;
    assert.equal(first!.fd, stuck.ready!.fd);
    assert.deepEqual({ pending: first!.pending, total: first!.total }, { pending: 3, total: 3 });
    assert.deepEqual(first!.features, ['THREAD_ID']);
    assert.equal(first!.isBlocking, true);
    assert.equal(first!.isApiDone, true);
    assert.deepEqual(second!.features, []);
    assert.notEqual(first!.inode, second!.inode);
    assert.ok(found.ranges.every(({ modes, pageBytes }) => modes.includes('MISSING') && pageBytes === 4096));
    assert.deepEqual(found.unreadable, []);

    const other = all.find(({ pid }) => pid === idle.pid)!;
    assert.deepEqual(other.waiters, []);
    assert.deepEqual(other.uffds[0]!.features, ['EVENT_REMAP', 'EVENT_REMOVE', 'EVENT_UNMAP', 'THREAD_ID']);
    assert.equal(other.uffds[0]!.isBlocking, false);
    assert.equal(
      all.some(({ pid }) => pid === process.pid),
      false,
    );
  });

  it('does not touch a target: its faults stay unread', async () => {
    const target = await fixture.target('missing', '--threads', '2');
    await target.asleep(2);
    const helper = await fixture.helper();
    await helper.connection.sendRequest(ProcessListRequest, {});
    assert.deepEqual(target.faultCounts(), { pending: 2, total: 2 });
  });
});
