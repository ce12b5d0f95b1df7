/**
 * UFFDIO_MOVE, which the kernel does only for a thread of the process whose memory it is: a frozen
 * handler thread of the target makes the call (foreignCall.ts). Its argument and what it may need
 * to come back by itself lie below its stack, where nothing is in use, and that is put back.
 */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { UffdioRequest } from '../abi/uffdAbi.ts';
import type { MoveAnswer, MoveOrder } from '../capture/readerProtocol.ts';
import { readUffd, uffdNumbers } from '../inspect/descriptors.ts';
import { readMappings } from '../inspect/mappings.ts';
import { procRoot, procText } from '../inspect/procFile.ts';
import type { FrozenThreadDto, SessionDto } from '../protocol/session.ts';
import { ioctlNumber } from '../syscalls/ptrace.ts';
import { isGone } from '../syscalls/syscallError.ts';
import { ForeignCall } from './foreignCall.ts';
import type { HandlerFreeze } from './handlerFreeze.ts';
import { findSignalReturn, signalFrame } from './signalFrame.ts';
import type { ThreadRegisters } from './threadRegisters.ts';

/** What code that calls nothing may use below the stack pointer (System V ABI of x86-64). */
const redZoneBytes = 128n;
/** `struct uffdio_move`: dst, src, len, mode, move. */
const structBytes = 40n;
const moveField = 32;
const structAlignment = 64n;

export class MoveInTarget {
  private readonly session: SessionDto;
  private readonly freeze: HandlerFreeze | undefined;
  /** Code that calls rt_sigreturn, once it was looked for. */
  private signalReturn: { readonly address: bigint | undefined } | undefined;

  /** @param freeze undefined when nothing was to be frozen */
  constructor(session: SessionDto, freeze: HandlerFreeze | undefined) {
    this.session = session;
    this.freeze = freeze;
  }

  /** Why it cannot be done now, in a few words; empty when it can. */
  get obstacle(): string {
    const { session } = this;
    const threads = this.freeze?.threads ?? [];
    const thread = this.thread;
    if (thread === undefined) {
      return threads[0] === undefined
        ? 'needs a frozen handler thread of the target'
        : `the frozen handler is of process ${threads[0].pid}, not of the target`;
    }
    if (isFiltered(thread)) {
      return `a seccomp filter watches the frozen thread ${thread.tid}`;
    }
    return this.descriptor === undefined ? `process ${session.pid} has closed its userfaultfd` : '';
  }

  /** Has the thread do it; waits for that at most seconds. */
  move(order: MoveOrder): MoveAnswer {
    const { thread, descriptor, freeze, obstacle } = this;
    if (thread === undefined || descriptor === undefined || freeze === undefined || obstacle !== '') {
      return { refusal: `MOVE cannot be done: ${obstacle}.` };
    }
    const { pid, tid } = thread;
    try {
      let out = 0n;
      const answer = freeze.callBy(tid, (own, isAtEntry) => {
        const { landing, scratch } = this.prepare(thread, own, order);
        const call = {
          number: ioctlNumber,
          arguments: [BigInt(descriptor), BigInt(UffdioRequest.MOVE), scratch.address],
        } as const;
        return new ForeignCall(tid, own, isAtEntry, call, landing, () => (out = scratch.takeBack()));
      });
      if (answer === undefined) {
        const refusal = `Thread ${tid} of process ${pid}, which was to do the MOVE, has not come back in time. It goes on with its wait once it does.`;
        return { refusal };
      }
      return { errno: Number(-answer), out };
    } catch (error) {
      return { refusal: refusalText(error, thread) };
    }
  }

  private get thread(): FrozenThreadDto | undefined {
    return this.freeze?.threads.find(({ pid }) => pid === this.session.pid);
  }

  /** A descriptor of the target for this ctx; the number it had may mean another file by now. */
  private get descriptor(): number | undefined {
    const { pid, uffd } = this.session;
    const isIt = (fd: number): boolean => readUffd(procRoot, pid, fd)?.inode === uffd.inode;
    const fds = uffdNumbers(procRoot, pid);
    return isIt(uffd.fd) ? uffd.fd : 'numbers' in fds ? fds.numbers.find(isIt) : undefined;
  }

