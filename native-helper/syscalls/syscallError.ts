/** A failed system call: which one, and its errno by name. */
import { Errno, errnoName } from '../abi/errnoText.ts';
import { errno as lastErrno } from './libc.ts';

export class SyscallError extends Error {
  readonly call: string;
  readonly errno: number;

  constructor(call: string, errno: number) {
    super(`${call} failed with ${errnoName(errno)}`);
    this.name = 'SyscallError';
    this.call = call;
    this.errno = errno;
  }
}

/** Whether a call on a process or thread says that there is none: it has ended. */
export function isGone(error: unknown): boolean {
  return error instanceof SyscallError && error.errno === Errno.ESRCH;
}

/** Throws the errno of the call just made on this thread. */
export function throwErrno(call: string): never {
  throw new SyscallError(call, lastErrno());
}

/** `result`, unless it is -1. @throws SyscallError */
export function checked(call: string, result: number): number {
  return result === -1 ? throwErrno(call) : result;
}
