/** What /proc says of the threads of a process. */
import { readdirSync, readFileSync } from 'node:fs';

/** Threads that are stopped or traced; none when the process is gone. */
export function stoppedOrTraced(pid: number): number[] {
  return tasks(pid).filter((tid) => {
    const status = statusOf(pid, tid);
    return /^State:\s+[tT]/m.test(status) || /^TracerPid:\s+[1-9]/m.test(status);
  });
}

/** Whether a process runs; one that has ended and is not yet waited for does not. */
export function isRunning(pid: number): boolean {
  const status = statusOf(pid, pid);
  return status !== '' && !/^State:\s+[ZX]/m.test(status);
}

/** Whether every thread of a process has been stopped by a signal. */
export function isStopped(pid: number): boolean {
  return tasks(pid).every((tid) => /^State:\s+T/m.test(statusOf(pid, tid)));
}

function tasks(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return [];
  }
}

function statusOf(pid: number, tid: number): string {
  try {
    return readFileSync(`/proc/${pid}/task/${tid}/status`, 'latin1');
  } catch {
    return '';
  }
}
