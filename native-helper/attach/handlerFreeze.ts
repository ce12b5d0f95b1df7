/**
 * Freezing a live handler: each thread that waits on the ctx is stopped inside its wait, and
 * nowhere else, because a handler stopped between its wait and its read finds the event gone
 * afterwards, and many die of that. Everything else of its process runs on.
 *
 * Threads asleep in a fault are never touched: a stop makes them fault anew, or spin in the kernel.
 * When this process dies the kernel lets every frozen thread go.
 */
import { setTimeout } from 'node:timers/promises';
import { Errno } from '../abi/errnoText.ts';
import { handlerNotFreezable, type HelperError } from '../helperErrors.ts';
import { findHandlerWaits, waitOnUffd, type HandlerWait } from '../inspect/handlerWait.ts';
import type { Holder } from '../inspect/holders.ts';
import { procComm, procRoot, procText } from '../inspect/procFile.ts';
import type { FrozenThreadDto } from '../protocol.ts';
import {
  cont,
  detach,
  interrupt,
  listen,
  seize,
  syscallResult,
  traceeState,
  type TraceeState,
} from '../syscalls/ptrace.ts';
import { SyscallError } from '../syscalls/syscallError.ts';

/** How long a thread may take to come back to its wait. */
const freezeTimeoutMs = 3000;
const lookIntervalMs = 1;
/** How often threads that begin to wait are looked for, and dead ones reaped: until then they could read. */
const watchIntervalMs = 50;
/** Finding holders looks at every process, so it is done less often. */
const looksPerSearch = 20;

/**
 * What a system call that a stop cut short is about to return (include/linux/errno.h): it is
 * restarted without the program seeing it, but for EINTR (epoll, io_uring).
 */
const ERESTARTSYS = -512n;
const ERESTARTNOINTR = -513n;
const ERESTARTNOHAND = -514n;
const ERESTART_RESTARTBLOCK = -516n;
const cutShort: readonly bigint[] = [
  BigInt(-Errno.EINTR),
  ERESTARTSYS,
  ERESTARTNOINTR,
  ERESTARTNOHAND,
  ERESTART_RESTARTBLOCK,
];

interface FrozenThread extends FrozenThreadDto {
  /** Its wait answers EINTR when it goes on. */
  readonly seesEintr: boolean;
}

export class HandlerFreeze {
  private readonly inode: number;
  private readonly findHolders: () => readonly Holder[];
  private readonly frozen = new Map<number, FrozenThread>();
  private holders: readonly Holder[] = [];
  private watch: NodeJS.Timeout | undefined;
  private looks = 0;
  private isLooking = false;
  private hasFailed = false;
  private isThawed = false;

  /** @param findHolders who has the ctx open now */
  constructor(inode: number, findHolders: () => readonly Holder[]) {
    this.inode = inode;
    this.findHolders = findHolders;
  }

  /** Threads that are stopped. */
  get threads(): FrozenThreadDto[] {
    return [...this.frozen.values()].map(({ pid, tid, comm, syscall }) => ({ pid, tid, comm, syscall }));
  }

  /**
   * Freezes every thread that waits on the ctx now.
   * @returns whether there were any
   * @throws HelperError handlerNotFreezable; what was frozen stays so until `thaw`
   */
  async freezeWaiting(): Promise<boolean> {
    this.holders = this.findHolders();
    return this.freezeThreads();
  }

  private async freezeThreads(): Promise<boolean> {
    const { holders } = this;
    const waits = findHandlerWaits(procRoot, holders, this.inode);
    for (const wait of waits) {
      await this.freezeThread(
        wait,
        holders.find(({ pid }) => pid === wait.pid)!,
      );
    }
    return waits.length > 0;
  }

  /** From now on freezes threads that begin to wait, which would take events away. */
  keepFrozen(): void {
    this.watch = setInterval(() => void this.look(), watchIntervalMs);
    this.watch.unref();
  }

  /**
   * Lets every thread go on; nothing of it fails.
   * @returns what the user should know, a sentence each
   */
  thaw(): string[] {
    this.isThawed = true;
    clearInterval(this.watch);
    const threads = [...this.frozen.values()];
    this.frozen.clear();
    for (const { tid } of threads) {
      release(tid);
    }
    return threads
      .filter(({ seesEintr }) => seesEintr)
      .map(
        ({ tid, comm, syscall }) =>
          `Thread ${tid} (${comm}) left ${syscall} with EINTR, because it had been stopped there: a handler should wait again then.`,
      );
  }

  private async look(): Promise<void> {
    if (this.isLooking) {
      return;
    }
    this.isLooking = true;
    try {
      // A dead thread stays a zombie until its tracer has seen it.
      for (const tid of this.frozen.keys()) {
        if (traceeState(tid).kind === 'gone') {
          this.frozen.delete(tid);
        }
      }
      await (++this.looks % looksPerSearch === 0 ? this.freezeWaiting() : this.freezeThreads());
    } catch (error) {
      if (!this.hasFailed) {
        this.hasFailed = true;
        console.error(`A handler thread that began to wait reads on: ${(error as Error).message}`);
      }
    } finally {
      this.isLooking = false;
    }
  }

