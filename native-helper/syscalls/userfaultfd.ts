/** Making a uffd of one's own: what a target does, for the demo target. */
import { FEATURE_THREAD_ID, UffdioRequest } from '../abi/uffdAbi.ts';
import { Errno } from '../abi/errnoText.ts';
import { ioctl, syscall } from './libc.ts';
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
  const api = new BigUint64Array([UFFD_API, FEATURE_THREAD_ID, 0n]);
  checked('UFFDIO_API', ioctl(uffd, UffdioRequest.API, new Uint8Array(api.buffer)));
  return uffd;
}

function openDescriptor(): number {
  const flags = O_CLOEXEC | O_NONBLOCK;
  const open = (more: number): number => checked('userfaultfd', syscall(SYS_userfaultfd, flags | more, 0, 0));
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
