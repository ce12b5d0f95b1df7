/** What must be true of a target when a debugger has left. */
import { readdirSync, readFileSync } from 'node:fs';
import { eventually } from './eventually.ts';

/** Waits until no thread of the process is stopped or traced. */
export async function nobodyIsTraced(pid: number): Promise<void> {
  await eventually('no thread is stopped or traced', () =>
    readdirSync(`/proc/${pid}/task`).every((tid) => {
      const status = readFileSync(`/proc/${pid}/task/${tid}/status`, 'latin1');
      return /^TracerPid:\s+0$/m.test(status) && !/^State:\s+[tT]/m.test(status);
    }),
  );
}
