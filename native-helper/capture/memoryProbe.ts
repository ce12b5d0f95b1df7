/** Asks the kernel about the memory behind a uffd without changing anything. */
import { lowestAddress } from '../attach/wakeAll.ts';
import { Errno } from '../abi/errnoText.ts';
import type { UffdIoctl } from './uffdIoctl.ts';

const probeBytes = 4096;
/** Not mapped in our memory, so that a COPY from it can never provide a page. */
const unreadableSource = 0;
const probeAddress = Number(lowestAddress());

/**
 * A UFFDIO_COPY that cannot succeed. userfaultfd_copy in fs/userfaultfd.c looks first whether
 * the map is changing (EAGAIN), then whether the memory still exists (ESRCH), and only then at
 * the range: ENOENT or EFAULT.
 */
export function probeMemory(ioctls: UffdIoctl): 'settled' | 'changing' | 'gone' {
  switch (ioctls.copy(probeAddress, unreadableSource, probeBytes, 0)) {
    case Errno.EAGAIN:
      return 'changing';
    case Errno.ESRCH:
      return 'gone';
    default:
      return 'settled';
  }
}

/**
 * Whether memory at `start` is registered, by the same kind of COPY: ENOENT says that it is not, in
 * the address space behind this uffd. While the map is changing nobody can tell, and it counts.
 * @param lengthBytes one page of that memory
 */
export function isRegistered(ioctls: UffdIoctl, start: number, lengthBytes: number): boolean {
  const errno = ioctls.copy(start, unreadableSource, lengthBytes, 0);
  return errno !== Errno.ENOENT && errno !== Errno.ESRCH;
}
