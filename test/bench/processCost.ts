/** What a process has cost so far, from /proc/PID. */
import { readFileSync } from 'node:fs';

/** Clock ticks a second in /proc/PID/stat (proc_pid_stat(5)). */
const tickMs = 10;

/** CPU time of all its threads so far; 0 when it has ended. */
export function cpuMs(pid: number): number {
  return cpuOf(`/proc/${pid}/stat`);
}

/** CPU time of its first thread so far; 0 when it has ended. */
export function mainThreadCpuMs(pid: number): number {
  return cpuOf(`/proc/${pid}/task/${pid}/stat`);
}

function cpuOf(statFile: string): number {
  try {
    const fields = readFileSync(statFile, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ');
    return tickMs * (Number(fields[11]) + Number(fields[12]));
  } catch {
    return 0;
  }
}

/** Most memory it has had of its own and in files at one time; 0 when it has ended. */
export function peakMegabytes(pid: number): number {
  return memoryOf(pid, 'VmHWM');
}

/** Memory of its own that it has now; 0 when it has ended. */
export function ownMegabytes(pid: number): number {
  return memoryOf(pid, 'RssAnon');
}

function memoryOf(pid: number, line: 'VmHWM' | 'RssAnon'): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(new RegExp(`^${line}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) / 1000;
  } catch {
    return 0;
  }
}
