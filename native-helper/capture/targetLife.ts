/**
 * Whether the memory behind a ctx still exists. A uffd never signals the end of its
 * target: poll stays silent, read answers EAGAIN, only an ioctl says ESRCH.
 */
import { Errno } from '../abi/errnoText.ts';
import { lowestAddress } from '../attach/wakeAll.ts';
import type { UffdIoctl } from './uffdIoctl.ts';

const probeBytes = 4096;
/** Not mapped in any process, so that a COPY from it can never provide a page. */
const unreadableSource = 0;

export class TargetLife {
  private readonly ioctls: UffdIoctl;
  private readonly address = Number(lowestAddress());

  constructor(ioctls: UffdIoctl) {
    this.ioctls = ioctls;
  }

  /** True once the address space is gone: the process ended, or replaced it by execve(2). */
  isMemoryGone(): boolean {
    // While it lives: ENOENT outside registered memory, EFAULT inside; nothing changes either way.
    return this.ioctls.copy(this.address, unreadableSource, probeBytes, 0) === Errno.ESRCH;
  }
}
