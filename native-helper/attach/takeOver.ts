/**
 * The steps before a take over: find the uffd, make sure that no live handler is harmed,
 * duplicate it. Nothing here reads it.
 */
import { setTimeout } from 'node:timers/promises';
import { Errno } from '../abi/errnoText.ts';
import { canReadNowait } from '../capture/messageReader.ts';
import {
  apiNotDone,
  handlerIsLive,
  kernelTooOld,
  noSuchProcess,
  notPermitted,
  noUffd,
  severalUffds,
  systemCallFailed,
  takenOverElsewhere,
  type HelperError,
} from '../helperErrors.ts';
import { isDebugger } from '../inspect/debuggerNames.ts';
import { readUffd, uffdNumbers } from '../inspect/descriptors.ts';
import { findHandlerWait } from '../inspect/handlerWait.ts';
import type { Holder } from '../inspect/holders.ts';
import { procRoot } from '../inspect/procFile.ts';
import type { AttachParams, UffdDto } from '../protocol.ts';
import { close } from '../syscalls/libc.ts';
import { pidfdGetfd, pidfdOpen } from '../syscalls/pidfd.ts';
import { SyscallError } from '../syscalls/syscallError.ts';
import { isEnding, refusalReason } from './attachRefusal.ts';
import type { AttachedDescriptors } from './attachedUffd.ts';

/** Together about as long as preparing a session takes anyway. */
const handlerLooks = 12;
const handlerLookIntervalMs = 5;

/**
 * The uffd to attach to.
 * @throws HelperError noSuchProcess, notPermitted, noUffd, severalUffds, apiNotDone
 */
export function findTargetUffd({ pid, fd }: AttachParams): UffdDto {
  const fds = uffdNumbers(procRoot, pid);
  if ('unreadable' in fds) {
    throw fds.unreadable === 'gone' ? noSuchProcess(pid) : refusedAccess(pid);
  }
  if (fd === undefined && fds.numbers.length > 1) {
    throw severalUffds(pid, fds.numbers);
  }
  const number = fd ?? fds.numbers[0];
  const uffd =
    number === undefined || !fds.numbers.includes(number) ? undefined : readUffd(procRoot, pid, number);
  if (uffd === undefined) {
    throw noUffd(pid, fd);
  }
  if (!uffd.isApiDone) {
    throw apiNotDone(pid, uffd.fd);
  }
  return uffd;
}

/**
 * Refuses when another helper, or its guardian, has the ctx open: it has taken it over.
 * @throws HelperError takenOverElsewhere
 */
export function refuseOtherDebugger(holders: readonly Holder[]): void {
  const other = holders.find(({ pid }) => isDebugger(procRoot, pid));
  if (other !== undefined) {
    throw takenOverElsewhere(other.pid);
  }
}

/**
 * Refuses when a thread of a holder waits on the uffd. Looks several times over a while,
 * because a live handler may be busy with a fault for the moment.
 * @throws HelperError handlerIsLive
 */
export async function refuseLiveHandler(holders: readonly Holder[], uffd: UffdDto): Promise<void> {
  for (let look = 1; ; look++) {
    const wait = findHandlerWait(procRoot, holders, uffd.inode);
    if (wait !== undefined) {
      throw handlerIsLive(wait);
    }
    if (look === handlerLooks) {
      return;
    }
    await setTimeout(handlerLookIntervalMs);
  }
}

/**
 * Duplicates the uffd into this process.
 * @throws HelperError noSuchProcess, notPermitted, noUffd, kernelTooOld, systemCallFailed
 */
export function duplicateUffd(pid: number, uffd: UffdDto): AttachedDescriptors & { useNowait: boolean } {
  const pidfd = attempt(pid, uffd, () => pidfdOpen(pid));
  try {
    const duplicate = attempt(pid, uffd, () => pidfdGetfd(pidfd, uffd.fd));
    try {
      // Between listing and duplicating, the number may have come to mean another file.
      if (readUffd(procRoot, process.pid, duplicate)?.inode !== uffd.inode) {
        throw noUffd(pid, uffd.fd);
      }
      const useNowait = canReadNowait(duplicate);
      if (uffd.isBlocking && !useNowait) {
        throw kernelTooOld();
      }
      return { uffd: duplicate, pidfd, useNowait };
    } catch (error) {
      close(duplicate);
      throw error;
    }
  } catch (error) {
    close(pidfd);
    throw error;
  }
}

/** Why access to a process was refused: a process that is ending refuses everybody. */
function refusedAccess(pid: number): HelperError {
  return isEnding(procRoot, pid) ? noSuchProcess(pid) : notPermitted(pid, refusalReason(procRoot, pid));
}

/** Puts the errno of a failed attach into words. */
function attempt(pid: number, uffd: UffdDto, call: () => number): number {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof SyscallError)) {
      throw error;
    }
    switch (error.errno) {
      case Errno.ESRCH:
        throw noSuchProcess(pid);
      case Errno.EPERM:
        throw refusedAccess(pid);
      case Errno.EBADF:
        throw noUffd(pid, uffd.fd);
      default:
        throw systemCallFailed(error, `Attaching to process ${pid}`);
    }
  }
}
