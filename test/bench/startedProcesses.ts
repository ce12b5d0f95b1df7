/** The processes that a benchmark has started, also through others. */
import { readFileSync } from 'node:fs';
import { eventually } from '../helper/eventually.ts';
import { descendantsOf } from '../workbench/processTree.ts';

/** Those whose command line holds `words`, as of now. */
export function startedWith(words: string): number[] {
  return descendantsOf(process.pid).filter((pid) => commandLine(pid).includes(words));
}

/** Pid of the one extension host; waits until it is there. */
export function extensionHostPid(): Promise<number> {
  return eventually('the extension host runs', () => startedWith('--type=extensionHost')[0]);
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    // It has ended in the meantime.
    return '';
  }
}
