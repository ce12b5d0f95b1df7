/**
 * Whether a take over still makes sense. A uffd never signals the end of its target: poll
 * stays silent, read answers EAGAIN, only an ioctl says ESRCH. And while we have it open,
 * its last close elsewhere releases nobody: the session goes on, and whoever ends it is told first.
 */
import { findOtherHolder } from '../attach/lastHolder.ts';
import { readUffd } from '../inspect/descriptors.ts';
import { procRoot, procText } from '../inspect/procFile.ts';
import type { SessionDidEndParams } from '../protocol/session.ts';
import { probeMemory } from './memoryProbe.ts';
import type { ReaderData } from './readerProtocol.ts';
import type { UffdIoctl } from './uffdIoctl.ts';

export class TargetLife {
  private readonly pid: number;
  private readonly inode: number;
  private readonly ioctls: UffdIoctl;
  private readonly onLastHolder: () => void;
  /** A descriptor through which somebody else has the ctx open; undefined when nobody has. */
  private holder: { pid: number; fd: number } | undefined;

  /** @param onLastHolder called once, when nobody else has the ctx open any more */
  constructor(
    { pid, fd, inode, isCustody }: Pick<ReaderData, 'pid' | 'fd' | 'inode' | 'isCustody'>,
    ioctls: UffdIoctl,
    onLastHolder: () => void,
  ) {
    this.pid = pid;
    this.inode = inode;
    this.ioctls = ioctls;
    this.onLastHolder = onLastHolder;
    // A forked child's uffd is open nowhere else from the beginning.
    this.holder = isCustody ? undefined : { pid, fd };
  }

  /**
   * Why the session must end now; undefined while it goes on.
   * @param ownsMemory whether the target process itself has registered memory
   */
  end(ownsMemory: boolean): SessionDidEndParams['reason'] | undefined {
    if (probeMemory(this.ioctls) === 'gone') {
      return ownsMemory ? this.reasonOfMemoryLoss() : 'memoryGone';
    }
    this.lookForHolder();
    return undefined;
  }

  /** The same when the process attached to has ended: others may still depend on the ctx. */
  endOfProcess(): SessionDidEndParams['reason'] | undefined {
    if (probeMemory(this.ioctls) !== 'gone') {
      this.lookForHolder();
      if (this.holder === undefined) {
        return undefined;
      }
    }
    return 'targetExited';
  }

  /** A process that ends loses its memory first; one that has called execve(2) has new memory. */
  private reasonOfMemoryLoss(): SessionDidEndParams['reason'] {
    const maps = procText(`${procRoot}/${this.pid}/maps`) ?? '';
    return maps === '' ? 'targetExited' : 'targetExeced';
  }

  private lookForHolder(): void {
    const { holder } = this;
    if (holder === undefined || readUffd(procRoot, holder.pid, holder.fd)?.inode === this.inode) {
      return;
    }
    const next = findOtherHolder(this.inode);
    this.holder = next && { pid: next.pid, fd: next.fds[0]! };
    if (next === undefined) {
      this.onLastHolder();
    }
  }
}
