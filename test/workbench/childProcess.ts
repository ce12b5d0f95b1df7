import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { constants } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { onShutdown } from './shutdown.ts';

/** How a process ended: its exit code, or 128 + the signal's number as shells say it. */
export type ExitCode = number;

export interface RunningProcess {
  readonly pid: number;
  readonly child: ChildProcess;
  readonly exited: Promise<ExitCode>;
  /** SIGTERM to the process; SIGKILL to what is left of its group after `graceMs`. Resolves when all are gone. */
  stop(graceMs?: number): Promise<void>;
}

/**
 * Starts a process as leader of a process group of its own, which ends with this
 * process at the latest: whatever way this process ends, short of SIGKILL.
 */
export async function startProcess(
  command: string,
  args: readonly string[],
  options: SpawnOptions = {},
): Promise<RunningProcess> {
  const child = spawn(command, [...args], { ...options, detached: true });
  const exited = new Promise<ExitCode>((resolve) => {
    child.once('exit', (code, signal) => {
      resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL']);
    });
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  const pid = child.pid!;
  const stop = async (graceMs = 5000) => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
    }
    // Only the leader is asked to end: it ends the others in its own order.
    const deadlineMs = Date.now() + graceMs;
    while (isGroupAlive(pid) && Date.now() < deadlineMs) {
      await delay(20);
    }
    killGroup(pid);
    await exited;
    forget();
  };
  const forget = onShutdown({ stop, kill: () => killGroup(pid) });
  void exited.then(() => isGroupAlive(pid) || forget());
  return { pid, child, exited, stop };
}

/** Runs a command to its end with this process's output; returns its exit code. */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: SpawnOptions = {},
): Promise<ExitCode> {
  const running = await startProcess(command, args, { stdio: ['ignore', 'inherit', 'inherit'], ...options });
  return running.exited;
}

/** Runs a command to its end; returns its exit code and everything it printed on either stream. */
export async function readCommand(
  command: string,
  args: readonly string[],
  options: SpawnOptions = {},
): Promise<{ exitCode: ExitCode; output: string }> {
  const running = await startProcess(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [running.child.stdout, running.child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  await new Promise((resolve) => running.child.once('close', resolve));
  return { exitCode: await running.exited, output };
}

/** Whether a process of this group still exists. */
function isGroupAlive(leaderPid: number): boolean {
  return signalGroup(leaderPid, 0);
}

function killGroup(leaderPid: number): void {
  signalGroup(leaderPid, 'SIGKILL');
}

function signalGroup(leaderPid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-leaderPid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') {
      return false;
    }
    throw error;
  }
}
