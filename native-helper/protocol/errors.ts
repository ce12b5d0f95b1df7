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
