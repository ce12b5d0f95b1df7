/**
 * Whose memory a uffd serves, where the process that we attach through has none of it: a handler
 * in a process of its own got the uffd over a socket, and its sender may have closed its copy.
 */
import { isRegistered } from '../capture/memoryProbe.ts';
import { UffdIoctl } from '../capture/uffdIoctl.ts';
import { uffdNumbers } from '../inspect/descriptors.ts';
import type { Holder } from '../inspect/holders.ts';
import { listPids } from '../inspect/processes.ts';
import { procRoot } from '../inspect/procFile.ts';
import { readRanges } from '../inspect/ranges.ts';
import { close } from '../syscalls/libc.ts';
import { pidfdOpen } from '../syscalls/pidfd.ts';
import type { AttachedDescriptors } from './attachedUffd.ts';

export interface OwnedDescriptors {
  /** Whose memory it is; the holder where that cannot be told. */
  readonly pid: number;
  /** The pidfd is that of this process. */
  readonly fds: AttachedDescriptors;
}

/**
 * Looks whose memory it is. smaps does not say which ctx a range belongs to, so the kernel is asked
 * about the ranges that are found.
 * @param pid the holder that we attach through
 * @param fds with its pidfd, which is closed when another one takes its place
 */
export function findMemoryOwner(
  pid: number,
  fds: AttachedDescriptors,
  holders: readonly Holder[],
): OwnedDescriptors {
  const ioctls = new UffdIoctl(fds.uffd);
  const isOwner = (candidate: number): boolean => {
    const found = readRanges(procRoot, candidate);
    return (
      'ranges' in found &&
      found.ranges.some(({ start, pageBytes }) => isRegistered(ioctls, Number(start), pageBytes))
    );
  };
  if (isOwner(pid)) {
    return { pid, fds };
  }
  const otherPids = holders.map((holder) => holder.pid).filter((other) => other !== pid);
  const owner = otherPids.find(isOwner) ?? processesWithoutUffd().find(isOwner);
  return owner === undefined ? { pid, fds } : withPidfdOf(owner, pid, fds);
}

function withPidfdOf(ownerPid: number, holderPid: number, fds: AttachedDescriptors): OwnedDescriptors {
  try {
    const pidfd = pidfdOpen(ownerPid);
    close(fds.pidfd);
    return { pid: ownerPid, fds: { ...fds, pidfd } };
  } catch {
    // It has just ended.
    return { pid: holderPid, fds };
  }
}

/** Processes whose registered memory, if they have any, must be that of a uffd elsewhere. */
function processesWithoutUffd(): number[] {
  return listPids(procRoot).filter((pid) => {
    const found = uffdNumbers(procRoot, pid);
    return 'numbers' in found && found.numbers.length === 0;
  });
}
