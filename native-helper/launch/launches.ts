/** Programs that the helper has launched for its client. */
import type { CancellationToken } from 'vscode-jsonrpc';
import { noSuchLaunch, programEnded } from '../helperErrors.ts';
import type { LaunchAttachParams, LaunchedDto, LaunchStopParams, ProgramDto } from '../protocol/launch.ts';
import type { RuleDto } from '../protocol/rules.ts';
import type { SessionDto } from '../protocol/session.ts';
import type { Sessions } from '../sessions.ts';
import { LaunchedProgram } from './launchedProgram.ts';
import { ProgramOutput } from './programOutput.ts';

export interface LaunchesListener {
  onPrinted(launchId: number, text: string): void;
  onExited(launchId: number, how: string): void;
}

interface Launch {
  readonly name: string;
  readonly program: LaunchedProgram;
}

export class Launches {
  private readonly sessions: Sessions;
  private readonly tracerScript: URL;
  private readonly listener: LaunchesListener;
  /** Ended ones too, so that attaching to one says how it ended. */
  private readonly launches = new Map<number, Launch>();
  private lastLaunchId = 0;

  /** @param tracerScript the tracer thread's program */
  constructor(sessions: Sessions, tracerScript: URL, listener: LaunchesListener) {
    this.sessions = sessions;
    this.tracerScript = tracerScript;
    this.listener = listener;
  }

  /** @throws HelperError programNotStarted, programNotTraced */
  async start(program: ProgramDto): Promise<LaunchedDto> {
    const output = new ProgramOutput();
    let launched: LaunchedProgram;
    try {
      const streams = { input: 'ignore', outputFd: output.fd, isDetached: true } as const;
      launched = await LaunchedProgram.start(program, streams, this.tracerScript);
    } catch (error) {
      output.close();
      throw error;
    }
    const launchId = ++this.lastLaunchId;
    this.launches.set(launchId, { name: program.program, program: launched });
    output.follow((text) => this.listener.onPrinted(launchId, text));
    void launched.exited.then((how) => {
      this.tellRest(launchId, output);
      this.listener.onExited(launchId, how);
    });
    return { launchId, pid: launched.pid };
  }

  /** Tells what an ended program had printed last. That it has ended is told in any case. */
  private tellRest(launchId: number, output: ProgramOutput): void {
    try {
      const rest = output.rest();
      if (rest !== '') {
        this.listener.onPrinted(launchId, rest);
      }
    } catch (error) {
      console.error(`The last output of launched program ${launchId} is lost: ${String(error)}`);
    } finally {
      output.close();
    }
  }

  /**
   * Takes over the first uffd of a launched program; however this ends, the program goes on.
   * @returns null when it was cancelled
   * @throws HelperError programEnded, noSuchLaunch, and why the take over was refused
   */
  async attach(
    { launchId, ...params }: LaunchAttachParams,
    cancellation: CancellationToken,
  ): Promise<SessionDto | null> {
    const { name, program } = this.get(launchId);
    const subscription = cancellation.onCancellationRequested(() => program.trace.end());
    try {
      const session = await attachLaunched(this.sessions, program, params.rules ?? []);
      if (session === undefined && !cancellation.isCancellationRequested) {
        throw programEnded(name, await program.exited);
      }
      return session ?? null;
    } finally {
      subscription.dispose();
    }
  }

  /** @throws HelperError noSuchLaunch */
  stop({ launchId, force }: LaunchStopParams): void {
    this.get(launchId).program.kill(force ? 'SIGKILL' : 'SIGTERM');
  }

  private get(launchId: number): Launch {
    const launch = this.launches.get(launchId);
    if (launch === undefined) {
      throw noSuchLaunch();
    }
    return launch;
  }
}

/**
 * Takes over the first uffd of a program before its first fault, and lets the program go on.
 * @returns undefined when there was none until tracing ended
 * @throws HelperError why the take over was refused; the program goes on then too
 */
export async function attachLaunched(
  sessions: Sessions,
  { trace }: LaunchedProgram,
  rules: readonly RuleDto[],
): Promise<SessionDto | undefined> {
  const captured = await trace.captured;
  if (captured === undefined) {
    return undefined;
  }
  try {
    const session = await sessions.attach({ pid: captured.pid, fd: captured.fd, rules, freeze: true }, trace);
    trace.goOn();
    return session;
  } catch (error) {
    trace.end();
    throw error;
  }
}
