/** The one WAKE that frees threads whose debugger or handler was killed. Nothing is read. */
import { findTargetUffd, duplicateUffd } from './takeOver.ts';
import { noUffd } from '../helperErrors.ts';
import type { InspectWakeParams } from '../protocol/inspect.ts';
import { closeAll } from './attachedUffd.ts';
import { wakeAll } from './wakeAll.ts';

/**
 * Wakes every thread asleep in a fault of the ctx, through a duplicate that is closed again.
 * @param params `inode` is that of the ctx that was seen there
 * @throws HelperError noSuchProcess, notPermitted, noUffd, apiNotDone, systemCallFailed
 */
export function wakeOnce({ pid, fd, inode }: InspectWakeParams): void {
  const uffd = findTargetUffd({ pid, fd });
  if (uffd.inode !== inode) {
    throw noUffd(pid, fd);
  }
  const { uffd: duplicate, pidfd } = duplicateUffd(pid, uffd);
  wakeAll(duplicate);
  closeAll([duplicate, pidfd]);
}
