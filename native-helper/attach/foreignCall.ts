/**
 * One system call made by a frozen thread for us, from the very instruction it is stopped in: its
 * interrupted call begins anew, is exchanged for ours before the kernel looks at it, and after
 * that every register is put back, so that the interrupted call goes on as if nothing had been.
 *
 * Not an instruction of the program runs, and no signal is delivered meanwhile: one that comes
 * stays pending. The thread has foreign registers only from the exchange until they are put back;
 * whoever is killed in between leaves a thread that puts them back itself (signalFrame.ts).
 */
import {
  cont,
  contToSyscall,
  interrupt,
  setSignalMask,
  signalMask,
  traceeState,
} from '../syscalls/ptrace.ts';
import { Errno } from '../abi/errnoText.ts';
import { SyscallError } from '../syscalls/syscallError.ts';
import { schedYield } from '../syscalls/libc.ts';
import { ThreadRegisters, type Landing, type SystemCall } from './threadRegisters.ts';

const allSignals = 2n ** 64n - 1n;

export class ForeignCall {
  private readonly tid: number;
  private readonly call: SystemCall;
  private readonly landing: Landing | undefined;
  /** As they are to be again. */
  private readonly own: ThreadRegisters;
  private readonly onPutBack: () => void;
  /** Signals that were blocked, once we have blocked all. */
  private ownMask: bigint | undefined;
  private hasEntered = false;
  private isExchanged = false;
  private isGivenUp = false;
  private result: bigint | undefined;
  private isOver = false;

  /**
   * Lets the thread begin.
   * @param tid a thread that is stopped in a system call which was cut short, or as it begins one
   * @param own its registers
   * @param isAtEntry it begins one
   * @param landing where it goes on behind the call should nobody stop it there
   * @param onPutBack called when it has its own registers again
   * @throws SyscallError ESRCH gone
   */
  constructor(
    tid: number,
    own: ThreadRegisters,
    isAtEntry: boolean,
    call: SystemCall,
    landing: Landing | undefined,
    onPutBack: () => void,
  ) {
    this.tid = tid;
    this.own = isAtEntry ? own.aboutToBeginAnew() : own;
    this.call = call;
    this.landing = landing;
    this.onPutBack = onPutBack;
    if (isAtEntry) {
      this.exchange();
    } else {
      own.beginningAnew()?.write();
      contToSyscall(tid, 0);
    }
  }

  /**
   * Waits until the thread is stopped again as it was.
   * @returns false when that takes too long; ask again, then
   * @throws SyscallError ESRCH it has ended
   */
  finish(limitMs: number): boolean {
    const deadlineMs = performance.now() + limitMs;
    while (!this.isOver) {
      if (!this.advance()) {
        if (performance.now() > deadlineMs) {
          return false;
        }
        schedYield();
      }
    }
    return true;
  }

  /** The call is not to be made if it has not been; `finish` still puts everything back. */
  giveUp(): void {
    this.isGivenUp = true;
  }

  /** What the call answered, negative errno; undefined when it was not made. */
  get answer(): bigint | undefined {
    return this.result;
  }

  /** @returns whether there was something to do */
  private advance(): boolean {
    const { tid } = this;
    const state = traceeState(tid);
    switch (state.kind) {
      case 'running':
        return false;
      case 'gone':
        throw new SyscallError('waitpid', Errno.ESRCH);
      case 'signal':
        // Passed on while it is blocked, the kernel queues it again as it was.
        this.ownMask ??= signalMask(tid);
        setSignalMask(tid, allSignals);
        contToSyscall(tid, state.signal);
        break;
      case 'syscall':
        this.exchange();
        break;
      case 'interrupted':
      case 'groupStop':
      case 'event':
        if (this.hasEntered) {
          this.putBack();
        } else {
          // Of its whole process, stopped or let go on by a signal meanwhile.
          contToSyscall(tid, 0);
        }
        break;
    }
    return true;
  }

  /** At the beginning of the system call. The stop behind it is ordered before there is something to put back. */
  private exchange(): void {
    const { tid } = this;
    interrupt(tid);
    this.hasEntered = true;
    if (!this.isGivenUp) {
      this.isExchanged = true;
      ThreadRegisters.read(tid).writeCall(this.call, this.landing);
    }
    cont(tid, 0);
  }

  private putBack(): void {
    const { tid } = this;
    if (this.isExchanged) {
      this.result = ThreadRegisters.read(tid).result;
    }
    this.own.write();
    if (this.ownMask !== undefined) {
      setSignalMask(tid, this.ownMask);
    }
    this.isOver = true;
    this.onPutBack();
  }
}
