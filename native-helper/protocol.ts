/**
 * Contract between the helper (server) and its client, the extension host.
 *
 * JSON-RPC over a pipe. Addresses and other 64-bit values cross as hex strings
 * (`0x7f…`), times as numbers of nanoseconds since the session's start, and log
 * rows as the packed columns of log/eventRows.ts in base64. A request that cannot
 * be done is answered with a ResponseError whose message is a sentence for people
 * and whose data is an `ErrorDto`.
 */
import { NotificationType, ProgressType, RequestType } from 'vscode-jsonrpc';

/** `0x` and lower-case hex digits. */
export type Hex = string;

// ---- what exists -------------------------------------------------------------

/** A registered range, from the VmFlags of /proc/PID/smaps. */
export interface RangeDto {
  readonly start: Hex;
  readonly lengthBytes: number;
  /** Registration modes in words: MISSING, WP, MINOR; unknown `u?` flags as they are. */
  readonly modes: readonly string[];
  /** KernelPageSize of the mapping. */
  readonly pageBytes: number;
  /** Path or name of the mapping, empty for plain anonymous memory. */
  readonly backing: string;
}

/** A userfaultfd descriptor of a process, from /proc/PID/fdinfo. */
export interface UffdDto {
  readonly fd: number;
  /** Inode: equal for the same ctx in two processes. */
  readonly inode: number;
  /** Faults nobody has read yet. */
  readonly pending: number;
  /** Faults unresolved, read or not. */
  readonly total: number;
  /** Negotiated features in words, unknown bits as hex. */
  readonly features: readonly string[];
  /** False when UFFDIO_API has not been done: no event can come. */
  readonly isApiDone: boolean;
  /** O_NONBLOCK is not set. */
  readonly isBlocking: boolean;
}

/** A thread asleep in a fault (wchan handle_userfault). */
export interface WaiterDto {
  readonly tid: number;
  readonly comm: string;
}

export interface ProcessDto {
  readonly pid: number;
  readonly comm: string;
  /** Arguments joined by blanks; may be empty when the process's stack is itself being restored. */
  readonly commandLine: string;
  readonly uffds: readonly UffdDto[];
  readonly waiters: readonly WaiterDto[];
  readonly ranges: readonly RangeDto[];
  /** Parts that could not be read, in words, for instance for lack of permission. */
  readonly unreadable: readonly string[];
}

/** Processes found so far, sent while a `process/list` request scans. */
export const ProcessListProgress = new ProgressType<readonly ProcessDto[]>();
export interface ProcessListParams {
  /** Token for `ProcessListProgress`. */
  readonly partialResultToken?: string;
}
/** Every readable process that owns a uffd. Never touches a target (only /proc). */
export const ProcessListRequest = new RequestType<ProcessListParams, readonly ProcessDto[], ErrorDto>(
  'process/list',
);

// ---- a session ---------------------------------------------------------------

export interface AttachParams {
  readonly pid: number;
  /** Descriptor number in that process; may be left out when it has exactly one uffd. */
  readonly fd?: number;
}

export interface SessionDto {
  readonly sessionId: number;
  readonly pid: number;
  readonly comm: string;
  readonly commandLine: string;
  readonly uffd: UffdDto;
  /** CLOCK_MONOTONIC of the session's time zero, in nanoseconds. */
  readonly startTimeNs: Hex;
  readonly ranges: readonly RangeDto[];
}

/**
 * Takes over a uffd: duplicates it (pidfd_getfd(2)) and reads it from then on.
 * Refused while a thread of any holder waits on it.
 */
export const AttachRequest = new RequestType<AttachParams, SessionDto, ErrorDto>('session/attach');

export interface SessionParams {
  readonly sessionId: number;
}
export interface DetachResult {
  /** Faults handed back: they were open and their threads were woken. */
  readonly handedBack: number;
}
/** Stops reading, wakes every thread that sleeps in a fault of this ctx, closes the duplicate. */
export const DetachRequest = new RequestType<SessionParams, DetachResult, ErrorDto>('session/detach');

/** Registered ranges as of now. */
export const RangesRequest = new RequestType<SessionParams, readonly RangeDto[], ErrorDto>('session/ranges');

