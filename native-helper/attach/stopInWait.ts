/**
 * Stopping one handler thread inside its wait, or just as it begins to.
 *
 * A thread found asleep in its wait is interrupted there. One that has so much to do that its wait
 * never lasts is led from one system call to the next until it is about to wait, or to look
 * whether there is more to read.
 */
import { setTimeout } from 'node:timers/promises';
import { Errno } from '../abi/errnoText.ts';
import { handlerNotFreezable, type HelperError } from '../helperErrors.ts';
import { waitOnUffd, type HandlerWait } from '../inspect/handlerWait.ts';
import type { Holder } from '../inspect/holders.ts';
import { procComm, procRoot, procText } from '../inspect/procFile.ts';
import { tracerOf } from '../inspect/threadFacts.ts';
import { schedYield } from '../syscalls/libc.ts';
import {
  contToSyscall,
  interrupt,
  listen,
  seize,
  syscallAt,
  traceeState,
  type TraceeState,
} from '../syscalls/ptrace.ts';
import { isGone, SyscallError } from '../syscalls/syscallError.ts';
import { release, type FrozenThread } from './frozenThread.ts';
import { ThreadRegisters } from './threadRegisters.ts';

/** How long a thread may take to come back to its wait. */
const freezeTimeoutMs = 3000;
const lookIntervalMs = 1;
/** A thread that is led through its system calls stops within microseconds: so often it is looked at first. */
const looksBeforeSleep = 50;

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

/** What is waited for, and until when that is wanted. */
export interface WantedStop {
  /** Of the uffd's ctx. */
  readonly inode: number;
  readonly isBlocking: boolean;
  /** Nobody wants threads to be stopped any more. */
  isOver(): boolean;
}

/**
 * Stops a thread in its wait.
 * @returns undefined when it has ended, or when nobody wants it to be stopped any more
 * @throws HelperError handlerNotFreezable; the thread runs on
 */
export async function stopInWait(
  wait: HandlerWait,
  holder: Holder,
  wanted: WantedStop,
): Promise<FrozenThread | undefined> {
  refuseUnstoppable(wait);
  try {
    seize(wait.tid);
  } catch (error) {
    if (isGone(error)) {
      return undefined;
    }
    throw seizeRefused(error, wait);
  }
  try {
    const thread = await leadIntoWait(wait, holder, wanted, performance.now() + freezeTimeoutMs);
    if (!wanted.isOver()) {
      return thread;
    }
    release(wait.tid);
    return undefined;
  } catch (error) {
    if (isGone(error) || wanted.isOver()) {
      return undefined;
    }
    throw error;
  }
}

/** Interrupts a seized thread, and where that was not inside its wait, leads it there; or lets it go if that fails. */
async function leadIntoWait(
  wait: HandlerWait,
  holder: Holder,
  wanted: WantedStop,
  deadlineMs: number,
): Promise<FrozenThread> {
  const { pid, tid, comm } = wait;
  let state: TraceeState = { kind: 'running' };
  try {
    let hasBegunToRead = false;
    interrupt(tid);
    for (;;) {
      state = await stopped(wait, wanted, deadlineMs);
      const syscall = waitOnUffd(procRoot, holder, tid, wanted.inode);
      const place = syscall === undefined ? 'elsewhere' : placeInWait(tid, state, syscall, wanted);
      if (syscall !== undefined && (place === 'wait' || (place === 'read' && hasBegunToRead))) {
        const seesEintr =
          state.kind === 'interrupted' && ThreadRegisters.read(tid).result === BigInt(-Errno.EINTR);
        return { pid, tid, comm, syscall, seesEintr, isAtEntry: state.kind === 'syscall' };
      }
      hasBegunToRead ||= place === 'read';
      goToNextSyscall(tid, state);
      state = { kind: 'running' };
      if (wanted.isOver() || performance.now() > deadlineMs) {
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
 * @throws HelperError handlerNotFreezable when it does not stop, or nobody wants that any more
 */
async function stopped(wait: HandlerWait, wanted: WantedStop, deadlineMs: number): Promise<TraceeState> {
  for (let looks = 0; ; looks++) {
    const state = traceeState(wait.tid);
    if (state.kind === 'gone') {
      throw new SyscallError('waitpid', Errno.ESRCH);
    }
    if (state.kind !== 'running') {
      return state;
    }
    if (wanted.isOver() || performance.now() > deadlineMs) {
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
function placeInWait(
  tid: number,
  state: TraceeState,
  syscall: string,
  { isBlocking }: WantedStop,
): 'wait' | 'read' | 'elsewhere' {
  if (state.kind === 'interrupted') {
    return cutShort.includes(ThreadRegisters.read(tid).result) ? 'wait' : 'elsewhere';
  }
  if (state.kind !== 'syscall' || syscallAt(tid)?.at !== 'entry') {
    return 'elsewhere';
  }
  return isBlocking || !syscall.includes('read') ? 'wait' : 'read';
}

/** Lets a stopped thread run to its next system call, with the signal that it was about to get; a stopped process stays stopped. */
function goToNextSyscall(tid: number, state: TraceeState): void {
  if (state.kind === 'groupStop') {
    listen(tid);
  } else {
    contToSyscall(tid, state.kind === 'signal' ? state.signal : 0);
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
