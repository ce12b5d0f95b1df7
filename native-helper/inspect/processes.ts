/** Processes that own a uffd. Reads only /proc: a target never notices. */
import type { ProcessDto } from '../protocol/processes.ts';
import { isDebugger } from './debuggerNames.ts';
import { readUffd, uffdNumbers } from './descriptors.ts';
import { procComm, procNumbers, procText } from './procFile.ts';
import { readRanges } from './ranges.ts';
import { readWaiters } from './waiters.ts';

/** Pids that exist, in ascending order. */
export function listPids(procRoot: string): number[] {
  return procNumbers(procRoot).sort((a, b) => a - b);
}

/** Everything about one process's uffds, or undefined when it has none that we may see, or is a debugger itself. */
export function inspectProcess(procRoot: string, pid: number): ProcessDto | undefined {
  const fds = uffdNumbers(procRoot, pid);
  if ('unreadable' in fds || fds.numbers.length === 0 || isDebugger(procRoot, pid)) {
    return undefined;
  }
  const uffds = fds.numbers.map((fd) => readUffd(procRoot, pid, fd)).filter((uffd) => uffd !== undefined);
  if (uffds.length === 0) {
    return undefined;
  }
  const ranges = readRanges(procRoot, pid);
  return {
    pid,
    comm: procComm(`${procRoot}/${pid}`),
    commandLine: readCommandLine(procRoot, pid),
    uffds,
    waiters: readWaiters(procRoot, pid),
    ranges: 'ranges' in ranges ? ranges.ranges : [],
    unreadable:
      'unreadable' in ranges && ranges.unreadable === 'notPermitted'
        ? ['registered ranges (no permission to read smaps)']
        : [],
  };
}

/** Arguments joined by blanks; empty under lazy restore, when the stack itself is missing. */
export function readCommandLine(procRoot: string, pid: number): string {
  return (procText(`${procRoot}/${pid}/cmdline`) ?? '').split('\0').join(' ').trim();
}

/** Whether a process has ended, or is about to: it has no memory any more, and its files say little that is true. */
export function isEnding(procRoot: string, pid: number): boolean {
  const status = procText(`${procRoot}/${pid}/status`);
  return status === undefined || !hasMemory(status);
}

/** Whether SIGKILL is on its way to a process: its threads end one by one, with whatever they waited for. */
export function isKilled(procRoot: string, pid: number): boolean {
  // Pending for a thread or for all (signal(7)): bit 8 is signal 9, and stays until the process is gone.
  return /^(?:Sig|Shd)Pnd:\s+[0-9a-f]*[13579bdf][0-9a-f]{2}$/m.test(
    procText(`${procRoot}/${pid}/status`) ?? '',
  );
}

/** @param status text of /proc/PID/status */
export function hasMemory(status: string): boolean {
  return /^VmSize:/m.test(status);
}