  private async freezeThread(wait: HandlerWait, holder: Holder): Promise<void> {
    refuseUnstoppable(wait);
    try {
      seize(wait.tid);
    } catch (error) {
      throw seizeRefused(error, wait);
    }
    const deadlineMs = performance.now() + freezeTimeoutMs;
    try {
      while (!(await this.stopInWait(wait, holder, deadlineMs))) {
        if (performance.now() > deadlineMs) {
          throw handlerNotFreezable(
            `thread ${wait.tid} (${wait.comm}) of process ${wait.pid} did not come back to its wait within ${freezeTimeoutMs / 1000} s`,
            'Try again when it is less busy.',
          );
        }
      }
    } catch (error) {
      await letGo(wait.tid);
      if (error instanceof SyscallError && error.errno === Errno.ESRCH) {
        // It has ended meanwhile.
        return;
      }
      throw error;
    }
  }

  /** One attempt: stops the thread once it waits, and lets it run again if it was stopped elsewhere. */
  private async stopInWait(
    { pid, tid, comm }: HandlerWait,
    holder: Holder,
    deadlineMs: number,
  ): Promise<boolean> {
    if (waitOnUffd(procRoot, holder, tid, this.inode) === undefined) {
      goOn(tid, traceeState(tid));
      await setTimeout(lookIntervalMs);
      return false;
    }
    interrupt(tid);
    const state = await stopped(tid, deadlineMs);
    const syscall = waitOnUffd(procRoot, holder, tid, this.inode);
    const result = syscallResult(tid);
    if (state.kind !== 'signal' && syscall !== undefined && cutShort.includes(result)) {
      if (this.isThawed) {
        release(tid);
        return true;
      }
      this.frozen.set(tid, { pid, tid, comm, syscall, seesEintr: result === BigInt(-Errno.EINTR) });
      return true;
    }
    goOn(tid, state);
    return false;
  }
}

/**
 * Waits for a thread that was interrupted.
 * @throws SyscallError ESRCH when it has ended
 * @throws HelperError handlerNotFreezable when it does not stop
 */
async function stopped(tid: number, deadlineMs: number): Promise<TraceeState> {
  for (;;) {
    const state = traceeState(tid);
    if (state.kind === 'gone') {
      throw new SyscallError('waitpid', Errno.ESRCH);
    }
    if (state.kind !== 'running') {
      return state;
    }
    if (performance.now() > deadlineMs) {
      throw handlerNotFreezable(
        `thread ${tid} does not stop`,
        'It may be inside a page fault of the kernel.',
      );
    }
    await setTimeout(lookIntervalMs);
  }
}

/** Lets a traced thread run on, with the signal that it was about to get; a stopped process stays stopped. */
function goOn(tid: number, state: TraceeState): void {
  switch (state.kind) {
    case 'signal':
      cont(tid, state.signal);
      break;
    case 'interrupted':
      cont(tid, 0);
      break;
    case 'groupStop':
      listen(tid);
      break;
    case 'gone':
      throw new SyscallError('waitpid', Errno.ESRCH);
    case 'running':
      break;
  }
}

/** Ends tracing of a stopped thread. */
function release(tid: number): void {
  try {
    detach(tid, 0);
  } catch {
    // It has ended; seeing that is what lets it go.
    traceeState(tid);
  }
}

/** Ends tracing of a thread that may run: only a stopped one can be let go. */
async function letGo(tid: number): Promise<void> {
  try {
    interrupt(tid);
    const state = await stopped(tid, performance.now() + freezeTimeoutMs);
    detach(tid, state.kind === 'signal' ? state.signal : 0);
  } catch {
    traceeState(tid);
  }
}

/** @throws HelperError handlerNotFreezable */
function refuseUnstoppable({ pid, tid, comm, syscall }: HandlerWait): void {
  const status = procText(`${procRoot}/${pid}/task/${tid}/status`) ?? '';
  const tracer = Number(/^TracerPid:\s+(\d+)/m.exec(status)?.[1] ?? 0);
  if (tracer !== 0) {
    throw handlerNotFreezable(
      `thread ${tid} (${comm}) of process ${pid} is traced by process ${tracer} (${procComm(`${procRoot}/${tracer}`)})`,
      'End that, or stop the handler there and attach again: a handler that its debugger has stopped needs no freezing.',
    );
  }
  if (syscall === 'io_uring_enter') {
    throw handlerNotFreezable(
      `thread ${tid} (${comm}) of process ${pid} waits in io_uring_enter, and the kernel may read the userfaultfd for it while it is stopped`,
      'Stop the handler by other means first.',
    );
  }
}

function seizeRefused(error: unknown, { pid, tid, comm }: HandlerWait): HelperError | Error {
  if (error instanceof SyscallError && error.errno === Errno.EPERM) {
    return handlerNotFreezable(
      `ptrace of thread ${tid} (${comm}) of process ${pid} is not permitted (EPERM)`,
      'It needs the same user and a dumpable process, or CAP_SYS_PTRACE. Run VS Code (or its server) as root.',
    );
  }
  return error as Error;
}
