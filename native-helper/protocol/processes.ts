/** Processes that own a uffd, to choose from. */
import { ProgressType, RequestType } from 'vscode-jsonrpc';
import type { ErrorDto } from './errors.ts';
import type { RangeDto } from './ranges.ts';

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
