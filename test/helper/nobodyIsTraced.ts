/** What must be true of a target when a debugger has left. */
import { eventually } from './eventually.ts';
import { stoppedOrTraced } from './processTasks.ts';

/** Waits until no thread of the process is stopped or traced. */
export async function nobodyIsTraced(pid: number): Promise<void> {
  await eventually('no thread is stopped or traced', () => stoppedOrTraced(pid).length === 0);
}
