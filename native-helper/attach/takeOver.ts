/**
 * The steps before a take over: find the uffd, make sure that no live handler is harmed,
 * duplicate it. Nothing here reads it.
 */
import { setTimeout } from 'node:timers/promises';
import { ResponseError } from 'vscode-jsonrpc';
import { Errno } from '../abi/errnoText.ts';
import { canReadNowait } from '../capture/messageReader.ts';
import {
  apiNotDone,
  handlerIsLive,
  handlerNotFreezable,
  handlerServes,
  noSuchProcess,
  notPermitted,
  noUffd,
  severalUffds,
  systemCallFailed,
  takenOverElsewhere,
  uringIsLive,
  uringNotFreezable,
  type HelperError,
} from '../helperErrors.ts';
import { refusalReason } from '../doctor/checkGates.ts';
import { doctorSystem } from '../doctorSystem.ts';
import { isDebugger } from '../inspect/debuggerNames.ts';
import { readUffd, uffdNumbers } from '../inspect/descriptors.ts';
import { findHandlerWaits, findUringWaits } from '../inspect/handlerWait.ts';
import { findHolders, type Holder } from '../inspect/holders.ts';
import { isEnding, isKilled } from '../inspect/processes.ts';
import { procNumbers, procRoot, procText } from '../inspect/procFile.ts';
import type { ErrorDto } from '../protocol/errors.ts';
import type { UffdDto } from '../protocol/processes.ts';
import type { AttachParams } from '../protocol/session.ts';
import { close } from '../syscalls/libc.ts';
import { pidfdGetfd, pidfdOpen } from '../syscalls/pidfd.ts';
import { SyscallError } from '../syscalls/syscallError.ts';
import type { AttachedDescriptors } from './attachedUffd.ts';
import { HandlerFreeze } from './handlerFreeze.ts';

/** Together about as long as preparing a session takes anyway. */
const handlerLooks = 12;
/** Looks at most, where a thread is running: on a crowded machine a handler may get no turn for long. */
const mostLooks = 60;
/** A look at all threads costs more than one at the counts. */
const countsPerLook = 5;
const countIntervalMs = 1;
/** How long a handler may keep out of its waits; on a crowded machine one is rarely seen there. */
const freezeTimeoutMs = 10_000;

/** Together longer than a guardian needs to see that its helper is gone. */
const debuggerLooks = 20;
const debuggerLookIntervalMs = 25;

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
 * The processes that have the ctx open, none of them another debugger. One that is about to
 * be gone is waited for: a guardian hands back a moment after its helper has ended.
 * @throws HelperError takenOverElsewhere
 */
export async function holdersToTakeOverFrom(inode: number): Promise<Holder[]> {
  for (let look = 1; ; look++) {
    const holders = findHolders(procRoot, inode);
    const other = holders.find(({ pid }) => isDebugger(procRoot, pid));
    if (other === undefined) {
      return holders;
    }
    if (look === debuggerLooks) {
      throw takenOverElsewhere(other.pid);
    }
    await setTimeout(debuggerLookIntervalMs);
  }
}

/**
 * Refuses when a thread of a holder waits on the uffd, or when its faults are being served. Looks
 * over a while: a handler that is busy with faults is rarely seen waiting, but the counts fall.
 * @param pid who is attached to
 * @param looksAtMost where a thread is running
 * @throws HelperError handlerIsLive, handlerServes; noSuchProcess or noUffd where that has gone meanwhile
 */
export async function refuseLiveHandler(
  pid: number,
  holders: readonly Holder[],
  uffd: UffdDto,
  looksAtMost = mostLooks,
): Promise<void> {
  const [ring] = findUringWaits(procRoot, holders, uffd.inode);
  if (ring !== undefined) {
    throw uringIsLive(ring);
  }
  let counts = faultCounts(pid, holders, uffd);
  for (let look = 0; look < handlerLooks || (look < looksAtMost && isRunning(holders)); look++) {
    const [wait] = findHandlerWaits(procRoot, holders, uffd.inode);
    if (wait !== undefined) {
      throw handlerIsLive(wait);
    }
    for (let count = 0; count < countsPerLook; count++) {
      await setTimeout(countIntervalMs);
      const before = counts;
      counts = faultCounts(pid, holders, uffd);
      if (counts.pending < before.pending || counts.total < before.total) {
        // A process that is being killed takes its faults along before its descriptors go.
        const isDying = isEnding(procRoot, pid) || isKilled(procRoot, pid);
        throw isDying ? noSuchProcess(pid) : handlerServes();
      }
    }
  }
}

