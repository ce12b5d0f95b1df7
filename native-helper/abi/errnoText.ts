/**
 * errno by name with its meaning for the call that failed, so that nobody has to
 * look a number up. Meanings: ioctl_userfaultfd(2), fs/userfaultfd.c, mm/userfaultfd.c,
 * and what was measured on 6.18. Pure.
 */

const names: Readonly<Record<number, string>> = {
  1: 'EPERM',
  2: 'ENOENT',
  3: 'ESRCH',
  4: 'EINTR',
  5: 'EIO',
  9: 'EBADF',
  11: 'EAGAIN',
  12: 'ENOMEM',
  13: 'EACCES',
  14: 'EFAULT',
  16: 'EBUSY',
  17: 'EEXIST',
  22: 'EINVAL',
  23: 'ENFILE',
  24: 'EMFILE',
  25: 'ENOTTY',
  28: 'ENOSPC',
  38: 'ENOSYS',
  95: 'EOPNOTSUPP',
};

/** Name of an errno, such as `EEXIST`; an unknown one as `errno 133`. */
export function errnoName(errno: number): string {
  return names[errno] ?? `errno ${errno}`;
}

/** Errnos as numbers, for comparisons in code. */
export const Errno = {
  EPERM: 1,
  ENOENT: 2,
  ESRCH: 3,
  EINTR: 4,
  EBADF: 9,
  EAGAIN: 11,
  EACCES: 13,
  EFAULT: 14,
  EEXIST: 17,
  EINVAL: 22,
  EMFILE: 24,
  ENOSYS: 38,
  EOPNOTSUPP: 95,
} as const;

const mapChanging =
  'the memory map is changing: a fork, remap, remove or unmap event is unread or was just read; it clears when that thread has run';
const notOneMapping =
  'the range is not inside one registered mapping: unmapped, unregistered, or it crosses the end of a mapping';
const alreadyThere = 'the page is already there; nobody was woken. Use Wake to release the thread';

const general: Readonly<Record<string, string>> = {
  EINVAL:
    'the range is not page-aligned, is empty or lies outside the address space, or a mode bit is unknown',
  ENOENT: notOneMapping,
  EEXIST: alreadyThere,
  ESRCH: "the target's address space is gone",
  ENOSPC: "the target's address space is gone (kernels 4.11 and 4.12)",
  ENOMEM: 'no memory, or the memory cgroup is at its limit',
  EAGAIN: mapChanging,
  EBADF: 'the descriptor is closed',
  ENOTTY: 'this kernel does not have this ioctl',
};

const perIoctl: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  copy: {
    EFAULT: 'the source bytes could not be read, or the page lies past the end of the mapped file',
    EINVAL:
      'the range is not aligned to the page size (hugetlb: to the huge page), or write protection was asked for on a range not registered for it',
  },
  zeropage: {
    EFAULT: 'the page lies past the end of the mapped file',
    EINVAL: 'the range is not page-aligned, or it is hugetlb memory, which has no zero page: use COPY',
  },
  continue: {
    EFAULT: 'the page is not in the page cache, so there is nothing to map: use COPY',
    EEXIST: 'the page is already mapped; nobody was woken. Use Wake to release the thread',
    EIO: 'the page is poisoned: its memory is broken',
    EINVAL:
      'the range is not aligned to the page size, it is anonymous memory, which has no page cache, or write protection was asked for on a range not registered for it',
  },
  poison: {
    EEXIST: 'something is already there, a page or a mark; nobody was woken. Use Wake to release the thread',
    EINVAL:
      'the range is not aligned to the page size (hugetlb: to the huge page), or this kernel cannot poison',
  },
  writeprotect: {
    ENOENT: 'the range is not registered for write protection, or part of it is not mapped',
    EINVAL: 'the range is not page-aligned, or DONTWAKE was asked for together with protecting',
  },
  move: {
    EINVAL:
      'source and destination must be private anonymous memory that may be written, alike in protection and mlock, each inside one mapping, and the destination registered',
    ENOENT: 'the source has a hole, or one of the ranges is not mapped',
    EBUSY: 'the source page is shared with another process, by a fork, or pinned',
  },
  wake: {
    EINVAL: 'the range is not page-aligned, is empty or lies outside the address space',
  },
  register: {
    EBUSY: 'part of the range belongs to another userfaultfd',
    EPERM: 'the file behind the range is shared and may not be written',
    EINVAL:
      'the range has a hole, is not aligned to its page size, or holds memory that cannot be registered in these modes: ordinary files, or MINOR on anonymous memory',
    ENOMEM: "the target's address space is gone, or it would have too many mappings",
  },
  unregister: {
    EINVAL: 'the range is not page-aligned, has a hole, or part of it belongs to another userfaultfd',
    ENOMEM: "the target's address space is gone, or it would have too many mappings",
  },
};

/**
 * What `errno` means when this ioctl answers it, as a clause without a full stop.
 * @param out the signed out field: EAGAIN with bytes done is partial progress, without any the map is changing
 */
export function errnoMeaning(ioctl: string, errno: number, out = 0n): string {
  if (errno === Errno.EAGAIN && out > 0n) {
    return 'partial progress, the page behind met an error';
  }
  const name = errnoName(errno);
  return perIoctl[ioctl]?.[name] ?? general[name] ?? 'the manual page does not list this answer';
}

/** ioctls whose struct has an out field; that of REGISTER is a mask. */
const withOut: readonly string[] = ['copy', 'zeropage', 'continue', 'poison', 'move'];

/** Whether the out field of this ioctl says how far it came. */
export function hasOut(ioctl: string): boolean {
  return withOut.includes(ioctl);
}

/**
 * An ioctl's answer as one sentence.
 * @param out the signed out field (bytes done, or -errno); ignored for those that have none
 * @param doneBytes bytes done of `lengthBytes`, by this ioctl and those it went on from
 */
export function ioctlResultText(
  ioctl: string,
  errno: number,
  out: bigint,
  lengthBytes: number,
  doneBytes: number,
): string {
  const call = `UFFDIO_${ioctl.toUpperCase()}`;
  if (errno === 0) {
    return ioctl === 'wake' ? `${call} succeeded.` : `${call} succeeded: ${lengthBytes} bytes.`;
  }
  const field = hasOut(ioctl) ? ` (out ${out})` : '';
  const done = doneBytes > 0 ? ` after ${doneBytes} of ${lengthBytes} bytes` : '';
  return `${call} failed with ${errnoName(errno)}${field}${done}: ${errnoMeaning(ioctl, errno, out)}.`;
}
