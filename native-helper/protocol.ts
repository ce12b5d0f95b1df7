/**
 * Contract between the helper (server) and its client, the extension host.
 *
 * JSON-RPC over a pipe. Addresses and other 64-bit values cross as hex strings
 * (`0x7f…`), times as numbers of nanoseconds since the session's start, and log
 * rows as the packed columns of log/eventRows.ts in base64. A request that cannot
 * be done is answered with a ResponseError whose message is a sentence for people
 * and whose data is an `ErrorDto`. One request goes the other way: `file/read`.
 */
import { NotificationType, ProgressType, RequestType } from 'vscode-jsonrpc';
import type { FaultRule, PageSource, ResolveAction, ServingAction } from './rules/faultRule.ts';

/** `0x` and lower-case hex digits. */
export type Hex = string;

// ---- what exists -------------------------------------------------------------

/** What a mapping consists of: it decides which ioctls it takes. */
export type MemoryKind = 'anonymous' | 'shmem' | 'hugetlb' | 'file';

/** A registered range, from /proc/PID/smaps. */
export interface RangeDto {
  readonly start: Hex;
  readonly lengthBytes: number;
  /** Registration modes in words: MISSING, WP, MINOR; unknown `u?` VmFlags as they are. */
  readonly modes: readonly string[];
  readonly memory: MemoryKind;
  readonly isShared: boolean;
  /** KernelPageSize of the mapping: the unit in which pages are provided. */
  readonly pageBytes: number;
  /** Bytes mapped by transparent huge pages. */
  readonly thpBytes: number;
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
  /** ioctls this kernel has, in words (`COPY`), unknown bits as hex. */
  readonly ioctls: readonly string[];
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
/**
 * New rows of the event log, at most 16 ms after the first of them happened. While too many of them are
 * not acknowledged, none come; rows `lost` then tell how many faults were over meanwhile.
 */
export const LogDidAppendNotification = new NotificationType<LogDidAppendParams>('log/didAppend');

export interface RowsAcknowledgedParams {
  readonly sessionId: number;
  /** Sequence number of the last row that the client has taken up. */
  readonly lastSequence: number;
}
/** From the client: it has taken up rows. */
export const RowsAcknowledgedNotification = new NotificationType<RowsAcknowledgedParams>('rows/acknowledged');

// ---- resolving ---------------------------------------------------------------

/** A file that only the client may open, by the number it gave it. */
export interface FileIdDto {
  readonly fileId: number;
}
export type PageSourceDto = PageSource<FileIdDto>;
export type ResolveActionDto = ResolveAction<FileIdDto>;
export type ServingActionDto = ServingAction<FileIdDto>;

/** Pages to act on: those of open faults, in this order, or a range of whole pages. */
export type PagesDto =
  { readonly faultIds: readonly number[] } | { readonly start: Hex; readonly lengthBytes: number };

export interface ResolveParams {
  readonly sessionId: number;
  readonly what: PagesDto;
  readonly action: ResolveActionDto;
  /** Pages for each fault, in pages of its range, from its own page on; 1 or more. 1 for a range. */
  readonly lengthPages: number;
  /**
   * Prefetch: the pages lie around the fault's page instead, clipped to its range, and those
   * already there are passed over.
   */
  readonly around: boolean;
  /** Token for `BatchProgress`. */
  readonly progressToken?: string;
}

/** Answer of one ioctl, or of several that went on where the one before had stopped early. */
export interface IoctlResultDto {
  /** 0 when the ioctl was for a range. */
  readonly faultId: number;
  readonly ioctl: string;
  readonly start: Hex;
  readonly lengthBytes: number;
  /** Bytes done in whole pages; all of them on success. */
  readonly doneBytes: number;
  /** Name of the errno, absent on success. */
  readonly errno?: string;
  /** Signed out field of the last ioctl, decimal; absent for those that have none. */
  readonly out?: string;
  /** What that means, in one sentence. */
  readonly text: string;
  /** A WAKE of this range may release threads that are left asleep: EEXIST, DONTWAKE, UNREGISTER. */
  readonly offersWake: boolean;
}

/** What became of a batch. */
export interface BatchResultDto {
  readonly succeeded: number;
  readonly failed: number;
  /** Faults nothing was done about, because the batch was cancelled or the session is ending. */
  readonly undone: number;
  /** Single answers in order, at most 1,000: of more, the failures come first. */
  readonly results: readonly IoctlResultDto[];
}
/** How far a batch has come, in faults, or pages of a range; not more often than every 100 ms. */
export const BatchProgress = new ProgressType<{ readonly done: number; readonly total: number }>();

/**
 * Resolves by hand, one ioctl for each fault. All faults are checked first: if one is unknown
 * or its range is wrong, nothing is done. Cancelling the request stops between two ioctls.
 */
export const ResolveRequest = new RequestType<ResolveParams, BatchResultDto, ErrorDto>('fault/resolve');

export interface WakeParams {
  readonly sessionId: number;
  readonly what: PagesDto;
  readonly progressToken?: string;
}
/** UFFDIO_WAKE on the pages of faults, in this order, or on a range. An unresolved fault is raised again. */
export const WakeRequest = new RequestType<WakeParams, BatchResultDto, ErrorDto>('fault/wake');

/** Modes of UFFDIO_REGISTER. */
export type RegisterMode = 'MISSING' | 'WP' | 'MINOR';
export interface RegisterParams {
  readonly sessionId: number;
  readonly start: Hex;
  readonly lengthBytes: number;
  /** None unregisters the range. */
  readonly modes: readonly RegisterMode[];
}
/** UFFDIO_REGISTER, or UFFDIO_UNREGISTER, which wakes nobody on WP-only and MINOR-only ranges. */
export const RegisterRequest = new RequestType<RegisterParams, IoctlResultDto, ErrorDto>('range/register');

// ---- what could be done ------------------------------------------------------

export type OfferId =
  | 'copy'
  | 'zeropage'
  | 'continue'
  /** WRITEPROTECT off, which resolves WP faults. */
  | 'unprotect'
  /** WRITEPROTECT on. */
  | 'protect'
  | 'poison'
  | 'move'
  | 'wake'
  | 'unregister';

/** Whether an action makes sense now. */
export interface OfferDto {
  readonly id: OfferId;
  /** Why it is not offered, in a few words; empty when it is. */
  readonly obstacle: string;
  /** For copy and continue: why mode WP is not to be had; empty when it is. */
  readonly wpObstacle?: string;
}
export interface PreflightDto {
  /** Every `OfferId` once, in that order. */
  readonly offers: readonly OfferDto[];
  /** What was found, in a few words each: `anonymous, 4 KiB pages`, `page present`, `page in the page cache`. */
  readonly facts: readonly string[];
  /** What resolving by hand may break, a sentence each. */
  readonly warnings: readonly string[];
}
export interface PreflightParams {
  readonly sessionId: number;
  readonly what: PagesDto;
}
/** Which actions can work on these pages, and why others cannot. Changes nothing. */
export const PreflightRequest = new RequestType<PreflightParams, PreflightDto, ErrorDto>('fault/preflight');

export interface BytesDto {
  /** Base64. */
  readonly bytes: string;
}
export interface PreviewParams {
  readonly sessionId: number;
  readonly source: PageSourceDto;
  /** Where the bytes would go. */
  readonly address: Hex;
  /** At most 65,536. */
  readonly lengthBytes: number;
}
/** The bytes that a source gives to a place. */
export const PreviewRequest = new RequestType<PreviewParams, BytesDto, ErrorDto>('source/preview');

export interface ReadMemoryParams {
  readonly sessionId: number;
  readonly address: Hex;
  /** At most 65,536. */
  readonly lengthBytes: number;
}
/** The target's memory as it is, through /proc/PID/mem, which raises no fault: a missing page is refused. */
export const ReadMemoryRequest = new RequestType<ReadMemoryParams, BytesDto, ErrorDto>('memory/read');

// ---- rules -------------------------------------------------------------------

export type RuleDto = FaultRule<FileIdDto>;
export interface SetRulesParams {
  readonly sessionId: number;
  readonly rules: readonly RuleDto[];
}
/**
 * Replaces the rules that the reader thread applies to each fault it reads; the first match
 * wins, and a fault that none matches is held. Held faults stay held, hit counts start anew.
 */
export const SetRulesRequest = new RequestType<SetRulesParams, null, ErrorDto>('session/setRules');

/** Hits of each rule since the rules were set, in their order; not more often than every 100 ms. */
export const RulesDidHitNotification = new NotificationType<{
  readonly sessionId: number;
  readonly hits: readonly number[];
}>('rules/didHit');

/** A rule could not do its action; the fault is held. */
export const RuleDidFailNotification = new NotificationType<{
  readonly sessionId: number;
  /** Index in the rules as set. */
  readonly rule: number;
  readonly faultId: number;
  /** One sentence. */
  readonly text: string;
}>('rules/didFail');

// ---- helper → client ---------------------------------------------------------

export interface ReadFileParams {
  readonly fileId: number;
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}
/**
 * Bytes of a file that the user chose: the helper, which may run as root, opens none. Fewer
 * bytes than asked for mean the end of the file. An error's message is a sentence for people.
 */
export const ReadFileRequest = new RequestType<ReadFileParams, BytesDto, void>('file/read');

// ---- errors ------------------------------------------------------------------

/** Cause of a refused request. */
export type ErrorCause =
  | 'invalidParams'
  | 'noSuchProcess'
  | 'noUffd'
  | 'severalUffds'
  | 'apiNotDone'
  | 'notPermitted'
  /** The handler waits on the uffd: `freeze` would stop it. */
  | 'handlerIsLive'
  /** The handler cannot be stopped safely, and the message says why. */
  | 'handlerNotFreezable'
  | 'alreadyAttached'
  /** Nobody else has the uffd open: detaching would close it. */
  | 'lastHolder'
  | 'kernelTooOld'
  | 'noSuchSession'
  | 'noSuchFault'
  | 'badRange'
  | 'memoryUnreadable'
  | 'fileUnreadable'
  /** A program could not be launched. */
  | 'programNotStarted'
  /** A launched program ended before it used a uffd. */
  | 'programEnded'
  | 'noSuchLaunch'
  /** No thread of the target could do the MOVE, and the message says why. */
  | 'moveRefused'
  | 'guardianFailed'
  | 'systemCallFailed';

export interface ErrorDto {
  readonly cause: ErrorCause;
  /** Path of the offending request field, such as `action.source.byte`. */
  readonly field?: string;
}

/** JSON-RPC code of every error the helper answers with. */
export const helperErrorCode = -31000;
