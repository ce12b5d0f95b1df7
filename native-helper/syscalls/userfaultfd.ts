/** Making a uffd of one's own: what a target does, for the demo target. */
import { FEATURE_THREAD_ID, featuresInWords, UffdioRequest } from '../abi/uffdAbi.ts';
import { Errno } from '../abi/errnoText.ts';
import { close, ioctl, syscall } from './libc.ts';
import { checked, SyscallError } from './syscallError.ts';

const SYS_userfaultfd = process.arch === 'arm64' ? 282 : 323;
const O_NONBLOCK = 0o4000;
const O_CLOEXEC = 0o2000000;
const UFFD_USER_MODE_ONLY = 1;
const UFFD_API = 0xaan;
const UFFDIO_REGISTER_MODE_MISSING = 1n;

/**
 * A non-blocking uffd after UFFDIO_API with THREAD_ID; for user-mode faults only where the
 * caller may not have more (vm.unprivileged_userfaultfd is 0 and no CAP_SYS_PTRACE).
 * @throws SyscallError userfaultfd(2), UFFDIO_API
 */
export function openUserfaultfd(): number {
  const uffd = openDescriptor();
  negotiate(uffd, FEATURE_THREAD_ID);
  return uffd;
}

/**
 * What the kernel has, from a uffd of which nothing is left.
 * @throws SyscallError userfaultfd(2), UFFDIO_API
 */
export function kernelFeatures(): string[] {
  const uffd = open(UFFD_USER_MODE_ONLY);
  try {
    return featuresInWords(negotiate(uffd, 0n));
  } finally {
    close(uffd);
  }
}

/** UFFDIO_API. @returns every feature of the kernel */
function negotiate(uffd: number, features: bigint): bigint {
  const api = new BigUint64Array([UFFD_API, features, 0n]);
  checked('UFFDIO_API', ioctl(uffd, UffdioRequest.API, new Uint8Array(api.buffer)));
  return api[1]!;
}

function open(moreFlags: number): number {
  return checked('userfaultfd', syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | moreFlags, 0, 0));
}

function openDescriptor(): number {
  try {
    return open(0);
  } catch (error) {
    if (error instanceof SyscallError && error.errno === Errno.EPERM) {
      return open(UFFD_USER_MODE_ONLY);
    }
    throw error;
  }
}

/**
 * Registers page-aligned memory for missing faults.
 * @throws SyscallError UFFDIO_REGISTER
 */
export function registerMissing(uffd: number, address: number, lengthBytes: number): void {
  const register = new BigUint64Array([
    BigInt(address),
    BigInt(lengthBytes),
    UFFDIO_REGISTER_MODE_MISSING,
    0n,
  ]);
  checked('UFFDIO_REGISTER', ioctl(uffd, UffdioRequest.REGISTER, new Uint8Array(register.buffer)));
}
