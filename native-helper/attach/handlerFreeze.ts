/**
 * Freezing a live handler: each thread that waits on the ctx is stopped inside its wait or just
 * as it begins to, and nowhere else, because a handler stopped between its wait and its read finds
 * the event gone afterwards, and many die of that. Everything else of its process runs on.
 *
 * A thread found asleep in its wait is interrupted there. One that has so much to do that its wait
 * never lasts is led from one system call to the next until it is about to wait, or to look
 * whether there is more to read.
 *
 * Threads asleep in a fault are never touched: a stop makes them fault anew, or spin in the kernel.
 * When this process dies the kernel lets every frozen thread go.
 */
import { statSync } from 'node:fs';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { Errno } from '../abi/errnoText.ts';
import { handlerNotFreezable, type HelperError } from '../helperErrors.ts';
import { findHandlerWaits, waitOnUffd, type HandlerWait } from '../inspect/handlerWait.ts';
import type { Holder } from '../inspect/holders.ts';
import { procComm, procRoot, procText } from '../inspect/procFile.ts';
import { tracerOf } from '../inspect/threadFacts.ts';
import type { FrozenThreadDto, UffdDto } from '../protocol.ts';
import { schedYield } from '../syscalls/libc.ts';
import {
  contToSyscall,
  detach,
  interrupt,
  isAtSyscallEntry,
  listen,
  seize,
  traceeState,
  type TraceeState,
} from '../syscalls/ptrace.ts';
import { SyscallError } from '../syscalls/syscallError.ts';
import type { ForeignCall } from './foreignCall.ts';
import { ThreadRegisters } from './threadRegisters.ts';

/** How long a thread may take to come back to its wait. */
const freezeTimeoutMs = 3000;
const lookIntervalMs = 1;
/** A thread that is led through its system calls stops within microseconds: so often it is looked at first. */
const looksBeforeSleep = 50;
/**
 * A handler with much to do sleeps in its wait for a few of a hundred moments: so many looks in a
 * row find it, and together take no longer than a few tens of milliseconds.
 */
const denseLooks = 200;
/**
 * While a handler is kept frozen: how often its threads are counted, which costs microseconds. A look
 * at what each does costs more and is taken at every tenth count, and at each for a while after there
 * are other threads than before. Until a thread that begins to wait has been seen, it could read.
 */
const countIntervalMs = 5;
const countsPerLook = 10;
const looksAtNewThreads = 40;
/** A look at thousands of threads takes long: the helper's other work gets so many times as long, up to a second. */
const restPerLook = 9;
const mostRestMs = 1000;
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

/** How long a system call that a frozen thread makes for us may take. */
const callLimitMs = 1000;

interface FrozenThread extends FrozenThreadDto {
  /** Its wait answers EINTR when it goes on. */
  readonly seesEintr: boolean;
  /** It is stopped as it begins to wait, not inside its wait. */
  isAtEntry: boolean;
  /** A system call that it makes for us and has not come back from. */
  call?: ForeignCall;
}

export class HandlerFreeze {
  private readonly inode: number;
  private readonly isBlocking: boolean;
  private readonly findHolders: () => readonly Holder[];
  private readonly frozen = new Map<number, FrozenThread>();
  private holders: readonly Holder[] = [];
  private watch: NodeJS.Timeout | undefined;
  private counts = 0;
  private looks = 0;
  /** Threads of the holders at the last count. */
  private threadCount = 0;
  /** Looks still to be taken at every count. */
  private newThreadLooks = 0;
  private isLooking = false;
  /** On the clock of performance.now(): no look before. */
  private restsUntilMs = 0;
  private isThawed = false;
  /** A thread that began to wait could not be frozen. */
  private hasFailed = false;

  /** @param findHolders who has the ctx open now */
  constructor({ inode, isBlocking }: UffdDto, findHolders: () => readonly Holder[]) {
    this.inode = inode;
    this.isBlocking = isBlocking;
    this.findHolders = findHolders;
  }

