import assert from 'node:assert/strict';
import type { ProcessDto } from '../../../native-helper/protocol/processes.ts';
import { namedFirst, stuckFirst, typedPid } from '../../../extension/target/processOrder.ts';
import { sessionDto } from './fakeHelper.ts';

function process(pid: number, waiters: number, unresolved: number): ProcessDto {
  return {
    pid,
    comm: 'x',
    commandLine: 'x',
    uffds: [{ ...sessionDto(1).uffd, inode: pid, total: unresolved }],
    waiters: Array.from({ length: waiters }, (_, i) => ({ tid: pid + i, comm: 'x' })),
    ranges: [],
    unreadable: [],
  };
}

describe('the order of processes', () => {
  it('puts those with most sleeping threads first, then unresolved faults, then low pids', () => {
    const order = stuckFirst([
      process(5, 0, 0),
      process(4, 0, 2),
      process(3, 1, 1),
      process(2, 8, 8),
      process(1, 0, 0),
    ]);
    assert.deepEqual(
      order.map(({ pid }) => pid),
      [2, 3, 4, 1, 5],
    );
  });

  it('puts a process whose pid was typed before stuck ones that merely contain the digits', () => {
    const processes = stuckFirst([process(12, 0, 0), process(3, 0, 1), process(1234, 5, 0)]);
    const order = (typed: string): number[] => namedFirst(processes, typedPid(typed)).map(({ pid }) => pid);
    assert.deepEqual(order('12'), [12, 1234, 3]);
    assert.deepEqual(order(' 12 '), [12, 1234, 3]);
    assert.deepEqual(order('4'), [1234, 3, 12], 'no process has this pid');
    assert.deepEqual(order('x12'), [1234, 3, 12], 'this is no pid');
  });
});
