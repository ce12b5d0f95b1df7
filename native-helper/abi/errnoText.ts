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
  EEXIST: 17,
  EINVAL: 22,
  EMFILE: 24,
  ENOSYS: 38,
  EOPNOTSUPP: 95,
} as const;

const mapChanging =
  'the memory map is changing: a fork, remap, remove or unmap event is unread or was just read; it clears when that thread has run';

const general: Readonly<Record<string, string>> = {
  EINVAL:
    'the range is not page-aligned, is empty or lies outside the address space, or a mode bit is unknown',
  ESRCH: "the target's address space is gone",
  ENOSPC: "the target's address space is gone (kernels 4.11 and 4.12)",
  ENOMEM: 'no memory, or the memory cgroup is at its limit',
  EAGAIN: mapChanging,
  EBADF: 'the descriptor is closed',
  ENOTTY: 'this kernel does not have this ioctl',
};

const perIoctl: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  copy: {
    ENOENT:
      'the range is not inside one registered mapping: unmapped, unregistered, or it crosses the end of a mapping',
    EEXIST: 'the page is already there; nobody was woken. Use Wake to release the thread',
    EFAULT: 'the source bytes could not be read',
    EINVAL:
      'the range is not aligned to the page size (hugetlb: to the huge page), or write protection was asked for on a range not registered for it',
  },
  zeropage: {
    ENOENT:
      'the range is not inside one registered mapping: unmapped, unregistered, or it crosses the end of a mapping',
    EEXIST: 'the page is already there; nobody was woken. Use Wake to release the thread',
    EINVAL: 'the range is not page-aligned, or it is hugetlb memory, which has no zero page: use COPY',
  },
  wake: {
    EINVAL: 'the range is not page-aligned, is empty or lies outside the address space',
  },
};

/** What `errno` means when this ioctl answers it, as a clause without a full stop. */
export function errnoMeaning(ioctl: string, errno: number): string {
  const name = errnoName(errno);
  return perIoctl[ioctl]?.[name] ?? general[name] ?? 'the manual page does not list this answer';
}

/**
 * An ioctl's answer as one sentence, with done and requested bytes.
 * @param out the signed out field (bytes done, or -errno); ignored for WAKE, which has none
 */
export function ioctlResultText(ioctl: string, errno: number, out: bigint, lengthBytes: number): string {
  const call = `UFFDIO_${ioctl.toUpperCase()}`;
  if (errno === 0) {
    return ioctl === 'wake' ? `${call} succeeded.` : `${call} succeeded: ${lengthBytes} bytes.`;
  }
  if (errno === Errno.EAGAIN && out > 0n) {
    return `${call} stopped early with EAGAIN: ${out} of ${lengthBytes} bytes done, the next page met an error.`;
  }
  return `${call} failed with ${errnoName(errno)}: ${errnoMeaning(ioctl, errno)}.`;
}
