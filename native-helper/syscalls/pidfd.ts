/** pidfd_open(2) and pidfd_getfd(2): a handle on a process, and copies of its descriptors. */
import { poll, syscall } from './libc.ts';
import { checked } from './syscallError.ts';

/** Numbers are the same on every architecture: both calls are younger than the unified table. */
const SYS_pidfd_open = 434;
const SYS_pidfd_getfd = 438;

/**
 * A descriptor that refers to process `pid` and becomes readable when it ends.
 * @throws SyscallError ESRCH no such process, EINVAL not a process (a thread id)
 */
export function pidfdOpen(pid: number): number {
  return checked('pidfd_open', syscall(SYS_pidfd_open, pid, 0, 0));
}

/**
 * Duplicates descriptor `fd` of the process into ours; it shares the open file description
 * (and so O_NONBLOCK) and is close-on-exec.
 * @throws SyscallError EPERM no ptrace access, EBADF no such descriptor, ESRCH process gone
 */
export function pidfdGetfd(pidfd: number, fd: number): number {
  return checked('pidfd_getfd', syscall(SYS_pidfd_getfd, pidfd, fd, 0));
}

const POLLIN = 1;

/** Whether the process behind a pidfd has ended; its pid may be another one's then. */
export function hasEnded(pidfd: number): boolean {
  // `struct pollfd`: fd i32, events i16, revents i16.
  const pollfd = Int32Array.of(pidfd, POLLIN);
  return poll(pollfd, 1, 0) !== 0;
}
