/**
 * Contract of Inspect: what /proc tells about every uffd, and why one is stuck. A request never
 * touches a target, but for `inspect/wake`, which is asked for by the user.
 */
import { RequestType } from 'vscode-jsonrpc';
import type { Hex } from './conventions.ts';
import type { ErrorDto } from './errors.ts';
import type { UffdDto } from './processes.ts';
import type { RangeDto } from './ranges.ts';

/** What a thread is doing, as seen from its system call, wait channel and state. */
export type ThreadActivity =
  /** Waits on the uffd in this kind of call. */
  | 'poll'
  | 'select'
  | 'epoll'
  | 'read'
  | 'ioUring'
  /** Runs, or would if it got a CPU. */
  | 'running'
  /** Is itself asleep in a page fault of some uffd. */
  | 'fault'
  /** Asleep in something that is not the uffd: a lock, a file, another descriptor. */
  | 'blocked'
  /** Stopped by a signal or a tracer. */
  | 'stopped'
  /** Has ended, or its process has closed the uffd, and no other thread has been seen to read since. */
  | 'gone';

/** A thread that reads the uffd, or is believed to. */
export interface HandlerThreadDto {
  readonly pid: number;
  readonly tid: number;
  readonly comm: string;
  readonly activity: ThreadActivity;
  /** System call it is in, such as `ppoll`; empty when it is in none, or that cannot be seen. */
  readonly syscall: string;
  /** Process that traces it (gdb, strace, this debugger); 0 for none. */
  readonly tracerPid: number;
  /** It waits on the uffd now, or did in an earlier look; else it is only the likeliest thread. */
  readonly isCertain: boolean;
}

/** A process that has the ctx open. */
export interface InspectedHolderDto {
  readonly pid: number;
  readonly comm: string;
  /** Its descriptors for this ctx. */
  readonly fds: readonly number[];
  /** Same file by kcmp(2); false where it may not be called, and only the inode says so. */
  readonly isConfirmed: boolean;
  /** A helper, guardian or uffdbg of ours. */
  readonly isDebugger: boolean;
}

/** Where a thread's program counter stands: for symbols, which the client looks up. */
export interface CodeLocationDto {
  readonly address: Hex;
  /** Mapped file; empty for memory without one. */
  readonly path: string;
  /** Offset in that file. */
  readonly fileOffset: Hex;
}

/** A thread asleep in a fault, or in an event that nobody has read. */
export interface InspectedWaiterDto {
  readonly pid: number;
  readonly tid: number;
  readonly comm: string;
  /**
   * user: the faulting instruction is the program's; kernel: a system call touched the page;
   * event: its fork, mremap, madvise or munmap waits until the event is read.
   */
  readonly mode: 'user' | 'kernel' | 'event' | 'unknown';
  /** For kernel and event: the system call; else empty. */
  readonly syscall: string;
  readonly instruction: CodeLocationDto | null;
  /** How long it has slept at least, in nanoseconds; null when that cannot be seen. */
  readonly asleepNs: number | null;
  /** Which uffd it waits for is a conclusion: its process has several. */
  readonly isInferred: boolean;
}

export type FindingId =
  /** Read but never woken, while the handler waits for the next event: EEXIST taken for done. */
  | 'readNotWoken'
  | 'nobodyReads'
  /** The handler waits for a lock that a waiter holds, for something else, or is stopped. */
  | 'handlerBlocked'
  /** The handler has run all the while, and served nobody. */
  | 'handlerBusy'
  /** An unread or just-read event makes every resolution answer EAGAIN. */
  | 'mapChanging'
  /** poll answers POLLERR for ever on a blocking descriptor. */
  | 'blockingDescriptor'
  | 'apiNotDone'
  /** One holder is left; its close lets missing pages read as zeros. */
  | 'lastHolder'
  /** The memory is gone, and the descriptor is leaked. */
  | 'targetGone'
  /** WP or MINOR waiters sleep on after UNREGISTER. */
  | 'unregistered'
  | 'noHugePages'
  /** Whoever read the faults waits for no more: a debugger or a handler that was killed, or one that hangs. */
  | 'stranded';

/** A readable stack of a thread, innermost frame first. */
export interface StackDto {
  readonly pid: number;
  readonly tid: number;
  readonly comm: string;
  readonly frames: readonly string[];
}

export interface FindingDto {
  readonly id: FindingId;
  /** False: nothing is stuck yet, but one more step would harm. */
  readonly isStuck: boolean;
  /** Why it makes no progress, in one sentence. */
  readonly text: string;
  /** What to try, in one or two sentences. */
  readonly advice: string;
  /** A WAKE over everything frees the threads, or at least harms nothing. */
  readonly offersWake: boolean;
  /** Both sides of a wait graph, where readable. */
  readonly stacks: readonly StackDto[];
}

/** A userfaultfd context with everything /proc tells of it. */
export interface CtxDto {
  /** Names the ctx while it lives. */
  readonly inode: number;
  /** Holder through which to attach: `uffd.fd` is its descriptor. */
  readonly pid: number;
  readonly comm: string;
  readonly commandLine: string;
  readonly uffd: UffdDto;
  /** Processes whose memory is registered with it, as far as that can be told. */
  readonly ownerPids: readonly number[];
  readonly holders: readonly InspectedHolderDto[];
  readonly handlers: readonly HandlerThreadDto[];
  readonly ranges: readonly RangeDto[];
  readonly waiters: readonly InspectedWaiterDto[];
  readonly findings: readonly FindingDto[];
  /** Parts that could not be read, in words, for instance for lack of permission. */
  readonly unreadable: readonly string[];
}

export interface InspectParams {
  /** Only ctxs that this process holds, or whose memory is its own. */
  readonly pid?: number;
}
export interface InspectionDto {
  readonly ctxs: readonly CtxDto[];
  /** Processes whose descriptors may not be listed: what they hold stays unseen. */
  readonly unreadableProcesses: number;
}
/**
 * Looks at every uffd. What needs two looks (a thread that makes no progress, how long it sleeps)
 * is held against the look before. Where that is missing or long ago, a second one is taken at
 * once, a moment later.
 */
export const InspectRequest = new RequestType<InspectParams, InspectionDto, ErrorDto>('inspect/all');

export interface InspectWakeParams {
  readonly pid: number;
  readonly fd: number;
  /** Of the ctx that was seen there: another one by now is refused. */
  readonly inode: number;
}
/** One UFFDIO_WAKE over everything, through a duplicate that is closed again; nothing is read. */
export const InspectWakeRequest = new RequestType<InspectWakeParams, null, ErrorDto>('inspect/wake');
