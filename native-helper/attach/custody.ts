/**
 * Custody of a forked child: reading a fork event installs the child's uffd in this process,
 * and nobody else ever gets it.
 */
import { canReadNowait } from '../capture/messageReader.ts';
import { probeMemory } from '../capture/memoryProbe.ts';
import { UffdIoctl } from '../capture/uffdIoctl.ts';
import { readUffd } from '../inspect/descriptors.ts';
import type { UffdDto } from '../protocol/processes.ts';
import { close, fcntl } from '../syscalls/libc.ts';
import { pidfdOpen } from '../syscalls/pidfd.ts';
import { checked } from '../syscalls/syscallError.ts';
import type { AttachedDescriptors } from './attachedUffd.ts';
import type { ForkedChildren } from './forkedChildren.ts';

const F_SETFD = 2;
const F_SETFL = 4;
const FD_CLOEXEC = 1;
const O_NONBLOCK = 0o4000;

export interface Custody {
  readonly fds: AttachedDescriptors;
  readonly useNowait: boolean;
  /** 0 when the child was not found. */
  readonly pid: number;
  readonly uffd: UffdDto;
}

/**
 * Finds out whose the uffd is. Its flags are its own, so it is made what we need.
 * @param uffd owned by the result; closed when this fails
 * @throws SyscallError fcntl(2)
 */
export async function takeCustody(uffd: number, children: ForkedChildren): Promise<Custody> {
  try {
    // The kernel gives it the flags of the parent's userfaultfd(2) call.
    checked('fcntl', fcntl(uffd, F_SETFD, 'int', FD_CLOEXEC));
    checked('fcntl', fcntl(uffd, F_SETFL, 'int', O_NONBLOCK));
    const info = readUffd('/proc', process.pid, uffd);
    if (info === undefined) {
      throw new Error('the descriptor in the event is not a userfaultfd');
    }
    const ioctls = new UffdIoctl(uffd);
    const found = await children.find(() => probeMemory(ioctls) !== 'gone');
    const pidfd = found === 0 ? -1 : openOrNone(found);
    const pid = pidfd === -1 ? 0 : found;
    return { fds: { uffd, pidfd }, useNowait: canReadNowait(uffd), pid, uffd: info };
  } catch (error) {
    close(uffd);
    throw error;
  }
}

/** A pidfd, -1 when the process has just ended. */
function openOrNone(pid: number): number {
  try {
    return pidfdOpen(pid);
  } catch {
    return -1;
  }
}
