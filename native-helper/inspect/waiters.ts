/** Threads asleep in the kernel's userfaultfd code, from their wait channels. */
import type { WaiterDto } from '../protocol/processes.ts';
import { procComm, procNumbers, procText } from './procFile.ts';

/**
 * Threads of a process that sleep in a fault (handle_userfault in fs/userfaultfd.c).
 * Empty when wait channels are not readable (they need ptrace access).
 */
export function readWaiters(procRoot: string, pid: number): WaiterDto[] {
  return sleepersIn(procRoot, pid, 'handle_userfault');
}

/**
 * Threads of a process whose fork, mremap, madvise or munmap waits until its event has been
 * read (userfaultfd_event_wait_completion in fs/userfaultfd.c). Empty as above.
 */
export function readEventWaiters(procRoot: string, pid: number): WaiterDto[] {
  return sleepersIn(procRoot, pid, 'userfaultfd_event_wait_completion');
}

function sleepersIn(procRoot: string, pid: number, waitChannel: string): WaiterDto[] {
  const waiters: WaiterDto[] = [];
  for (const tid of procNumbers(`${procRoot}/${pid}/task`)) {
    const task = `${procRoot}/${pid}/task/${tid}`;
    // One that has just fallen asleep can be on its CPU's queue still, and has no channel then. Asking for
    // its system call waits until it is off it (wait_task_inactive in kernel/sched/core.c).
    procText(`${task}/syscall`);
    if (procText(`${task}/wchan`) === waitChannel) {
      waiters.push({ tid, comm: procComm(task) });
    }
  }
  return waiters;
}
