/** `uffdbg serve`: one take over, its forked children's too, served by rules until told to stop. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { GuardianPair } from '../attach/guardianPair.ts';
import { actorCode } from '../log/eventRows.ts';
import { unpackRows } from '../log/packedRows.ts';
import { OpenFaults } from '../log/openFaults.ts';
import { expanded } from '../log/servedRows.ts';
import type { RuleDto } from '../protocol/rules.ts';
import type { SessionDidEndParams, SessionDto } from '../protocol/session.ts';
import type { Held } from '../session.ts';
import { Sessions } from '../sessions.ts';
import { programEnded } from '../helperErrors.ts';
import { LaunchedProgram } from '../launch/launchedProgram.ts';
import { attachLaunched } from '../launch/launches.ts';
import { ExitCode, type ServedTarget, type ServeOptions } from './commandLine.ts';
import { LineOutput } from './lineOutput.ts';
import type { Report, Summary } from './report.ts';
import type { SourceFiles } from './sourceFiles.ts';

export class Server {
  private readonly programs: string;
  private readonly report: Report;
  private readonly output: LineOutput;
  private readonly sessions: Sessions;
  private readonly guardian: GuardianPair;
  private readonly startMs = performance.now();
  private readonly count = { faults: 0, served: 0, handedBack: 0, ruleFailures: 0 };
  /** Open faults of each session that goes on. */
  private readonly openFaults = new Map<number, OpenFaults>();
  /** How many events of each session have been reported. */
  private readonly reported = new Map<number, number>();
  private isStopping = false;
  /** Of the program launched. */
  private trace: Held | undefined;
  private exitCode: number = ExitCode.served;
  /** Called when no session is left and none is on its way. */
  private allEnded: () => void = () => undefined;

  /**
   * @param programs folder of the bundles
   * @param sources the files that the rules name
   */
  constructor(programs: string, report: Report, sources: SourceFiles) {
    this.programs = programs;
    this.report = report;
    this.output = new LineOutput(
      process.stdout,
      (lines) => report.lost(lines),
      ({ code }) => {
        if (code !== 'EPIPE') {
          console.error(`The output cannot be written (${code}).`);
          this.exitCode = ExitCode.failed;
        }
        void this.stop();
      },
    );
    this.guardian = new GuardianPair(path.join(programs, 'guardian.cjs'), () => {
      void this.sessions.detachAll('guardianLost');
    });
    const print = (lines: readonly string[]): void => this.output.write(lines);
    this.sessions = new Sessions(this.guardian, pathToFileURL(path.join(programs, 'readerThread.cjs')), {
      onRows: ({ sessionId, rows }) => {
        const lastSequence = this.append(sessionId, Buffer.from(rows, 'base64'));
        this.sessions.find(sessionId)?.acknowledge(lastSequence);
      },
      onThread: (sessionId, thread) => print(report.thread(sessionId, thread)),
      onCode: (sessionId, code) => print(report.code(sessionId, code)),
      onHits: (sessionId, hits) => print(report.hits(sessionId, hits)),
      onRuleFailed: (sessionId, rule, faultId, text) => {
        this.count.ruleFailures++;
        print(report.ruleFailed(sessionId, rule + 1, faultId, text));
      },
      onRanges: (sessionId, ranges) => print(report.ranges(sessionId, ranges)),
      onMapChange: (sessionId, change) => print(report.mapChange(sessionId, change)),
      onLastHolder: (sessionId, text) => {
        print(report.lastHolder(sessionId, text));
        // Nobody is there to choose: what the program would have without us.
        void this.sessions
          .find(sessionId)
          ?.detach({ closesLast: true })
          .catch(() => undefined);
      },
      onForked: ({ parentSessionId, session }) => this.begin(session, parentSessionId),
      readFile: (params) => sources.read(params),
      onEnded: (end) => this.end(end),
    });
  }

  /**
   * Takes over and serves.
   * @returns the exit code
   * @throws HelperError why the take over was refused
   */
  async serve({ target }: ServeOptions, rules: readonly RuleDto[]): Promise<number> {
    process.on('exit', () => this.sessions.handBackNow());
    const whenEnded = new Promise<void>((resolve) => (this.allEnded = resolve));
    try {
      const session = await ('pid' in target ? this.attach(target, rules) : this.launch(target, rules));
      if (session === undefined) {
        return this.exitCode;
      }
      this.begin(session);
    } catch (error) {
      if (this.isStopping) {
        return this.exitCode;
      }
      throw error;
    }
    await whenEnded;
    this.output.write(this.report.summary(this.summary()));
    await this.output.flush();
    return this.exitCode;
  }

  /** Hands everything back; `serve` then returns. */
  async stop(): Promise<void> {
    this.isStopping = true;
    this.trace?.end();
    await this.sessions.detachAll('detached');
  }

  private attach(
    { pid, fd, freeze }: Extract<ServedTarget, { pid: number }>,
    rules: readonly RuleDto[],
  ): Promise<SessionDto> {
    return this.sessions.attach({ pid, rules, freeze, ...(fd === undefined ? {} : { fd }) });
  }

  /** @returns undefined when it was stopped meanwhile */
  private async launch(
    { program, args }: Extract<ServedTarget, { program: string }>,
    rules: readonly RuleDto[],
  ): Promise<SessionDto | undefined> {
    const env = Object.fromEntries(
      Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
    );
    const launched = await LaunchedProgram.start(
      { program, args, cwd: process.cwd(), env },
      // In our process group, so that Ctrl+C ends both.
      { input: 'inherit', outputFd: process.stderr.fd, isDetached: false },
      pathToFileURL(path.join(this.programs, 'launchTracer.cjs')),
    );
    this.trace = launched.trace;
    if (this.isStopping) {
      this.trace.end();
    }
    const session = await attachLaunched(this.sessions, launched, rules);
    if (session === undefined && !this.isStopping) {
      throw programEnded(program, await launched.exited);
    }
    return session;
  }

  private begin(session: SessionDto, parentSessionId?: number): void {
    this.openFaults.set(session.sessionId, this.countingFold());
    this.output.write(this.report.session(session, parentSessionId));
  }

  private countingFold(): OpenFaults {
    const { count } = this;
    return new OpenFaults({
      onRaised: () => {
        count.faults++;
      },
      onEnded: (_fault, _timeNs, how) => {
        count.served += how === 'woken' ? 1 : 0;
      },
    });
  }

  /** @returns sequence number of the last row */
  private append(sessionId: number, packed: Uint8Array): number {
    const rows = unpackRows(new Uint8Array(packed).buffer);
    const open = this.openFaults.get(sessionId);
    const handBack = rows.actor.indexOf(actorCode.detach);
    open?.fold(rows, 0, handBack === -1 ? rows.count : handBack);
    if (handBack !== -1) {
      this.count.handedBack += open?.size ?? 0;
      open?.fold(rows, handBack);
    }
    const lines: string[] = [];
    let events = this.reported.get(sessionId) ?? 0;
    for (let i = 0; i < rows.count; i++) {
      for (const row of expanded(rows, i)) {
        lines.push(...this.report.row(sessionId, ++events, row));
      }
    }
    this.reported.set(sessionId, events);
    this.output.write(lines);
    return rows.firstSequence + rows.count - 1;
  }

  private end(end: SessionDidEndParams): void {
    if (end.reason === 'guardianLost' || end.reason === 'uffdFailed') {
      this.exitCode = ExitCode.failed;
    }
    this.output.write(this.report.ended(end));
    this.openFaults.delete(end.sessionId);
    this.reported.delete(end.sessionId);
    void this.sessions.adopted().then(() => {
      if (this.openFaults.size === 0) {
        this.allEnded();
      }
    });
  }

  private summary(): Summary {
    return { seconds: (performance.now() - this.startMs) / 1000, ...this.count };
  }
}
