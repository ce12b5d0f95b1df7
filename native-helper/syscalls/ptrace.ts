/**
 * ptrace(2) of single threads, by PTRACE_SEIZE: a seized thread runs on until it is interrupted,
 * and the kernel lets it go when the tracer dies, however it dies.
 *
 * The tracer is the OS thread that seized; all calls about a tracee must come from that one.
 * Nothing here blocks.
 */
import { addressOf, ptrace, waitpid } from './libc.ts';
import { checked } from './syscallError.ts';

const PTRACE_CONT = 7;
const PTRACE_DETACH = 17;
const PTRACE_SYSCALL = 24;
const PTRACE_GETREGSET = 0x4204;
const PTRACE_SETREGSET = 0x4205;
const PTRACE_SEIZE = 0x4206;
const PTRACE_INTERRUPT = 0x4207;
const PTRACE_LISTEN = 0x4208;
const PTRACE_GETSIGMASK = 0x420a;
const PTRACE_SETSIGMASK = 0x420b;
const PTRACE_GET_SYSCALL_INFO = 0x420e;
const PTRACE_O_TRACESYSGOOD = 1;
const PTRACE_EVENT_STOP = 128;

const WNOHANG = 1;
const __WALL = 0x40000000;

const SIGTRAP = 5;
/** The stop signal of system calls, by PTRACE_O_TRACESYSGOOD. */
const syscallTrap = SIGTRAP | 0x80;
/** `struct ptrace_syscall_info`: op u8 at 0, then from 24 on: nr u64 and arguments u64, or rval i64. */
const syscallInfo = new Uint8Array(new ArrayBuffer(88));
const syscallInfoView = new DataView(syscallInfo.buffer);
const PTRACE_SYSCALL_INFO_ENTRY = 1;
const PTRACE_SYSCALL_INFO_EXIT = 2;
/** Bytes of the kernel's `sigset_t`. */
const sigsetBytes = 8;

/** What a tracee is found in. */
export type TraceeState = { readonly kind: 'running' } | TraceeStop;

export type TraceeStop =
  /** By PTRACE_INTERRUPT, or because it has just begun to be traced. */
  | { readonly kind: 'interrupted' }
  /** Its process was stopped by a signal such as SIGSTOP, and it with it. */
  | { readonly kind: 'groupStop' }
  /** At the beginning or the end of a system call, after `contToSyscall`. */
  | { readonly kind: 'syscall' }
  /** A signal is about to be delivered; pass it to `cont` or `detach`, or it is lost. */
  | { readonly kind: 'signal'; readonly signal: number }
  /** A PTRACE_EVENT that was asked for. */
  | { readonly kind: 'event'; readonly event: number }
  /** It has ended, or is no tracee of ours. */
  | { readonly kind: 'gone' };

/** Begins to trace a thread without stopping it. @throws SyscallError EPERM no access or already traced, ESRCH gone */
export function seize(tid: number): void {
  checked('ptrace', ptrace(PTRACE_SEIZE, tid, 0, PTRACE_O_TRACESYSGOOD));
}

/** Asks a seized thread to stop; `waitForStop` tells when it has. @throws SyscallError ESRCH gone */
export function interrupt(tid: number): void {
  checked('ptrace', ptrace(PTRACE_INTERRUPT, tid, 0, 0));
}

/** Leaves a thread in its group stop, which a SIGCONT ends. @throws SyscallError ESRCH gone or not in one */
export function listen(tid: number): void {
  checked('ptrace', ptrace(PTRACE_LISTEN, tid, 0, 0));
}

/** Lets a stopped thread run on. @param signal delivered to it, 0 for none. @throws SyscallError ESRCH gone or not stopped */
export function cont(tid: number, signal: number): void {
  checked('ptrace', ptrace(PTRACE_CONT, tid, 0, signal));
}

/** As `cont`, until the next beginning or end of a system call. @throws SyscallError ESRCH gone or not stopped */
export function contToSyscall(tid: number, signal: number): void {
  checked('ptrace', ptrace(PTRACE_SYSCALL, tid, 0, signal));
}

/** The system call that a thread is stopped at. */
export type SyscallStop =
  /** The first two arguments. */
  | { readonly at: 'entry'; readonly number: number; readonly args: readonly [bigint, bigint] }
  /** Negative errno on failure. */
  | { readonly at: 'exit'; readonly result: bigint }
  | undefined;