  /** Threads that are stopped. */
  get threads(): FrozenThreadDto[] {
    return [...this.frozen.values()].map(({ pid, tid, comm, syscall }) => ({ pid, tid, comm, syscall }));
  }

  /**
   * Freezes every thread that waits on the ctx, until none is seen that does.
   * @returns who has the ctx open, found anew
   * @throws HelperError handlerNotFreezable; what was frozen stays so until `thaw`
   */
  async freezeWaiting(): Promise<readonly Holder[]> {
    this.holders = this.findHolders();
    while (await this.freezeThreads());
    return this.holders;
  }

  /** As `freezeWaiting`, for a handler that is known to be alive and is hardly ever seen waiting. */
  async freezeBusy(): Promise<void> {
    for (let look = 0; look < denseLooks && !(await this.freezeThreads()); look++) {
      await setImmediate();
    }
  }

  /** @returns whether any thread was seen that waits */
  private async freezeThreads(): Promise<boolean> {
    const { holders } = this;
    const found = this.isThawed ? [] : findHandlerWaits(procRoot, holders, this.inode);
    // A thread that we trace already is stopped by its tracer, that of a launched program.
    const waits = found.filter(({ pid, tid }) => tracerOf(procRoot, pid, tid) !== process.pid);
    let failure: Error | undefined;
    for (const wait of waits) {
      try {
        await this.freezeThread(
          wait,
          holders.find(({ pid }) => pid === wait.pid)!,
        );
      } catch (error) {
        // The others would read.
        failure ??= error as Error;
      }
    }
    if (failure !== undefined) {
      throw failure;
    }
    return waits.length > 0;
  }

  /** From now on freezes threads that begin to wait, which would take events away. */
  keepFrozen(): void {
    this.threadCount = this.countThreads();
    this.watch = setInterval(() => this.count(), countIntervalMs);
    this.watch.unref();
  }

  private count(): void {
    const threadCount = this.countThreads();
    if (threadCount !== this.threadCount) {
      this.threadCount = threadCount;
      this.newThreadLooks = looksAtNewThreads;
    }
    if (this.newThreadLooks > 0) {
      this.newThreadLooks--;
      void this.look();
    } else if (++this.counts % countsPerLook === 0) {
      void this.look();
    }
  }

  private countThreads(): number {
    return this.holders.reduce((sum, { pid }) => sum + threadsOf(pid), 0);
  }

  /**
   * Lets a frozen thread make a system call.
   * @param begin given its registers, and whether it is stopped as it begins its wait
   * @returns its answer, negative errno; undefined when the thread does not come back in time,
   * and it is put back as soon as it does
   * @throws SyscallError ESRCH when it has ended
   */
  callBy(tid: number, begin: (own: ThreadRegisters, isAtEntry: boolean) => ForeignCall): bigint | undefined {
    const thread = this.frozen.get(tid);
    if (thread === undefined || !isBack(thread, 0)) {
      return undefined;
    }
    try {
      const call = begin(ThreadRegisters.read(tid), thread.isAtEntry);
      thread.call = call;
      // Where it is put back it is inside its wait, about to begin that anew.
      thread.isAtEntry = false;
      if (!isBack(thread, callLimitMs)) {
        call.giveUp();
      }
      return call.answer;
    } catch (error) {
      if (error instanceof SyscallError && error.errno === Errno.ESRCH) {
        this.frozen.delete(tid);
      }
      throw error;
    }
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
    for (const thread of threads) {
      void releaseBack(thread);
    }
    return [
      ...threads
        .filter(({ seesEintr }) => seesEintr)
        .map(
          ({ tid, comm, syscall }) =>
            `Thread ${tid} (${comm}) left ${syscall} with EINTR, because it had been stopped there: a handler should wait again then.`,
        ),
      ...(this.hasFailed
        ? [
            'A handler thread that began to wait meanwhile could not be frozen and may have served faults; the log says why.',
          ]
        : []),
    ];
  }

