/** A real helper process for a test, spoken to over its pipe as the extension does. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { Socket } from 'node:net';
import path from 'node:path';
import {
  createClientPipeTransport,
  createMessageConnection,
  generateRandomPipeName,
  RequestType,
  type CancellationToken,
  type MessageConnection,
  type MessageReader,
  type MessageWriter,
} from 'vscode-jsonrpc/node';
import { helperCommand } from '../../extension/helper/helperCommand.ts';
import type { EventRow, EventRows } from '../../native-helper/log/eventRows.ts';
import { expanded } from '../../native-helper/log/servedRows.ts';
import { rowSpan, unpackRows } from '../../native-helper/log/packedRows.ts';
import { OpenFaults } from '../../native-helper/log/openFaults.ts';
import { DoctorRequest, type DoctorReportDto } from '../../native-helper/protocol/doctor.ts';
import { ReadFileRequest, type ReadFileParams } from '../../native-helper/protocol/files.ts';
import {
  InspectRequest,
  InspectWakeRequest,
  type InspectionDto,
  type InspectWakeParams,
} from '../../native-helper/protocol/inspect.ts';
import {
  ResolveRequest,
  WakeRequest,
  type BatchResultDto,
  type PagesDto,
  type ResolveActionDto,
} from '../../native-helper/protocol/ioctls.ts';
import {
  LaunchAttachRequest,
  LaunchDidExitNotification,
  LaunchDidPrintNotification,
  LaunchRequest,
  LaunchStopRequest,
  type LaunchedDto,
  type ProgramDto,
} from '../../native-helper/protocol/launch.ts';
import {
  LogDidAppendNotification,
  RowsAcknowledgedNotification,
} from '../../native-helper/protocol/logRows.ts';
import { PreflightRequest, type PreflightDto } from '../../native-helper/protocol/preflight.ts';
import type { RangeDto } from '../../native-helper/protocol/ranges.ts';
import {
  RuleDidFailNotification,
  RulesDidHitNotification,
  SetRulesRequest,
  type RuleDto,
} from '../../native-helper/protocol/rules.ts';
import type { CodeLocationDto } from '../../native-helper/protocol/inspect.ts';
import {
  AttachRequest,
  CodeDidAppearNotification,
  DetachRequest,
  MapDidChangeNotification,
  RangesDidChangeNotification,
  SessionDidEndNotification,
  SessionDidForkNotification,
  SessionIsLastHolderNotification,
  ThreadDidAppearNotification,
  type AttachParams,
  type DetachResult,
  type MapChangeDto,
  type SessionDidEndParams,
  type SessionDidForkParams,
  type SessionDto,
  type ThreadDto,
} from '../../native-helper/protocol/session.ts';
import { eventually } from './eventually.ts';
import { guardiansOf } from './guardiansOf.ts';
import { readChosenFile, type ChosenFile } from './fileSource.ts';

const InitializeRequest = new RequestType<object, object, void>('initialize');
export const helperScript = path.resolve(import.meta.dirname, '../../dist/helper.cjs');

/** Everything a session has sent so far. */
export class SessionLog {
  readonly open = new OpenFaults();
  /** Sequence numbers that were out of order: must stay empty. */
  readonly gaps: number[] = [];
  private readonly batches: EventRows[] = [];
  private nextSequence = 1;

  /** How many rows were sent. */
  get rowCount(): number {
    return this.nextSequence - 1;
  }

  /** One row per event: those of a fault served at once are three. Without those that `codes` are. */
  get rows(): EventRow[] {
    return this.allRows.filter(({ kind }) => kind !== 'code');
  }

  /** Rows that tell which instructions raised faults. */
  get codes(): EventRow[] {
    return this.allRows.filter(({ kind }) => kind === 'code');
  }

  private get allRows(): EventRow[] {
    return this.batches.flatMap((batch) =>
      Array.from({ length: batch.count }, (_, i) => expanded(batch, i)).flat(),
    );
  }

  append(batch: EventRows): void {
    if (batch.firstSequence !== this.nextSequence) {
      this.gaps.push(batch.firstSequence);
    }
    this.nextSequence = batch.firstSequence + batch.count;
    this.open.fold(batch);
    this.batches.push(batch);
  }
}

