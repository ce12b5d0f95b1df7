/**
 * A frame as the kernel puts it on a stack before it calls a signal handler (x86-64: struct
 * rt_sigframe in arch/x86/include/asm/sigframe.h, without siginfo): rt_sigreturn(2) takes every
 * register and the signal mask back from it.
 *
 * A thread that makes a system call for us gets the C library's own way into rt_sigreturn as the
 * place to return to, and this frame under its stack pointer. Should its tracer be killed before
 * it has put the registers back, the thread does so by itself, and makes anew the call that it
 * had been stopped in: just what a signal handler would have done to it.
 */
import { readMemory } from '../inspect/handlerWait.ts';
import { readMappings } from '../inspect/mappings.ts';
import { procText } from '../inspect/procFile.ts';
import { readRegisters, RegisterSet, signalMask } from '../syscalls/ptrace.ts';
import type { ThreadRegisters } from './threadRegisters.ts';

/** `mov $15,%rax` or `mov $15,%eax`, and `syscall`: __restore_rt of glibc and musl, sigreturn of Go. */
const returnCodes = ['48c7c00f0000000f05', 'b80f0000000f05'].map((code) => Buffer.from(code, 'hex'));
/** Mappings are looked through the smallest first; a C library has about 2 MiB. */
const mostCodeBytes = 256 * 2 ** 20;

/** `struct ucontext` up to its signal mask, and that. */
const contextBytes = 304;
const offsetOf = { stackFlags: 24, registers: 40, segments: 184, fpstate: 224, mask: 296 } as const;
const UC_SIGCONTEXT_SS = 2n;
const UC_STRICT_RESTORE_SS = 4n;
/** No flags of an alternate signal stack: the kernel then leaves the thread's own as it is. */
const invalidStackFlags = 0x40000000;
/** Of `struct sigcontext`, in its order, as indexes of user_regs_struct: r8 … r15, rdi … rip, eflags. */
const contextRegisters = [9, 8, 7, 6, 3, 2, 1, 0, 14, 13, 4, 5, 12, 10, 11, 19, 16, 18];
const registerOf = { cs: 17, ss: 20 } as const;

/** XSAVE images begin on such a boundary. */
const alignment = 64n;
const mostXsaveBytes = 16_384;
/** In an XSAVE image: its `struct _fpx_sw_bytes`, and the legacy part, which is there without XSAVE too. */
const softwareBytes = 464;
const legacyBytes = 512;
const FP_XSTATE_MAGIC1 = 0x46505853;
const FP_XSTATE_MAGIC2 = 0x46505845;

/** The bytes of a frame, to be written at `address`. */
export interface SignalFrame {
  /** What the stack pointer must be. */
  readonly address: bigint;
  readonly bytes: Uint8Array;
}

/**
 * A frame of a stopped thread.
 * @param registers to go on with
 * @param end the frame ends below this address
 * @throws SyscallError ESRCH gone or not stopped
 */
export function signalFrame(tid: number, registers: ThreadRegisters, end: bigint): SignalFrame {
  const xsave = readRegisters(tid, RegisterSet.X86_XSTATE, mostXsaveBytes);
  const fpstate = roundedDown(end - BigInt(xsave.byteLength + 4));
  const address = roundedDown(fpstate - BigInt(contextBytes));
  const bytes = new Uint8Array(Number(fpstate - address) + xsave.byteLength + 4);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS, true);
  view.setInt32(offsetOf.stackFlags, invalidStackFlags, true);
  contextRegisters.forEach((index, i) =>
    view.setBigInt64(offsetOf.registers + 8 * i, registers.word(index), true),
  );
  view.setUint16(offsetOf.segments, Number(registers.word(registerOf.cs)), true);
  view.setUint16(offsetOf.segments + 6, Number(registers.word(registerOf.ss)), true);
  view.setBigUint64(offsetOf.fpstate, fpstate, true);
  view.setBigUint64(offsetOf.mask, signalMask(tid), true);
  bytes.set(markedXsave(xsave), Number(fpstate - address));
  return { address, bytes };
}

/** An XSAVE image as it is in a signal frame; ptrace(2) keeps the mask of its features in `softwareBytes`. */
function markedXsave(xsave: Uint8Array): Uint8Array {
  const marked = new Uint8Array(xsave.byteLength + 4);
  marked.set(xsave);
  if (xsave.byteLength <= legacyBytes) {
    return marked;
  }
  const view = new DataView(marked.buffer);
  const features = view.getBigUint64(softwareBytes, true);
  view.setUint32(softwareBytes, FP_XSTATE_MAGIC1, true);
  view.setUint32(softwareBytes + 4, marked.byteLength, true);
  view.setBigUint64(softwareBytes + 8, features, true);
  view.setUint32(softwareBytes + 16, xsave.byteLength, true);
  view.setUint32(xsave.byteLength, FP_XSTATE_MAGIC2, true);
  return marked;
}

/**
 * Address of code in a process that calls rt_sigreturn.
 * @returns undefined where there is none, or where it would not be let through: user shadow stacks
 */
export function findSignalReturn(procRoot: string, pid: number, tid: number): bigint | undefined {
  const status = procText(`${procRoot}/${pid}/task/${tid}/status`) ?? '';
  if (process.arch !== 'x64' || /^x86_Thread_features:.*\bshstk\b/m.test(status)) {
    return undefined;
  }
  const mappings = readMappings(procRoot, pid)
    .filter(({ permissions, isAnonymous }) => permissions === 'r-xp' && !isAnonymous)
    .map(({ start, end }) => ({ start, lengthBytes: Number(end - start) }))
    .filter(({ lengthBytes }) => lengthBytes <= mostCodeBytes)
    .sort((a, b) => a.lengthBytes - b.lengthBytes);
  for (const { start, lengthBytes } of mappings) {
    const code = readMemory(procRoot, pid, start, lengthBytes);
    const text = code && Buffer.from(code.buffer, code.byteOffset, code.byteLength);
    const found = text && returnCodes.map((bytes) => text.indexOf(bytes)).find((offset) => offset !== -1);
    if (found !== undefined) {
      return start + BigInt(found);
    }
  }
  return undefined;
}

function roundedDown(address: bigint): bigint {
  return address - (address % alignment);
}
