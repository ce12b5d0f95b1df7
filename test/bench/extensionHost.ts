/** The extension host among the processes that a benchmark has started: what it costs. */
import { readFileSync } from 'node:fs';
import { eventually } from '../helper/eventually.ts';
import { descendantsOf } from '../workbench/processTree.ts';

/** Clock ticks a second in /proc/PID/stat (proc_pid_stat(5)). */
const tickMs = 10;

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

/** CPU time of all its threads so far; 0 when it has ended. */
export function cpuMs(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ');
    return tickMs * (Number(fields[11]) + Number(fields[12]));
  } catch {
    return 0;
  }
}

/** Most memory it has had of its own and in files at one time. */
export function peakMegabytes(pid: number): number {
  const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(kilobytes![1]) / 1000;
}

/** Memory of its own that it has now. */
export function ownMegabytes(pid: number): number {
  const kilobytes = /^RssAnon:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(kilobytes![1]) / 1000;
}
