/** Threads asleep in a fault, from their wait channel. */
import type { WaiterDto } from '../protocol.ts';
import { procComm, procNumbers, procText } from './procFile.ts';

/**
 * Threads of a process that sleep in handle_userfault (fs/userfaultfd.c).
 * Empty when wait channels are not readable (they need ptrace access).
 */
export function readWaiters(procRoot: string, pid: number): WaiterDto[] {
  const waiters: WaiterDto[] = [];
  for (const tid of procNumbers(`${procRoot}/${pid}/task`)) {
    const task = `${procRoot}/${pid}/task/${tid}`;
    if (procText(`${task}/wchan`) === 'handle_userfault') {
      waiters.push({ tid, comm: procComm(task) });
    }
  }
  return waiters;
}
