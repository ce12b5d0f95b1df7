import assert from 'node:assert/strict';
import { inspectedWaiters } from '../../../native-helper/inspect/inspectedWaiters.ts';
import { readThread } from '../../../native-helper/inspect/threadFacts.ts';
import { ProcTree } from './procTree.ts';

describe('The waiters of a look', () => {
  let proc: ProcTree;
  beforeEach(() => (proc = new ProcTree()));
  afterEach(() => proc.remove());

  function thread(tid: number, wchan: string, switches: number): void {
    const task = `7/task/${tid}`;
    proc.file(
      `${task}/status`,
      `State:\tS (sleeping)\nvoluntary_ctxt_switches:\t${switches}\nnonvoluntary_ctxt_switches:\t2\n`,
    );
    proc.file(`${task}/comm`, `worker-${tid}\n`);
    proc.file(`${task}/wchan`, wchan);
    proc.file(`${task}/syscall`, '-1 0x7ffe 0x401005\n');
  }

  it('sleep on after their handlers were looked at: one that has been served meanwhile is none', () => {
    [1, 2, 3, 4].forEach((tid) => thread(tid, 'handle_userfault', 5));
    thread(5, 'poll_schedule_timeout', 5);
    const threads = [1, 2, 3, 4, 5].map((tid) => readThread(proc.root, 7, tid));
    thread(2, '0', 5);
    thread(3, 'handle_userfault', 6);
    proc.file('7/task/4/wchan', 'futex_wait_queue');
    const waiters = inspectedWaiters(proc.root, 7, threads, false, () => 0);
    assert.deepEqual(
      waiters.map(({ tid, mode, asleepNs }) => ({ tid, mode, asleepNs })),
      [{ tid: 1, mode: 'user', asleepNs: null }],
    );
  });

  it('tell how long they have slept, where that is known', () => {
    thread(1, 'handle_userfault', 5);
    const [waiter] = inspectedWaiters(proc.root, 7, [readThread(proc.root, 7, 1)], true, () => 3e9);
    assert.deepEqual([waiter!.asleepNs, waiter!.isInferred], [3e9, true]);
  });
});
