/**
 * General registers of a stopped thread, with the names that system calls give them
 * (syscall(2), "Architecture calling conventions"). arm64 is written from the manuals and untested.
 */
import { readRegisters, RegisterSet, writeRegisters } from '../syscalls/ptrace.ts';

/** Indexes of 64-bit words in the PRSTATUS set. */
interface Layout {
  readonly result: number;
  readonly arguments: readonly [number, number, number];
  readonly stackPointer: number;
  readonly programCounter: number;
  /** Of the system call that the thread is in; undefined where a set of its own has it. */
  readonly callNumber: number | undefined;
  /** Bytes of the instruction that makes a system call. */
  readonly callBytes: bigint;
}

/** `user_regs_struct`: r15 … rax (10), rcx, rdx, rsi, rdi, orig_rax, rip, cs, eflags, rsp. */
const x64: Layout = {
  result: 10,
  arguments: [14, 13, 12],
  stackPointer: 19,
  programCounter: 16,
  callNumber: 15,
  callBytes: 2n,
};

/** `user_pt_regs`: x0 … x30, sp, pc, pstate. */
const arm64: Layout = {
  result: 0,
  arguments: [0, 1, 2],
  stackPointer: 31,
  programCounter: 32,
  callNumber: undefined,
  callBytes: 4n,
};

const layout = process.arch === 'arm64' ? arm64 : x64;
/** The longest set of the architectures: arm64's 34 words. */
const mostBytes = 272;

/** What a system call that was cut short is to return, if the thread goes on (include/linux/errno.h). */
const ERESTARTNOINTR = -513n;
const EINTR = -4n;

export interface SystemCall {
  readonly number: number;
  readonly arguments: readonly [bigint, bigint, bigint];
}

export class ThreadRegisters {
  private readonly tid: number;
  private readonly words: BigInt64Array<ArrayBuffer>;

  private constructor(tid: number, words: BigInt64Array<ArrayBuffer>) {
    this.tid = tid;
    this.words = words;
  }

  /** @throws SyscallError ESRCH gone or not stopped */
  static read(tid: number): ThreadRegisters {
    const { buffer, byteLength } = readRegisters(tid, RegisterSet.PRSTATUS, mostBytes);
    return new ThreadRegisters(tid, new BigInt64Array(buffer, 0, byteLength / 8));
  }

  /** @throws SyscallError ESRCH gone or not stopped */
  write(): void {
    writeRegisters(
      this.tid,
      RegisterSet.PRSTATUS,
      new Uint8Array(this.words.buffer, 0, this.words.byteLength),
    );
  }

  /** What its system call has returned, or is about to; negative errno. */
  get result(): bigint {
    return this.words[layout.result]!;
  }

  get stackPointer(): bigint {
    return BigInt.asUintN(64, this.words[layout.stackPointer]!);
  }

  get programCounter(): bigint {
    return BigInt.asUintN(64, this.words[layout.programCounter]!);
  }

  /** Register word by its index in the set. */
  word(index: number): bigint {
    return this.words[index]!;
  }

  /**
   * Of a thread stopped in a system call that was cut short: what makes it begin that call anew
   * where it would return EINTR. All other answers do so by themselves.
   */
  beginningAnew(): ThreadRegisters | undefined {
    if (this.result !== EINTR) {
      return undefined;
    }
    const anew = this.copy();
    if (layout.callNumber === undefined) {
      // Whatever the program would have been told is in the register of the first argument.
      anew.words[layout.programCounter]! -= layout.callBytes;
    } else {
      anew.words[layout.result] = ERESTARTNOINTR;
    }
    return anew;
  }

  /** Of a thread stopped as it begins a system call: what makes it begin that anew once the call is another. */
  aboutToBeginAnew(): ThreadRegisters {
    if (layout.callNumber === undefined) {
      return this.beforeCall();
    }
    const about = this.copy();
    about.words[layout.result] = ERESTARTNOINTR;
    return about;
  }

  /** As they would be just before the system call, so that the thread would make it anew. */
  beforeCall(): ThreadRegisters {
    const before = this.copy();
    before.words[layout.programCounter]! -= layout.callBytes;
    if (layout.callNumber !== undefined) {
      before.words[layout.result] = this.words[layout.callNumber]!;
    }
    return before;
  }

  /**
   * Of a thread stopped at the beginning of a system call: makes it another call, behind which
   * the thread finds itself at `landing`, or where it would have been.
   * @throws SyscallError ESRCH gone or not stopped
   */
  writeCall(call: SystemCall, landing: Landing | undefined): void {
    const changed = this.copy();
    layout.arguments.forEach((index, i) => (changed.words[index] = BigInt.asIntN(64, call.arguments[i]!)));
    if (landing !== undefined) {
      changed.words[layout.programCounter] = landing.programCounter;
      changed.words[layout.stackPointer] = landing.stackPointer;
    }
    if (layout.callNumber === undefined) {
      const number = new Int32Array(new ArrayBuffer(4)).fill(call.number);
      writeRegisters(this.tid, RegisterSet.ARM_SYSTEM_CALL, new Uint8Array(number.buffer));
    } else {
      changed.words[layout.callNumber] = BigInt(call.number);
    }
    changed.write();
  }

  private copy(): ThreadRegisters {
    return new ThreadRegisters(this.tid, this.words.slice());
  }
}

/** Where a thread goes on. */
export interface Landing {
  readonly programCounter: bigint;
  readonly stackPointer: bigint;
}
