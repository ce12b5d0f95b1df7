/** ioctls by hand: on open faults or on ranges, and their answers. */
import { ProgressType, RequestType } from 'vscode-jsonrpc';
import type { ResolveAction } from '../rules/faultRule.ts';
import type { Hex } from './conventions.ts';
import type { ErrorDto } from './errors.ts';
import type { FileIdDto } from './files.ts';

export type ResolveActionDto = ResolveAction<FileIdDto>;

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
