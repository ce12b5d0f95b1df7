/** Who has a ctx open: every process with a descriptor of the same inode. */
import { readUffd, uffdNumbers } from './descriptors.ts';
import { listPids } from './processes.ts';

export interface Holder {
  readonly pid: number;
  /** Its descriptors for this ctx. */
  readonly fds: readonly number[];
}

/**
 * Holders of the ctx with this inode: each uffd has its own anon inode.
 * A holder whose descriptors may not be listed stays unseen.
 */
export function findHolders(procRoot: string, inode: number): Holder[] {
  const holders: Holder[] = [];
  for (const pid of listPids(procRoot)) {
    const found = uffdNumbers(procRoot, pid);
    if ('numbers' in found) {
      const fds = found.numbers.filter((fd) => readUffd(procRoot, pid, fd)?.inode === inode);
      if (fds.length > 0) {
        holders.push({ pid, fds });
      }
    }
  }
  return holders;
}
