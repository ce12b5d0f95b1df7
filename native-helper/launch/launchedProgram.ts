/**
 * One program that the helper has launched.
 *
 * Two shells stand between: the inner one says its pid, waits until it is traced, and becomes the
 * program. The outer one waits for it and takes over its exit code, so that the program is no child of
 * ours: Node would take the stops of a traced child for its end. It is our descendant all the same,
 * which Yama asks for.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import type { Duplex } from 'node:stream';
import { programNotStarted, programNotTraced } from '../helperErrors.ts';
import type { ProgramDto } from '../protocol/launch.ts';
import { ignoreStops } from '../syscalls/childSignals.ts';
import { findProgram } from './findProgram.ts';
import { LaunchTrace } from './launchTrace.ts';

/** Descriptor of the gate in both shells; the program does not get it. */
const gateFd = 3;
const inner = `echo $$ >&${gateFd} && read -r _ <&${gateFd} && exec "$@" ${gateFd}>&-`;
/** Signals for the program's group reach this shell too, which must see the program's end. */
const outer = `trap : HUP INT TERM; /bin/sh -c '${inner}' sh "$@"; exit $?`;

/** What the program's standard input, output and error are. */
export interface ProgramStreams {
  readonly input: 'ignore' | 'inherit';
  readonly outputFd: number;
  /** It leads a process group of its own, which no signal to ours reaches. */
  readonly isDetached: boolean;
}

export class LaunchedProgram {
  readonly pid: number;
  readonly trace: LaunchTrace;
  /** Resolves with how it ended, in words such as `exit code 1` or `SIGSEGV`. */
  readonly exited: Promise<string>;
  private readonly shell: ChildProcess;

  private constructor(shell: ChildProcess, pid: number, trace: LaunchTrace, exited: Promise<string>) {
    this.shell = shell;
    this.pid = pid;
    this.trace = trace;
    this.exited = exited;
  }

  /**
   * Starts it, traced from its first instruction on.
   * @param tracerScript the tracer thread's program
   * @throws HelperError programNotStarted, programNotTraced
   */
  static async start(
    program: ProgramDto,
    { input, outputFd, isDetached }: ProgramStreams,
    tracerScript: URL,
  ): Promise<LaunchedProgram> {
    const file = findProgram(program);
    const shell = spawn('/bin/sh', ['-c', outer, 'sh', file, ...program.args], {
      cwd: program.cwd,
      env: program.env,
      detached: isDetached,
      stdio: [input, outputFd, outputFd, 'pipe'],
    });
    const gate = shell.stdio[gateFd] as Duplex;
    gate.on('error', () => undefined);
    const exited = new Promise<string>((resolve) => {
      shell.once('exit', (code, signal) => resolve(signal ?? howEnded(code ?? 0)));
    });
    const pid = await innerPid(shell, gate).catch((error: unknown) => {
      throw programNotStarted(program.program, (error as Error).message, 'program');
    });
    ignoreStops();
    const trace = new LaunchTrace(tracerScript, pid);
    try {
      await trace.traced;
    } catch (error) {
      // Without the gate's line the shell ends.
      gate.destroy();
      throw programNotTraced(program.program, (error as Error).message);
    }
    gate.end('go\n');
    if (!(await trace.executed)) {
      await exited;
      throw programNotStarted(
        program.program,
        `the kernel refused to execute ${file}: it may need an interpreter that is not there`,
        'program',
      );
    }
    return new LaunchedProgram(shell, pid, trace, exited);
  }

  /** Sends a signal to the program and all of its process group; nothing when it has ended. */
  kill(signal: 'SIGTERM' | 'SIGKILL'): void {
    // Until the shell is waited for, no other process group can have its number.
    if (this.shell.exitCode === null && this.shell.signalCode === null) {
      process.kill(-this.shell.pid!, signal);
    }
  }
}

/** The line that the inner shell says. */
function innerPid(shell: ChildProcess, gate: Duplex): Promise<number> {
  return new Promise((resolve, reject) => {
    shell.once('error', reject);
    shell.once('exit', () => reject(new Error('/bin/sh ended at once')));
    createInterface({ input: gate })
      .on('line', (line) => resolve(Number(line)))
      .on('error', () => undefined);
  });
}

/** A shell tells the signal that ended a program as 128 and its number. */
function howEnded(exitCode: number): string {
  const signal = Object.entries(constants.signals).find(([, number]) => 128 + number === exitCode)?.[0];
  return signal ?? `exit code ${exitCode}`;
}
