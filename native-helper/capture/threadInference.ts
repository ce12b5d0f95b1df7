/**
 * Whose fault it is where the kernel does not say (no THREAD_ID): when exactly one sleeping
 * thread is left over for exactly one fault, it is that thread's. Never a guess.
 */
import { readUffd, uffdNumbers } from '../inspect/descriptors.ts';
import { readWaiters } from '../inspect/waiters.ts';
import type { OpenFaults } from '../log/openFaults.ts';

/** A thread is on the list of waiters a moment before it sleeps: look again, at most this often. */
const looks = 4;

export class ThreadInference {
  private readonly procRoot: string;
  private readonly pid: number;
  private readonly inode: number;
  /** Our own descriptor of the ctx. */
  private readonly uffd: number;

  constructor(procRoot: string, pid: number, inode: number, uffd: number) {
    this.procRoot = procRoot;
    this.pid = pid;
    this.inode = inode;
    this.uffd = uffd;
  }

  /**
   * The thread of the one fault that was read and is not among `open` yet.
   * @returns its tid, 0 when it cannot be told
   */
  threadOfNewFault(open: OpenFaults): number {
    // Without the process, or with another fault whose thread is unknown, no thread can be left over.
    if (this.pid === 0 || open.hasUnknownThread) {
      return 0;
    }
    for (let look = 0; look < looks; look++) {
      const waiting = this.waitingInKernel();
      // Somebody waits unread, or has left the kernel's list unseen: not every waiter is known.
      if (waiting !== open.size + 1 || this.waitsElsewhere()) {
        return 0;
      }
      const asleep = readWaiters(this.procRoot, this.pid);
      if (asleep.length === waiting && this.waitingInKernel() === waiting) {
        const left = asleep.filter(({ tid }) => open.ofThread(tid) === undefined);
        return left.length === 1 ? left[0]!.tid : 0;
      }
    }
    return 0;
  }

  /** Threads on the ctx's wait queues, whether or not their faults were read. */
  private waitingInKernel(): number {
    return readUffd(this.procRoot, process.pid, this.uffd)?.total ?? 0;
  }

  /** Whether threads may sleep in faults of another ctx of the process. */
  private waitsElsewhere(): boolean {
    const fds = uffdNumbers(this.procRoot, this.pid);
    return (
      'unreadable' in fds ||
      fds.numbers
        .map((fd) => readUffd(this.procRoot, this.pid, fd))
        .some((other) => other !== undefined && other.inode !== this.inode && other.total > 0)
    );
  }
}
