/**
 * Which instruction raised a fault. The kernel does not report it, but the thread sleeps in the fault, so
 * /proc tells where it came from. Only of faults that nobody has answered: their threads sleep anyway, and
 * no other fault waits for the look that a rule answers at once.
 */
import { procText } from '../inspect/procFile.ts';
import { parsePlace } from '../inspect/threadFacts.ts';

/** Instructions that are told of at most: code that is made anew again and again has no end of them. */
const mostTold = 512;

export class FaultingCode {
  private readonly procRoot: string;
  private readonly pid: number;
  private readonly onFirst: (address: bigint) => void;
  private readonly told = new Set<bigint>();

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
   * Address of the instruction that a thread sleeps at in a fault; of a fault within a system call, of the
   * instruction after the call (proc_pid_syscall(5)).
   * @returns undefined when the thread sleeps in no fault, or that cannot be seen
   */
  ofThread(tid: number): bigint | undefined {
    if (this.pid === 0 || tid === 0) {
      return undefined;
    }
    const task = `${this.procRoot}/${this.pid}/task/${tid}`;
    const place = parsePlace(procText(`${task}/syscall`) ?? '', process.arch);
    // Only then the place was that of the fault.
    if (!('pc' in place) || procText(`${task}/wchan`) !== 'handle_userfault') {
      return undefined;
    }
    const { pc } = place;
    if (!this.told.has(pc) && this.told.size < mostTold) {
      this.told.add(pc);
      this.onFirst(pc);
    }
    return pc;
  }
}
