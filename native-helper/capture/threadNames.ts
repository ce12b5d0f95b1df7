/** Names of the target's threads, for rules that ask for one. */
import { procComm, procRoot } from '../inspect/procFile.ts';

/** A thread whose name does not match is asked for it again after this long: it may have been named meanwhile. */
const renewalMs = 10;

export class ThreadNames {
  private readonly pid: number;
  private readonly known = new Map<number, { readonly comm: string; readonly readMs: number }>();

  constructor(pid: number) {
    this.pid = pid;
  }

  /** Whether thread `tid` has this name; false when it cannot be found, for instance in another pid namespace. */
  isNamed(tid: number, comm: string): boolean {
    const known = this.known.get(tid);
    if (known?.comm === comm) {
      return true;
    }
    const nowMs = performance.now();
    if (known !== undefined && nowMs - known.readMs < renewalMs) {
      return false;
    }
    const read = procComm(`${procRoot}/${this.pid}/task/${tid}`);
    this.known.set(tid, { comm: read, readMs: nowMs });
    return read === comm;
  }
}