  private prepare({ pid, tid }: FrozenThreadDto, own: ThreadRegisters, order: MoveOrder) {
    this.signalReturn ??= { address: findSignalReturn(procRoot, pid, tid) };
    const { address: programCounter } = this.signalReturn;
    const end = own.stackPointer - redZoneBytes;
    const frame = programCounter === undefined ? undefined : signalFrame(tid, own.beforeCall(), end);
    const top = (frame?.address ?? end) - structBytes;
    const address = top - (top % structAlignment);
    const bytes = new Uint8Array(Number(end - address));
    const fields = [order.destination, order.source, order.lengthBytes, order.mode, 0];
    bytes.set(new Uint8Array(BigUint64Array.from(fields, (field) => BigInt(field)).buffer));
    if (frame !== undefined) {
      bytes.set(frame.bytes, Number(frame.address - address));
    }
    const landing =
      frame === undefined ? undefined : { programCounter: programCounter!, stackPointer: frame.address };
    return { landing, scratch: new Scratch(pid, address, bytes) };
  }
}

/** Memory of the target in which we write for the length of a call. */
class Scratch {
  readonly address: bigint;
  private readonly pid: number;
  private readonly before: Uint8Array;

  /** @throws Error EIO when it is not there */
  constructor(pid: number, address: bigint, bytes: Uint8Array) {
    this.pid = pid;
    this.address = address;
    this.before = new Uint8Array(bytes.byteLength);
    // Through /proc/PID/mem even guard pages can be written, and the kernel could not read the argument there.
    const end = address + BigInt(bytes.byteLength);
    const stack = readMappings(procRoot, pid).find(
      (mapping) => address >= mapping.start && end <= mapping.end,
    );
    if (stack?.permissions.startsWith('rw') !== true) {
      throw noPlace();
    }
    this.access('r', (mem, at) => readSync(mem, this.before, 0, bytes.byteLength, at));
    this.access('r+', (mem, at) => writeSync(mem, bytes, 0, bytes.byteLength, at));
  }

  /** Puts back what was there. @returns what the kernel has written into the `move` field */
  takeBack(): bigint {
    const moved = new BigInt64Array(1);
    this.access('r+', (mem, at) => {
      readSync(mem, new Uint8Array(moved.buffer), 0, 8, at + moveField);
      return writeSync(mem, this.before, 0, this.before.byteLength, at);
    });
    return moved[0]!;
  }

  /** @param work returns how many of the bytes it has reached */
  private access(flags: 'r' | 'r+', work: (mem: number, at: number) => number): void {
    // Below 2^53, where every address is exact, lie all stacks but those a program asks for above.
    const mem = openSync(`${procRoot}/${this.pid}/mem`, flags);
    try {
      if (work(mem, Number(this.address)) !== this.before.byteLength) {
        throw noPlace();
      }
    } finally {
      closeSync(mem);
    }
  }
}

function noPlace(): Error {
  return Object.assign(new Error('no memory there'), { code: 'EIO' });
}

/** Whether a seccomp filter decides about the system calls of a thread: it may kill the process for ours. */
function isFiltered({ pid, tid }: FrozenThreadDto): boolean {
  return !/^Seccomp:\s+0$/m.test(procText(`${procRoot}/${pid}/task/${tid}/status`) ?? '');
}

function refusalText(error: unknown, { pid, tid, comm }: FrozenThreadDto): string {
  if (isGone(error)) {
    return `Thread ${tid} (${comm}) of process ${pid}, which was to do the MOVE, has ended.`;
  }
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EIO':
    case 'EFAULT':
      return `The memory below the stack of thread ${tid} (${comm}), which was to do the MOVE, is not there or is registered itself, so its argument has no place.`;
    case 'ENOENT':
    case 'ESRCH':
      return `Process ${pid} has ended.`;
    default:
      return `Thread ${tid} (${comm}) cannot do the MOVE: ${String(error)}.`;
  }
}