export class HelperProcess {
  readonly process: ChildProcess;
  readonly connection: MessageConnection;
  readonly ends: SessionDidEndParams[] = [];
  readonly threads: ThreadDto[] = [];
  readonly codes: CodeLocationDto[] = [];
  readonly forks: SessionDidForkParams[] = [];
  readonly mapChanges: { sessionId: number; change: MapChangeDto | null }[] = [];
  readonly rangeChanges: { sessionId: number; ranges: readonly RangeDto[] }[] = [];
  readonly hits: { sessionId: number; hits: readonly number[] }[] = [];
  readonly ruleFailures: { sessionId: number; rule: number; faultId: number; text: string }[] = [];
  /** What each launched program has printed. */
  readonly printed = new Map<number, string>();
  readonly exits: { launchId: number; how: string }[] = [];
  /** Files the helper may ask for, by the number that actions and rules name them with. */
  readonly files = new Map<number, ChosenFile>();
  /** What it has asked for. */
  readonly fileReads: ReadFileParams[] = [];
  /** Sessions whose uffd nobody else has open any more. */
  readonly lastHolders: { sessionId: number; text: string }[] = [];
  private readonly logs = new Map<number, SessionLog>();
  private readonly socket: Socket;

  private constructor(process: ChildProcess, connection: MessageConnection, socket: Socket) {
    this.process = process;
    this.socket = socket;
    this.connection = connection;
    connection.onNotification(LogDidAppendNotification, ({ sessionId, rows }) => {
      const batch = new Uint8Array(Buffer.from(rows, 'base64')).buffer;
      this.onRows(sessionId, batch);
      const { lastSequence } = rowSpan(batch);
      // Rows still come when the connection has been ended: they need no answer.
      connection
        .sendNotification(RowsAcknowledgedNotification, { sessionId, lastSequence })
        .catch(() => undefined);
    });
    connection.onNotification(ThreadDidAppearNotification, ({ thread }) => void this.threads.push(thread));
    connection.onNotification(CodeDidAppearNotification, ({ code }) => void this.codes.push(code));
    connection.onNotification(SessionDidEndNotification, (end) => void this.ends.push(end));
    connection.onNotification(SessionIsLastHolderNotification, (told) => void this.lastHolders.push(told));
    connection.onNotification(SessionDidForkNotification, (fork) => void this.forks.push(fork));
    connection.onNotification(MapDidChangeNotification, (change) => void this.mapChanges.push(change));
    connection.onNotification(RangesDidChangeNotification, (change) => void this.rangeChanges.push(change));
    connection.onNotification(RulesDidHitNotification, (hits) => void this.hits.push(hits));
    connection.onNotification(RuleDidFailNotification, (failure) => void this.ruleFailures.push(failure));
    connection.onNotification(LaunchDidPrintNotification, ({ launchId, text }) => {
      this.printed.set(launchId, (this.printed.get(launchId) ?? '') + text);
    });
    connection.onNotification(LaunchDidExitNotification, (exit) => void this.exits.push(exit));
    connection.onRequest(ReadFileRequest, (params) => {
      this.fileReads.push(params);
      return readChosenFile(this.files, params);
    });
    connection.onError(() => undefined);
  }

  /**
   * Starts a helper and waits until it answers.
   * @param uid another user to run it as
   */
  static async start(uid?: number): Promise<HelperProcess> {
    const pipeName = generateRandomPipeName();
    const transport = await createClientPipeTransport(pipeName);
    if (uid !== undefined) {
      chownSync(pipeName, uid, uid);
    }
    const child = spawn(process.execPath, [helperScript, `--pipe=${pipeName}`], {
      stdio: ['ignore', 'inherit', 'inherit'],
      ...(uid === undefined ? {} : { uid, gid: uid }),
    });
    return HelperProcess.connect(child, await transport.onConnected());
  }

