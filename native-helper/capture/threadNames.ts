/** Names of the target's threads, each read once: when it is first asked for. */
import { procComm, procRoot } from '../inspect/procFile.ts';

export class ThreadNames {
  private readonly pid: number;
  private readonly names = new Map<number, string>();

  constructor(pid: number) {
    this.pid = pid;
  }

  /** Name of thread `tid`; empty when it cannot be found, for instance in another pid namespace. */
  comm(tid: number): string {
    let name = this.names.get(tid);
    if (name === undefined) {
      name = procComm(`${procRoot}/${this.pid}/task/${tid}`);
      this.names.set(tid, name);
    }
    return name;
  }
}
