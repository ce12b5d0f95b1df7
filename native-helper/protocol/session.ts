/** A session: a uffd that is taken over, what happens to it, and how it ends. */
import { NotificationType, RequestType } from 'vscode-jsonrpc';
import type { Hex } from './conventions.ts';
import type { ErrorDto } from './errors.ts';
import type { CodeLocationDto } from './inspect.ts';
import type { UffdDto } from './processes.ts';
import type { RangeDto } from './ranges.ts';
import type { RuleDto } from './rules.ts';

export interface AttachParams {
  readonly pid: number;
  /** Descriptor number in that process; may be left out when it has exactly one uffd. */
  readonly fd?: number;
  /** Rules that apply from the first fault on; none holds every fault. */
  readonly rules?: readonly RuleDto[];
  /** Stop a live handler inside its wait for the length of the session. Without it one is refused. */
  readonly freeze?: boolean;
}

/** A handler thread that is stopped while the session lasts. */
export interface FrozenThreadDto {
  readonly pid: number;
  readonly tid: number;
  readonly comm: string;
  /** The wait it is stopped in, such as `poll`. */
  readonly syscall: string;
}

export interface SessionDto {
  readonly sessionId: number;
  /** 0 when it is not known whose memory it is: a forked child that could not be found. */
  readonly pid: number;
  readonly comm: string;
  readonly commandLine: string;
  readonly uffd: UffdDto;
  /** CLOCK_MONOTONIC of the session's time zero, in nanoseconds. */
  readonly startTimeNs: Hex;
  readonly ranges: readonly RangeDto[];
  /**
   * What is particular about this uffd, a sentence each: SIGBUS mode, WP_ASYNC, no THREAD_ID,
   * a handler of its own that resolving by hand may break, custody of a forked child.
   */
  readonly notes: readonly string[];
  /** Our descriptor is the only one (a forked child's): it cannot be handed back, only closed. */
  readonly isCustody: boolean;
  /** Handler threads that are stopped; they go on when the session ends. */
  readonly frozen: readonly FrozenThreadDto[];
}

/**
 * Takes over a uffd: duplicates it (pidfd_getfd(2)) and reads it from then on.
 * While a thread of any holder waits on it, that is refused, or with `freeze` that thread is
 * stopped first.
 */
export const AttachRequest = new RequestType<AttachParams, SessionDto, ErrorDto>('session/attach');

export interface SessionParams {
  readonly sessionId: number;
}

export interface DetachParams extends SessionParams {
  /** Also when nobody else has the uffd open: then detaching closes it, and missing pages read as zeros. */
  readonly closesLast?: boolean;
}
export interface DetachResult {
  /** Faults handed back: they were open and their threads were woken. */
  readonly handedBack: number;
  /** What the user should know of the hand back, a sentence each: a wait that ended in EINTR. */
  readonly notes: readonly string[];
}
/**
 * Stops reading, wakes every thread that sleeps in a fault of this ctx, closes the duplicate.
 * Refused (lastHolder) without `closesLast` when that would be the last close.
 */
export const DetachRequest = new RequestType<DetachParams, DetachResult, ErrorDto>('session/detach');

/** Registered ranges as of now. */
export const RangesRequest = new RequestType<SessionParams, readonly RangeDto[], ErrorDto>('session/ranges');

/** The registered ranges have changed: by an event, by REGISTER or UNREGISTER, or unseen until a fault. */
export const RangesDidChangeNotification = new NotificationType<{
  readonly sessionId: number;
  readonly ranges: readonly RangeDto[];
}>('session/rangesDidChange');

export interface SessionDidForkParams {
  readonly parentSessionId: number;
  /** The child's session; it has begun and holds its faults. */
  readonly session: SessionDto;
}
/** A fork event was read: the child's uffd arrived in the helper and became a session of its own. */
export const SessionDidForkNotification = new NotificationType<SessionDidForkParams>('session/didFork');

/** The memory map is changing: until the thread behind it has run, every resolution answers EAGAIN. */
export interface MapChangeDto {
  /** The event; null while it is still unread, which only the kernel's EAGAIN tells. */
  readonly event: 'fork' | 'remap' | 'remove' | 'unmap' | null;
  readonly start: Hex;
  readonly lengthBytes: number;
  /** Thread that waits for the event to be read; 0 when it was not seen. */
  readonly tid: number;
  readonly comm: string;
}
/** The map began to change (`change`), or has settled (null). */
export const MapDidChangeNotification = new NotificationType<{
  readonly sessionId: number;
  readonly change: MapChangeDto | null;
}>('session/mapDidChange');

/** Nobody else has the uffd open any more: what ends the session closes it, and releases its threads. */
export const SessionIsLastHolderNotification = new NotificationType<{
  readonly sessionId: number;
  /** What happened and what follows, for people. */
  readonly text: string;
}>('session/isLastHolder');

export interface SessionDidEndParams {
  readonly sessionId: number;
  /**
   * detached = asked for; targetExited = the process is gone; targetExeced = its memory was
   * replaced, so its ranges are gone; memoryGone = the same, where the memory is another
   * process's; uffdFailed = it cannot be read any more;
   * guardianLost = nobody would wake the threads if the helper were killed.
   */
  readonly reason:
    'detached' | 'targetExited' | 'targetExeced' | 'memoryGone' | 'uffdFailed' | 'guardianLost';
  /** One sentence for people. */
  readonly text: string;
}
/** A session is over; every thread it held has been woken. The last message about this session. */
export const SessionDidEndNotification = new NotificationType<SessionDidEndParams>('session/didEnd');

export interface ThreadDto {
  /** As in the rows of its faults. */
  readonly tid: number;
  /** Name of the thread; empty when it cannot be found, for instance in another pid namespace. */
  readonly comm: string;
}
/** An instruction raised a fault for the first time in this session, as far as such are known: rows `code` name it. */
export const CodeDidAppearNotification = new NotificationType<{
  readonly sessionId: number;
  readonly code: CodeLocationDto;
}>('session/codeDidAppear');

/** A thread faulted for the first time in this session. */
export const ThreadDidAppearNotification = new NotificationType<{
  readonly sessionId: number;
  readonly thread: ThreadDto;
}>('session/threadDidAppear');
