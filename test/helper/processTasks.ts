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
  return !['', 'Z', 'X'].includes(stateOf(pid));
}

/** Whether every thread of a process has been stopped by a signal. */
export function isStopped(pid: number): boolean {
  return tasks(pid).every((tid) => stateOf(pid, tid) === 'T');
}

/** State letter of a thread (proc_pid_stat(5)), of a process's first one when none is given; empty when it is gone. */
export function stateOf(pid: number, tid = pid): string {
  return /^State:\s+(\S)/m.exec(statusOf(pid, tid))?.[1] ?? '';
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