/** Of ioctl(2), as `SyscallStop` tells it. */
export const ioctlNumber = process.arch === 'arm64' ? 29 : 16;

/** @throws SyscallError ESRCH gone or not stopped */
export function syscallAt(tid: number): SyscallStop {
  checked('ptrace', ptrace(PTRACE_GET_SYSCALL_INFO, tid, syscallInfo.byteLength, addressOf(syscallInfo)));
  switch (syscallInfoView.getUint8(0)) {
    case PTRACE_SYSCALL_INFO_ENTRY:
      return {
        at: 'entry',
        number: Number(syscallInfoView.getBigUint64(24, true)),
        args: [syscallInfoView.getBigUint64(32, true), syscallInfoView.getBigUint64(40, true)],
      };
    case PTRACE_SYSCALL_INFO_EXIT:
      return { at: 'exit', result: syscallInfoView.getBigInt64(24, true) };
    default:
      return undefined;
  }
}

/** Lets a stopped thread go for good. @param signal delivered to it, 0 for none. @throws SyscallError as above */
export function detach(tid: number, signal: number): void {
  checked('ptrace', ptrace(PTRACE_DETACH, tid, 0, signal));
}

/** News of a tracee since the last call (waitpid(2), ptrace(2) "Attaching and detaching"). */
export function traceeState(tid: number): TraceeState {
  const status = new Int32Array(1);
  const waited = waitpid(tid, status, __WALL | WNOHANG);
  if (waited === 0) {
    return { kind: 'running' };
  }
  return waited === tid ? stopOf(status[0]!) : { kind: 'gone' };
}

/** What a status of waitpid(2) says of a seized tracee. */
export function stopOf(status: number): TraceeStop {
  if ((status & 0xff) !== 0x7f) {
    return { kind: 'gone' };
  }
  const signal = (status >> 8) & 0xff;
  const event = status >> 16;
  if (event === PTRACE_EVENT_STOP) {
    return { kind: signal === SIGTRAP ? 'interrupted' : 'groupStop' };
  }
  if (event !== 0) {
    return { kind: 'event', event };
  }
  return signal === syscallTrap ? { kind: 'syscall' } : { kind: 'signal', signal };
}

/** Register sets (include/uapi/linux/elf.h). */
export const RegisterSet = { PRSTATUS: 1, X86_XSTATE: 0x202, ARM_SYSTEM_CALL: 0x404 } as const;
type RegisterSet = (typeof RegisterSet)[keyof typeof RegisterSet];

/**
 * Registers of a stopped thread, as many bytes as the set has.
 * @param mostBytes what is longer is cut
 * @throws SyscallError ESRCH gone or not stopped, EINVAL no such set
 */
export function readRegisters(tid: number, set: RegisterSet, mostBytes: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(new ArrayBuffer(mostBytes));
  const iov = iovecOf(bytes);
  checked('ptrace', ptrace(PTRACE_GETREGSET, tid, set, addressOf(new Uint8Array(iov.buffer))));
  return bytes.subarray(0, Number(iov[1]));
}

/** @throws SyscallError as above */
export function writeRegisters(tid: number, set: RegisterSet, bytes: Uint8Array): void {
  const iov = iovecOf(bytes);
  checked('ptrace', ptrace(PTRACE_SETREGSET, tid, set, addressOf(new Uint8Array(iov.buffer))));
}

/** `struct iovec` of bytes that have an ArrayBuffer of their own. */
function iovecOf(bytes: Uint8Array): BigUint64Array<ArrayBuffer> {
  return new BigUint64Array([addressOf(bytes), BigInt(bytes.byteLength)]);
}

/** Blocked signals of a stopped thread, bit 0 for signal 1; not those that its system call blocks meanwhile. */
export function signalMask(tid: number): bigint {
  const mask = new BigUint64Array(1);
  checked('ptrace', ptrace(PTRACE_GETSIGMASK, tid, sigsetBytes, addressOf(new Uint8Array(mask.buffer))));
  return mask[0]!;
}

/** @throws SyscallError ESRCH gone or not stopped */
export function setSignalMask(tid: number, mask: bigint): void {
  const words = new BigUint64Array([mask]);
  checked('ptrace', ptrace(PTRACE_SETSIGMASK, tid, sigsetBytes, addressOf(new Uint8Array(words.buffer))));
}
