/** A made-up look of Inspect, to be changed where a test needs it. */
import type { CtxDto, FindingDto, InspectedWaiterDto } from '../../../native-helper/protocol/inspect.ts';

export const sampleWaiter: InspectedWaiterDto = {
  pid: 100,
  tid: 102,
  comm: 'vcpu-0',
  mode: 'user',
  syscall: '',
  instruction: { address: '0x401005', path: '/usr/bin/vmm', fileOffset: '0x1005' },
  asleepNs: 12e9,
  isInferred: false,
};

export const sampleFinding: FindingDto = {
  id: 'readNotWoken',
  isStuck: true,
  text: '1 thread sleeps in a fault that was read and not woken since.',
  advice: 'Wake it once.',
  offersWake: true,
  stacks: [],
};

export function sampleCtx(changes: Partial<CtxDto> = {}): CtxDto {
  return {
    inode: 77,
    pid: 100,
    comm: 'vmm',
    commandLine: 'vmm --restore',
    uffd: {
      fd: 5,
      inode: 77,
      pending: 0,
      total: 1,
      features: ['EVENT_REMOVE', 'THREAD_ID'],
      ioctls: [],
      isApiDone: true,
      isBlocking: false,
    },
    ownerPids: [100],
    holders: [{ pid: 100, comm: 'vmm', fds: [5, 9], isDebugger: false, isConfirmed: true }],
    handlers: [
      {
        pid: 100,
        tid: 101,
        comm: 'pager',
        activity: 'poll',
        syscall: 'ppoll',
        tracerPid: 0,
        isCertain: true,
      },
    ],
    ranges: [
      {
        start: '0x7f0000000000',
        lengthBytes: 3 * 2 ** 29,
        modes: ['MISSING', 'WP'],
        memory: 'shmem',
        isShared: true,
        pageBytes: 4096,
        thpBytes: 0,
        backing: '/memfd:guest',
      },
    ],
    waiters: [sampleWaiter],
    findings: [sampleFinding],
    unreadable: [],
    ...changes,
  };
}
