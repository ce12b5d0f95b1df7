/** What a traced program is about to do with a uffd, from the system calls that its threads are stopped at. */
import { UffdioRequest } from '../abi/uffdAbi.ts';
import { readUffd, uffdNumbers } from '../inspect/descriptors.ts';
import { waitOnUffd } from '../inspect/handlerWait.ts';
import { procRoot, procText } from '../inspect/procFile.ts';
import { waitSyscalls } from '../inspect/waitSyscalls.ts';
import { ioctlNumber, syscallAt } from '../syscalls/ptrace.ts';

const waits = waitSyscalls(process.arch);

export interface UffdUse {
  readonly pid: number;
  readonly fd: number;
  readonly inode: number;
}

export class UffdCalls {
  /** Descriptor of the UFFDIO_API that a thread is in. */
  private readonly apiCalls = new Map<number, number>();
  /** inodes of the uffds that are through UFFDIO_API. */
  private readonly ready = new Set<number>();

  /**
   * Looks at the call that a thread is stopped at.
   * @returns the uffd that it is about to register memory with, or to wait on
   */
  aboutToUse(tid: number): UffdUse | undefined {
    const stop = syscallAt(tid);
    if (stop?.at === 'exit') {
      this.afterCall(tid, stop.result);
      return undefined;
    }
    if (stop?.number !== ioctlNumber) {
      return this.ready.size > 0 && stop !== undefined && waits.has(stop.number)
        ? this.waitsOn(tid)
        : undefined;
    }
    const fd = Number(BigInt.asIntN(32, stop.args[0]));
    const request = Number(BigInt.asUintN(32, stop.args[1]));
    if (request === UffdioRequest.API) {
      this.apiCalls.set(tid, fd);
    }
    const inode = request === UffdioRequest.REGISTER ? readUffd(procRoot, tid, fd)?.inode : undefined;
    return inode !== undefined && this.ready.has(inode) ? { pid: processOf(tid), fd, inode } : undefined;
  }

  /** Whether a thread that is stopped at the entry to a call is about to wait on this uffd. */
  isAboutToWait(tid: number, inode: number): boolean {
    const stop = syscallAt(tid);
    return stop?.at === 'entry' && waits.has(stop.number) && this.waitsOn(tid)?.inode === inode;
  }

  /** The ready uffd on which a sleeping or stopped thread waits. */
  waitsOn(tid: number): UffdUse | undefined {
    const pid = processOf(tid);
    const fds = uffdNumbers(procRoot, tid);
    for (const fd of 'numbers' in fds ? fds.numbers : []) {
      const inode = readUffd(procRoot, tid, fd)?.inode;
      if (
        inode !== undefined &&
        this.ready.has(inode) &&
        waitOnUffd(procRoot, { pid, fds: [fd] }, tid, inode) !== undefined
      ) {
        return { pid, fd, inode };
      }
    }
    return undefined;
  }

  /** A thread has ended, or its program was replaced. */
  forget(tid: number): void {
    this.apiCalls.delete(tid);
  }

  private afterCall(tid: number, result: bigint): void {
    const fd = this.apiCalls.get(tid);
    this.apiCalls.delete(tid);
    const inode = fd !== undefined && result === 0n ? readUffd(procRoot, tid, fd)?.inode : undefined;
    if (inode !== undefined) {
      this.ready.add(inode);
    }
  }
}

/** The process of a thread. */
function processOf(tid: number): number {
  return Number(/^Tgid:\s+(\d+)/m.exec(procText(`${procRoot}/${tid}/status`) ?? '')?.[1] ?? tid);
}