  /**
   * As the extension of that user does by sudo or pkexec, which must be allowed to it: we are root.
   * @param env beside what the extension passes
   */
  static async startElevated(
    elevation: 'sudo' | 'pkexec',
    uid: number,
    env: NodeJS.ProcessEnv,
  ): Promise<HelperProcess> {
    // The kernel remembers who listened.
    process.seteuid!(uid);
    const folder = mkdtempSync(path.join(tmpdir(), 'uffd-'));
    const pipeName = path.join(folder, 'pipe');
    const listening = createClientPipeTransport(pipeName);
    process.seteuid!(0);
    try {
      const transport = await listening;
      const program = { module: helperScript, nodePath: process.execPath, elevation };
      const command = helperCommand(program, pipeName);
      const child = spawn(command.command, command.args, {
        stdio: ['ignore', 'inherit', 'inherit'],
        env: { ...command.env, ...env },
        uid,
        gid: uid,
      });
      return await HelperProcess.connect(child, await transport.onConnected());
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  private static async connect(
    child: ChildProcess,
    [reader, writer]: [MessageReader, MessageWriter],
  ): Promise<HelperProcess> {
    // A message that the helper's end cuts off would be waited for for ever, and keep this process.
    Object.assign(reader, { partialMessageTimeout: 0 });
    const connection = createMessageConnection(reader, writer);
    // The reader keeps its socket to itself.
    const { stream } = (reader as unknown as { readable: { stream: Socket } }).readable;
    const helper = new HelperProcess(child, connection, stream);
    connection.listen();
    await connection.sendRequest(InitializeRequest, {
      processId: process.pid,
      rootUri: null,
      capabilities: {},
    });
    return helper;
  }

  /** Reads nothing of what the helper says, as a client that stands still. */
  standStill(): void {
    this.socket.pause();
  }

  goOn(): void {
    this.socket.resume();
  }

  /** What becomes of a packed batch of rows: tests keep them all. */
  onRows = (sessionId: number, batch: ArrayBuffer): void => this.log(sessionId).append(unpackRows(batch));

  get pid(): number {
    return this.process.pid!;
  }

  /** The guardians of this helper, which are no children of it. */
  get guardianPids(): number[] {
    return guardiansOf(this.pid);
  }

  log(sessionId: number): SessionLog {
    let log = this.logs.get(sessionId);
    if (log === undefined) {
      log = new SessionLog();
      this.logs.set(sessionId, log);
    }
    return log;
  }

  attach(pid: number, fd?: number): Promise<SessionDto> {
    return this.connection.sendRequest(AttachRequest, fd === undefined ? { pid } : { pid, fd });
  }

  attachWith(params: AttachParams): Promise<SessionDto> {
    return this.connection.sendRequest(AttachRequest, params);
  }

  /** Attaches to a program with a live handler, which stands still from then on. */
  attachFrozen(pid: number, fd?: number): Promise<SessionDto> {
    return this.connection.sendRequest(AttachRequest, {
      pid,
      freeze: true,
      ...(fd === undefined ? {} : { fd }),
    });
  }

  doctor(pid?: number): Promise<DoctorReportDto> {
    return this.connection.sendRequest(DoctorRequest, pid === undefined ? {} : { pid });
  }

  detach(sessionId: number, closesLast = false): Promise<DetachResult> {
    return this.connection.sendRequest(DetachRequest, { sessionId, closesLast });
  }

  inspect(pid?: number): Promise<InspectionDto> {
    return this.connection.sendRequest(InspectRequest, pid === undefined ? {} : { pid });
  }

  inspectWake(params: InspectWakeParams): Promise<null> {
    return this.connection.sendRequest(InspectWakeRequest, params);
  }

  /** Attaches and waits until `held` faults have been read. */
  async attachHolding(pid: number, held: number): Promise<SessionDto & { log: SessionLog }> {
    const session = await this.attach(pid);
    const log = this.log(session.sessionId);
    await eventually(`${held} faults are held`, () => log.open.size >= held);
    return { ...session, log };
  }

  /** Resolves page for page, or `lengthPages` from each fault on. */
  resolve(
    sessionId: number,
    what: PagesDto,
    action: ResolveActionDto,
    { lengthPages = 1, around = false } = {},
  ): Promise<BatchResultDto> {
    return this.connection.sendRequest(ResolveRequest, { sessionId, what, action, lengthPages, around });
  }

  wake(sessionId: number, what: PagesDto): Promise<BatchResultDto> {
    return this.connection.sendRequest(WakeRequest, { sessionId, what });
  }

  preflight(sessionId: number, what: PagesDto): Promise<PreflightDto> {
    return this.connection.sendRequest(PreflightRequest, { sessionId, what });
  }

  setRules(sessionId: number, rules: readonly RuleDto[]): Promise<null> {
    return this.connection.sendRequest(SetRulesRequest, { sessionId, rules });
  }

  /** Closes the pipe, as a client does that goes away. */
  leave(): void {
    this.connection.end();
    this.connection.dispose();
  }

  launch(program: ProgramDto): Promise<LaunchedDto> {
    return this.connection.sendRequest(LaunchRequest, program);
  }

  launchAttach(
    launchId: number,
    rules: readonly RuleDto[] = [],
    cancellation?: CancellationToken,
  ): Promise<SessionDto | null> {
    return this.connection.sendRequest(LaunchAttachRequest, { launchId, rules }, cancellation);
  }

  launchStop(launchId: number, force = false): Promise<null> {
    return this.connection.sendRequest(LaunchStopRequest, { launchId, force });
  }

  /** Closes the pipe and waits for the helper's end. */
  async stop(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const exit = once(this.process, 'exit');
      this.leave();
      await exit;
    }
  }
}
