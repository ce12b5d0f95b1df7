/** The extension host among the processes that a benchmark has started. */
import { readFileSync } from 'node:fs';
import { eventually } from '../helper/eventually.ts';
import { descendantsOf } from '../workbench/processTree.ts';

/** Pid of the one extension host; waits until it is there. */
export function extensionHostPid(): Promise<number> {
  return eventually('the extension host runs', () =>
    descendantsOf(process.pid).find((pid) => commandLine(pid).includes('--type=extensionHost')),
  );
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    // It has ended in the meantime.
    return '';
  }
}
