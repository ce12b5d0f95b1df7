/**
 * Which instruction raised a fault. The kernel does not report it, but the thread sleeps in the fault, so
 * /proc tells where it came from. Asked at once after the fault was read, before anything can have woken its
 * thread; the answer is kept until the fault is logged.
 */
import { pagefaultTid } from '../abi/uffdMessage.ts';
import { procText } from '../inspect/procFile.ts';
import { parsePlace } from '../inspect/threadFacts.ts';
import type { MessageReader } from './messageReader.ts';

/** Looks after one read, a few of them always: then they take no longer than this, since others wait. */
const fewLooks = 16;
const mostMs = 1;
/** Instructions that are told of at most: code that is made anew again and again has no end of them. */
const mostTold = 512;

export class FaultingCode {
  private readonly procRoot: string;
  private readonly pid: number;
  private readonly onFirst: (address: bigint) => void;
  private readonly told = new Set<bigint>();
  /** By message that is not logged yet. */
  private readonly found = new Map<number, bigint>();

  /**
   * @param pid whose threads; 0 when that is not known
   * @param onFirst told of an instruction the first time it has raised a fault
   */
  constructor(procRoot: string, pid: number, onFirst: (address: bigint) => void) {
    this.procRoot = procRoot;
    this.pid = pid;
    this.onFirst = onFirst;
  }

  /**
   * Looks at the threads of the messages from `from` on, which have just been read.
   * @param isUntouched whether nothing was done since then that can have woken the thread of message `i`
   */
  look(
    { messages, count }: Pick<MessageReader, 'messages' | 'count'>,
    from: number,
    isUntouched: (i: number) => boolean,
  ): void {
    let looks = 0;
    let untilMs = 0;
    for (let i = from; i < count; i++) {
      const tid = pagefaultTid(messages, i) ?? 0;
      if (tid === 0 || !isUntouched(i)) {
        continue;
      }
      if (looks === 0) {
        untilMs = performance.now() + mostMs;
      } else if (looks >= fewLooks && performance.now() > untilMs) {
        return;
      }
      looks++;
      const address = this.ofThread(tid);
      if (address !== undefined) {
        this.found.set(i, address);
      }
    }
  }

  /** Address of the instruction that raised the fault of message `i`; undefined when that is not known. */
  of(i: number): bigint | undefined {
    const address = this.found.get(i);
    if (address !== undefined && !this.told.has(address) && this.told.size < mostTold) {
      this.told.add(address);
      this.onFirst(address);
    }
    return address;
  }

  /** The messages have been logged. */
  clear(): void {
    this.found.clear();
  }

  /** Of a fault within a system call, the instruction after the call (proc_pid_syscall(5)). */
  private ofThread(tid: number): bigint | undefined {
    if (this.pid === 0) {
      return undefined;
    }
    const task = `${this.procRoot}/${this.pid}/task/${tid}`;
    try {
      const place = parsePlace(procText(`${task}/syscall`) ?? '', process.arch);
      // A thread that a signal has taken out of its fault is elsewhere.
      return 'pc' in place && procText(`${task}/wchan`) === 'handle_userfault' ? place.pc : undefined;
    } catch {
      // Too many open files, or no memory: nothing worth an end of the session.
      return undefined;
    }
  }
}
