/**
 * ptrace(2) of whole programs, stopped at every system call: threads, children and replaced
 * programs (execve) are traced too. As in ptrace.ts, nothing blocks, and all calls must come from
 * the OS thread that seized; when that thread ends, however it ends, the kernel lets every tracee go.
 */
import { Errno } from '../abi/errnoText.ts';
import { errno, ptrace, waitpid } from './libc.ts';
import { stopOf } from './ptrace.ts';
import { checked } from './syscallError.ts';

const PTRACE_SYSCALL = 24;
const PTRACE_SEIZE = 0x4206;

const PTRACE_O_TRACESYSGOOD = 0x1;
const PTRACE_O_TRACEFORK = 0x2;
const PTRACE_O_TRACEVFORK = 0x4;
const PTRACE_O_TRACECLONE = 0x8;
const PTRACE_O_TRACEEXEC = 0x10;
const options =
  PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC;

const PTRACE_EVENT_EXEC = 4;

const WNOHANG = 1;
const __WNOTHREAD = 0x20000000;
const __WALL = 0x40000000;

/** News of a tracee. */
export interface TraceeNews {
  readonly tid: number;
  readonly kind:
    | 'gone'
    /** At the entry to or the exit from a system call. */
    | 'syscall'
    /** Its program was replaced. */
    | 'exec'
    /** Stopped with its process, by a signal such as SIGSTOP. */
    | 'groupStop'
    /** Anything else: newly traced, interrupted, has made a child, is about to get a signal. */
    | 'stopped';
  /** Delivered by `resume` and `detach`, or it is lost; 0 for none. */
  readonly signal: number;
}

/** Begins to trace a thread without stopping it. @throws SyscallError EPERM no access or already traced, ESRCH gone */
export function seizeWithSyscalls(tid: number): void {
  checked('ptrace', ptrace(PTRACE_SEIZE, tid, 0, options));
}

/** Lets a stopped thread run to its next system call. @throws SyscallError ESRCH gone or not stopped */
export function resume({ tid, signal }: Pick<TraceeNews, 'tid' | 'signal'>): void {
  checked('ptrace', ptrace(PTRACE_SYSCALL, tid, 0, signal));
}

/**
 * News of any tracee of this OS thread.
 * @returns undefined when there is none now, 'none left' when it has no tracees any more
 */
export function nextNews(): TraceeNews | 'none left' | undefined {
  const status = new Int32Array(1);
  const tid = waitpid(-1, status, __WALL | WNOHANG | __WNOTHREAD);
  if (tid === 0) {
    return undefined;
  }
  if (tid === -1) {
    return errno() === Errno.EINTR ? undefined : 'none left';
  }
  const stop = stopOf(status[0]!);
  switch (stop.kind) {
    case 'gone':
    case 'syscall':
    case 'groupStop':
      return { tid, kind: stop.kind, signal: 0 };
    case 'interrupted':
      return { tid, kind: 'stopped', signal: 0 };
    case 'event':
      return { tid, kind: stop.event === PTRACE_EVENT_EXEC ? 'exec' : 'stopped', signal: 0 };
    case 'signal':
      return { tid, kind: 'stopped', signal: stop.signal };
  }
}