  private async look(): Promise<void> {
    const startMs = performance.now();
    if (this.isLooking || startMs < this.restsUntilMs) {
      return;
    }
    this.isLooking = true;
    try {
      // A dead thread stays a zombie until its tracer has seen it.
      for (const thread of this.frozen.values()) {
        if (hasEnded(thread)) {
          this.frozen.delete(thread.tid);
        }
      }
      if (++this.looks % looksPerSearch === 0) {
        this.holders = this.findHolders();
      }
      await this.freezeThreads();
    } catch (error) {
      if (!this.hasFailed) {
        this.hasFailed = true;
        console.error(`A handler thread that began to wait reads on. ${(error as Error).message}`);
      }
    } finally {
      this.isLooking = false;
      const endMs = performance.now();
      this.restsUntilMs = endMs + Math.min(mostRestMs, restPerLook * (endMs - startMs));
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
      await this.stopInWait(wait, holder, deadlineMs);
    } catch (error) {
      const hasThreadEnded = error instanceof SyscallError && error.errno === Errno.ESRCH;
      if (hasThreadEnded || this.isThawed) {
        return;
      }
      throw error;
    }
    if (this.isThawed) {
      this.frozen.delete(wait.tid);
      release(wait.tid);
    }
  }

  /** Interrupts a seized thread, and where that was not inside its wait, leads it there; or lets it go if that fails. */
  private async stopInWait(wait: HandlerWait, holder: Holder, deadlineMs: number): Promise<void> {
    const { pid, tid, comm } = wait;
    let state: TraceeState = { kind: 'running' };
    try {
      let hasBegunToRead = false;
      interrupt(tid);
      for (;;) {
        state = await this.stopped(wait, deadlineMs);
        const syscall = waitOnUffd(procRoot, holder, tid, this.inode);
        const place = syscall === undefined ? 'elsewhere' : this.placeInWait(tid, state, syscall);
        if (syscall !== undefined && (place === 'wait' || (place === 'read' && hasBegunToRead))) {
          const seesEintr =
            state.kind === 'interrupted' && ThreadRegisters.read(tid).result === BigInt(-Errno.EINTR);
          const isAtEntry = state.kind === 'syscall';
          this.frozen.set(tid, { pid, tid, comm, syscall, seesEintr, isAtEntry });
          return;
        }
        hasBegunToRead ||= place === 'read';
        goToNextSyscall(tid, state);
        state = { kind: 'running' };
        if (this.isThawed || performance.now() > deadlineMs) {
          throw neverInWait(wait);
        }
      }
    } catch (error) {
      if (state.kind === 'running') {
        letGo(tid);
      } else {
        // Its stop has been told of, and is not told of again.
        release(tid, state.kind === 'signal' ? state.signal : 0);
      }
      throw error;
    }
  }

  /**
   * Waits until a thread has stopped.
   * @throws SyscallError ESRCH when it has ended
   * @throws HelperError handlerNotFreezable when it does not stop, or all is thawed meanwhile
   */
  private async stopped(wait: HandlerWait, deadlineMs: number): Promise<TraceeState> {
    for (let looks = 0; ; looks++) {
      const state = traceeState(wait.tid);
      if (state.kind === 'gone') {
        throw new SyscallError('waitpid', Errno.ESRCH);
      }
      if (state.kind !== 'running') {
        return state;
      }
      if (this.isThawed || performance.now() > deadlineMs) {
        throw neverInWait(wait);
      }
      if (looks < looksBeforeSleep) {
        schedYield();
      } else {
        await setTimeout(lookIntervalMs);
      }
    }
  }

  /**
   * Where a thread has stopped that is in a call that may wait. `read` is the beginning of a read
   * that does not wait: the first may follow a wait and count on an event, but whoever reads again
   * without having waited expects to find none.
   */
  private placeInWait(tid: number, state: TraceeState, syscall: string): 'wait' | 'read' | 'elsewhere' {
    if (state.kind === 'interrupted') {
      return cutShort.includes(ThreadRegisters.read(tid).result) ? 'wait' : 'elsewhere';
    }
    if (state.kind !== 'syscall' || !isAtSyscallEntry(tid)) {
      return 'elsewhere';
    }
    return this.isBlocking || !syscall.includes('read') ? 'wait' : 'read';
  }
}

