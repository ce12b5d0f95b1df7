/**
 * Whether a take over still makes sense. A uffd never signals the end of its target: poll
 * stays silent, read answers EAGAIN, only an ioctl says ESRCH. And while we have it open,
 * its last close elsewhere releases nobody.
 */
import { isDebugger } from '../inspect/debuggerNames.ts';
import { readUffd } from '../inspect/descriptors.ts';
import { findHolders } from '../inspect/holders.ts';
import { procRoot, procText } from '../inspect/procFile.ts';
import type { SessionDidEndParams } from '../protocol.ts';
import { probeMemory } from './memoryProbe.ts';
import type { ReaderData } from './readerProtocol.ts';
import type { UffdIoctl } from './uffdIoctl.ts';

export class TargetLife {
  private readonly pid: number;
  private readonly inode: number;
  private readonly isCustody: boolean;
  private readonly ioctls: UffdIoctl;
  /** A descriptor through which somebody else has the ctx open. */
  private holder: { pid: number; fd: number };

  constructor(
    { pid, fd, inode, isCustody }: Pick<ReaderData, 'pid' | 'fd' | 'inode' | 'isCustody'>,
    ioctls: UffdIoctl,
  ) {
    this.pid = pid;
    this.inode = inode;
    this.isCustody = isCustody;
    this.ioctls = ioctls;
    this.holder = { pid, fd };
  }

  /**
   * Why the session must end now; undefined while it goes on.
   * @param ownsMemory whether the target process itself has registered memory
   */
  end(ownsMemory: boolean): SessionDidEndParams['reason'] | undefined {
    if (probeMemory(this.ioctls) === 'gone') {
      return ownsMemory ? this.reasonOfMemoryLoss() : 'memoryGone';
    }
    // A forked child's uffd is open nowhere else from the beginning.
    return this.isCustody || this.isHeldElsewhere() ? undefined : 'uffdClosed';
  }

  /** A process that ends loses its memory first; one that has called execve(2) has new memory. */
  private reasonOfMemoryLoss(): SessionDidEndParams['reason'] {
    const maps = procText(`${procRoot}/${this.pid}/maps`) ?? '';
    return maps === '' ? 'targetExited' : 'targetExeced';
  }

  private isHeldElsewhere(): boolean {
    if (readUffd(procRoot, this.holder.pid, this.holder.fd)?.inode === this.inode) {
      return true;
    }
    const holder = findHolders(procRoot, this.inode).find(({ pid }) => !isDebugger(procRoot, pid));
    if (holder !== undefined) {
      this.holder = { pid: holder.pid, fd: holder.fds[0]! };
    }
    return holder !== undefined;
  }
}