export interface SessionDidEndParams {
  readonly sessionId: number;
  /**
   * detached = asked for; targetExited = the process is gone; targetExeced = its memory was
   * replaced, so its ranges are gone; memoryGone = the same, where the memory is another
   * process's; uffdClosed = nobody else has it open; uffdFailed = it cannot be read any more;
   * guardianLost = nobody would wake the threads if the helper were killed.
   */
  readonly reason:
    | 'detached'
    | 'targetExited'
    | 'targetExeced'
    | 'memoryGone'
    | 'uffdClosed'
    | 'uffdFailed'
    | 'guardianLost';
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
/** A thread faulted for the first time in this session. */
export const ThreadDidAppearNotification = new NotificationType<{
  readonly sessionId: number;
  readonly thread: ThreadDto;
}>('session/threadDidAppear');

export interface LogDidAppendParams {
  readonly sessionId: number;
  /** One packed batch (log/eventRows.ts) in base64. */
  readonly rows: string;
}
/** New rows of the event log, at most 16 ms after the first of them happened. */
export const LogDidAppendNotification = new NotificationType<LogDidAppendParams>('log/didAppend');

// ---- resolving ---------------------------------------------------------------

/** Where the bytes of a COPY come from. */
export type PageSourceDto =
  /** Every byte is this one, 0 to 255. */
  | { readonly kind: 'fill'; readonly byte: number }
  /** These bytes (base64, at least one), repeated to the length. */
  | { readonly kind: 'pattern'; readonly bytes: string }
  /** These bytes (base64) from the start, zeros behind them; more than the length is an error. */
  | { readonly kind: 'bytes'; readonly bytes: string };

/** The ioctl that provides a page. */
export type ResolveActionDto =
  | { readonly ioctl: 'copy'; readonly source: PageSourceDto; readonly dontWake: boolean }
  | { readonly ioctl: 'zeropage'; readonly dontWake: boolean };

export interface ResolveParams {
  readonly sessionId: number;
  readonly faultIds: readonly number[];
  readonly action: ResolveActionDto;
  /** Pages to provide from each fault's page on, in pages of its range; 1 or more. */
  readonly lengthPages: number;
}

/** Answer of one ioctl. */
export interface IoctlResultDto {
  /** 0 when the ioctl was for a range. */
  readonly faultId: number;
  readonly ioctl: string;
  readonly start: Hex;
  readonly lengthBytes: number;
  /** Name of the errno, absent on success. */
  readonly errno?: string;
  /** Signed out field, decimal; absent for WAKE. */
  readonly out?: string;
  /** What that means, in one sentence. */
  readonly text: string;
}

/**
 * Resolves faults by hand, one ioctl each, in the order given. All faults are checked
 * first: if one is unknown or its range is wrong, nothing is done.
 */
export const ResolveRequest = new RequestType<ResolveParams, readonly IoctlResultDto[], ErrorDto>(
  'fault/resolve',
);

export interface WakeParams {
  readonly sessionId: number;
  readonly what:
    { readonly faultIds: readonly number[] } | { readonly start: Hex; readonly lengthBytes: number };
}
/** UFFDIO_WAKE on the pages of faults or on a range. An unresolved fault is raised again. */
export const WakeRequest = new RequestType<WakeParams, readonly IoctlResultDto[], ErrorDto>('fault/wake');

export interface SetRuleParams {
  readonly sessionId: number;
  /** What the reader thread does with each fault it reads; null holds it. */
  readonly rule: ResolveActionDto | null;
}
/** Serves every further fault by one action, on the reader thread. Held faults stay held. */
export const SetRuleRequest = new RequestType<SetRuleParams, null, ErrorDto>('session/setRule');

// ---- errors ------------------------------------------------------------------

/** Cause of a refused request. */
export type ErrorCause =
  | 'invalidParams'
  | 'noSuchProcess'
  | 'noUffd'
  | 'severalUffds'
  | 'apiNotDone'
  | 'notPermitted'
  | 'handlerIsLive'
  | 'alreadyAttached'
  | 'kernelTooOld'
  | 'noSuchSession'
  | 'noSuchFault'
  | 'badRange'
  | 'guardianFailed'
  | 'systemCallFailed';

export interface ErrorDto {
  readonly cause: ErrorCause;
  /** Path of the offending request field, such as `action.source.byte`. */
  readonly field?: string;
}

/** JSON-RPC code of every error the helper answers with. */
export const helperErrorCode = -31000;