/** Lets a stopped thread run to its next system call, with the signal that it was about to get; a stopped process stays stopped. */
function goToNextSyscall(tid: number, state: TraceeState): void {
  if (state.kind === 'groupStop') {
    listen(tid);
  } else {
    contToSyscall(tid, state.kind === 'signal' ? state.signal : 0);
  }
}

function hasEnded(thread: FrozenThread): boolean {
  try {
    return isBack(thread, 0) && traceeState(thread.tid).kind === 'gone';
  } catch {
    return true;
  }
}

/**
 * Whether a thread is stopped where it was frozen; waits for that.
 * @throws SyscallError ESRCH when it has ended
 */
function isBack(thread: FrozenThread, limitMs: number): boolean {
  if (thread.call?.finish(limitMs) === false) {
    return false;
  }
  delete thread.call;
  return true;
}

/** Ends tracing of a frozen thread, at once or when it is back from a system call it makes for us. */
async function releaseBack(thread: FrozenThread): Promise<void> {
  try {
    if (!isBack(thread, callLimitMs)) {
      thread.call?.giveUp();
      while (!isBack(thread, 0)) {
        await setTimeout(lookIntervalMs, undefined, { ref: false });
      }
    }
  } catch {
    // It has ended.
  }
  release(thread.tid);
}

/** Ends tracing of a stopped thread. */
function release(tid: number, signal = 0): void {
  try {
    detach(tid, signal);
  } catch {
    // It has ended; seeing that is what lets it go.
    traceeState(tid);
  }
}

/**
 * Ends tracing of a thread that may run. Only a stopped one can be let go, so it is stopped, however
 * long that takes: in a page fault of the kernel it does not before the fault is resolved.
 */
function letGo(tid: number): void {
  try {
    interrupt(tid);
  } catch {
    // It has stopped or ended.
  }
  const look = (): void => {
    const state = traceeState(tid);
    if (state.kind === 'running') {
      globalThis.setTimeout(look, lookIntervalMs).unref();
    } else if (state.kind !== 'gone') {
      release(tid, state.kind === 'signal' ? state.signal : 0);
    }
  };
  look();
}

/** @throws HelperError handlerNotFreezable */
function refuseUnstoppable({ pid, tid, comm, syscall }: HandlerWait): void {
  const tracer = tracerOf(procRoot, pid, tid);
  if (tracer !== 0) {
    throw handlerNotFreezable(
      `thread ${tid} (${comm}) of process ${pid} is traced by process ${tracer} (${procComm(`${procRoot}/${tracer}`)})`,
      'End that, or stop the handler there and attach again: a handler that its debugger has stopped needs no freezing.',
    );
  }
  if (isAsleepInFault(pid, tid)) {
    throw handlerNotFreezable(
      `thread ${tid} (${comm}) of process ${pid} is itself asleep in a page fault, inside ${syscall}, and would spin if it were stopped there`,
      'Inspect says why it sleeps; resolve that fault first.',
    );
  }
  if (syscall === 'io_uring_enter') {
    throw handlerNotFreezable(
      `thread ${tid} (${comm}) of process ${pid} waits in io_uring_enter, and whether for this userfaultfd cannot be seen`,
      'Stop the handler by other means first.',
    );
  }
}

/** How many threads a process has: its task directory has so many links more than an empty one. */
function threadsOf(pid: number): number {
  try {
    return statSync(`${procRoot}/${pid}/task`).nlink;
  } catch {
    return 0;
  }
}

function isAsleepInFault(pid: number, tid: number): boolean {
  return procText(`${procRoot}/${pid}/task/${tid}/wchan`) === 'handle_userfault';
}

function neverInWait({ pid, tid, comm }: HandlerWait): HelperError {
  return handlerNotFreezable(
    `thread ${tid} (${comm}) of process ${pid} did not come back to its wait within ${freezeTimeoutMs / 1000} s`,
    isAsleepInFault(pid, tid)
      ? 'It is asleep in a page fault itself, and Inspect says why.'
      : 'Try again when it is less busy.',
  );
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