/**
 * Freezes a live handler: every thread that waits on the uffd is stopped, until no other is seen
 * that waits or serves; and those that begin to wait from then on.
 * @param pid who is attached to
 * @throws HelperError handlerNotFreezable; noSuchProcess or noUffd where that has gone meanwhile. Everything
 *   runs on then
 */
export async function freezeLiveHandler(
  pid: number,
  holders: readonly Holder[],
  uffd: UffdDto,
): Promise<HandlerFreeze> {
  const [ring] = findUringWaits(procRoot, holders, uffd.inode);
  if (ring !== undefined) {
    throw uringNotFreezable(ring);
  }
  const freeze = new HandlerFreeze(uffd, () =>
    findHolders(procRoot, uffd.inode).filter(({ pid }) => !isDebugger(procRoot, pid)),
  );
  try {
    await freezeUntilQuiet(pid, freeze, uffd);
    freeze.keepFrozen();
    return freeze;
  } catch (error) {
    freeze.thaw();
    throw error;
  }
}

async function freezeUntilQuiet(pid: number, freeze: HandlerFreeze, uffd: UffdDto): Promise<void> {
  const deadlineMs = performance.now() + freezeTimeoutMs;
  for (;;) {
    const holders = await freeze.freezeWaiting();
    try {
      // A handler that stands still is the likeliest to be all of it, and the others run.
      const looksAtMost = freeze.threads.length > 0 ? handlerLooks : mostLooks;
      await refuseLiveHandler(pid, holders, uffd, looksAtMost);
      return;
    } catch (error) {
      if (!isHandlerLive(error)) {
        throw error;
      }
      if (performance.now() > deadlineMs) {
        throw handlerNotFreezable(
          'a thread serves its faults and is never seen waiting for them',
          'Stop the handler by other means first.',
        );
      }
      await freeze.freezeBusy();
    }
  }
}

/** Whether a thread of a holder runs, or would if it got a CPU (proc_pid_syscall(5)). */
function isRunning(holders: readonly Holder[]): boolean {
  return holders.some(({ pid }) =>
    procNumbers(`${procRoot}/${pid}/task`).some((tid) =>
      procText(`${procRoot}/${pid}/task/${tid}/syscall`)?.startsWith('running'),
    ),
  );
}

function isHandlerLive(error: unknown): boolean {
  return error instanceof ResponseError && (error.data as ErrorDto).cause === 'handlerIsLive';
}

/**
 * Faults unread and unresolved, as a holder's descriptor shows them.
 * @throws HelperError noSuchProcess or noUffd when none has it open any more
 */
function faultCounts(
  attachedPid: number,
  holders: readonly Holder[],
  { inode, fd: attachedFd }: UffdDto,
): Pick<UffdDto, 'pending' | 'total'> {
  for (const { pid, fds } of holders) {
    for (const fd of fds) {
      const counts = readUffd(procRoot, pid, fd);
      if (counts?.inode === inode) {
        return counts;
      }
    }
  }
  throw isEnding(procRoot, attachedPid) ? noSuchProcess(attachedPid) : noUffd(attachedPid, attachedFd);
}

/**
 * Duplicates the uffd into this process.
 * @throws HelperError noSuchProcess, notPermitted, noUffd, systemCallFailed
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
      return { uffd: duplicate, pidfd, useNowait: canReadNowait(duplicate) };
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
  return isEnding(procRoot, pid) ? noSuchProcess(pid) : notPermitted(pid, refusalReason(doctorSystem, pid));
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
