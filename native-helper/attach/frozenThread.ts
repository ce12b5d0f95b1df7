/** A handler thread that is kept stopped at its wait, from then until it is let go. */
import { setTimeout } from 'node:timers/promises';
import type { FrozenThreadDto } from '../protocol/session.ts';
import { detach, traceeState } from '../syscalls/ptrace.ts';
import type { ForeignCall } from './foreignCall.ts';

/** How long a system call that a frozen thread makes for us may take. */
export const callLimitMs = 1000;

const lookIntervalMs = 1;

export interface FrozenThread extends FrozenThreadDto {
  /** Its wait answers EINTR when it goes on. */
  readonly seesEintr: boolean;
  /** It is stopped as it begins to wait, not inside its wait. */
  isAtEntry: boolean;
  /** A system call that it makes for us and has not come back from. */
  call?: ForeignCall;
}

/** Whether it is no more; a dead thread stays a zombie until its tracer has asked. */
export function hasEnded(thread: FrozenThread): boolean {
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
export function isBack(thread: FrozenThread, limitMs: number): boolean {
  if (thread.call?.finish(limitMs) === false) {
    return false;
  }
  delete thread.call;
  return true;
}

/** Ends tracing of a frozen thread, at once or when it is back from a system call it makes for us. */
export async function releaseBack(thread: FrozenThread): Promise<void> {
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
export function release(tid: number, signal = 0): void {
  try {
    detach(tid, signal);
  } catch {
    // It has ended; seeing that is what lets it go.
    traceeState(tid);
  }
}
