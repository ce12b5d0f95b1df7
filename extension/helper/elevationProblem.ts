/** Why sudo or pkexec did not start the helper, from what they print and how they end. Pure: no VS Code. */
import type { Elevation } from './helperCommand.ts';

export type ElevationProblem =
  /** sudo or pkexec is not installed. */
  | 'missing'
  /** sudo wants a password, or allows this user nothing. */
  | 'notAllowed'
  /** The user closed pkexec's question, or gave a wrong password. */
  | 'dismissed'
  /** Nobody can ask the user for a password. */
  | 'noAgent'
  /** The setting's Node is no absolute path. */
  | 'relativeNode'
  /** Somebody else can change what root would run. */
  | 'untrusted'
  /** It began and ended again; what it printed says why. */
  | 'other';

/**
 * @param exitCode null when it could not be started, or was killed
 * @param printed its standard error in the C locale
 */
export function elevationProblem(
  elevation: Exclude<Elevation, 'none'>,
  exitCode: number | null,
  printed: string,
): ElevationProblem {
  if (elevation === 'sudo') {
    return /password is required|terminal is required|not in the sudoers|not allowed to/.test(printed)
      ? 'notAllowed'
      : 'other';
  }
  if (/No authentication agent|No session for/.test(printed)) {
    return 'noAgent';
  }
  // pkexec(1): 126 when the dialog was dismissed, 127 when there is no authorization.
  return exitCode === 126 || /Not authorized|dismissed/.test(printed) ? 'dismissed' : 'other';
}
