/** Names of targets and sessions. Pure: no VS Code. */
import type { SessionDto } from '../../native-helper/protocol/session.ts';

/** The target's name in messages: `comm (pid)`, without the pid when it is not known. */
export function targetName({ comm, pid }: { readonly comm: string; readonly pid: number }): string {
  return pid === 0 ? comm || '?' : `${comm} (${pid})`;
}

/** A session's name where there are several: `comm (pid), fd 3`. */
export function sessionName(session: Pick<SessionDto, 'comm' | 'pid' | 'uffd'>): string {
  return `${targetName(session)}, fd ${session.uffd.fd}`;
}
