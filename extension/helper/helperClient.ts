/**
 * The extension host's end of the helper: typed requests, started when first needed.
 *
 * Only looking around (list, inspect, doctor) and attaching start a helper. A request of a session never
 * does: if the helper is gone, so is the session. A helper that ends on its own is
 * reported by `onDidFail` and is not restarted until someone asks for it. What a user
 * wants to see and it left without an answer comes from the next one: its end is noticed some time after it.
 */
import type * as vscode from 'vscode';
import {
  Emitter,
  ErrorCodes,
  ResponseError,
  type CancellationToken,
  type Disposable,
  type Event,
  type NotificationType,
  type RequestParam,
  type RequestType,
} from 'vscode-jsonrpc/node';
import {
  DoctorRequest,
  type DoctorParams,
  type DoctorReportDto,
} from '../../native-helper/protocol/doctor.ts';
import { helperErrorCode, type ErrorDto } from '../../native-helper/protocol/errors.ts';
import { ReadFileRequest, type BytesDto, type ReadFileParams } from '../../native-helper/protocol/files.ts';
import {
  InspectRequest,
  InspectWakeRequest,
  type InspectionDto,
  type InspectWakeParams,
} from '../../native-helper/protocol/inspect.ts';
import { BatchProgress, type BatchResultDto } from '../../native-helper/protocol/ioctls.ts';
import {
  LaunchDidExitNotification,
  LaunchDidPrintNotification,
  LaunchRequest,
  type LaunchedDto,
  type ProgramDto,
} from '../../native-helper/protocol/launch.ts';
import { LogDidAppendNotification } from '../../native-helper/protocol/logRows.ts';
import {
  ProcessListProgress,
  ProcessListRequest,
  type ProcessDto,
} from '../../native-helper/protocol/processes.ts';
import { RuleDidFailNotification, RulesDidHitNotification } from '../../native-helper/protocol/rules.ts';
import {
  AttachRequest,
  CodeDidAppearNotification,
  MapDidChangeNotification,
  RangesDidChangeNotification,
  SessionDidEndNotification,
  SessionDidForkNotification,
  SessionIsLastHolderNotification,
  ThreadDidAppearNotification,
  type AttachParams,
  type SessionDto,
} from '../../native-helper/protocol/session.ts';
import { helperElevation, helperNodePath, usersHelperNodePath } from '../configuration.ts';
import type { Elevation, HelperProgram } from './helperCommand.ts';
import { ElevationFailed, HelperGone, HelperRefusal } from './helperError.ts';
import { createHelperConnection, type HelperConnection } from './helperLauncher.ts';

/** Everything the helper tells without being asked. */
const notifications: readonly { readonly method: string }[] = [
  CodeDidAppearNotification,
  LaunchDidExitNotification,
  LaunchDidPrintNotification,
  LogDidAppendNotification,
  MapDidChangeNotification,
  RangesDidChangeNotification,
  RuleDidFailNotification,
  RulesDidHitNotification,
  SessionDidEndNotification,
  SessionDidForkNotification,
  SessionIsLastHolderNotification,
  ThreadDidAppearNotification,
];

/** How the caller of a batch follows and stops it. */
export interface BatchControl {
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
  /** Cancelling stops between two ioctls; the answer then says what was done. */
  readonly cancellation?: CancellationToken;
}

/** Answers the one request of the helper. @throws Error whose message is a sentence for people */
export type ReadFile = (params: ReadFileParams) => Promise<Uint8Array>;

/** One launched helper process. */
interface Helper {
  readonly connection: HelperConnection;
  /** Settles when it can take requests. */
  readonly started: Promise<void>;
  /** Rejects when it ends. */
  readonly gone: Promise<never>;
  /** It is told to end. */
  isStopped: boolean;
}

export class HelperClient {
  private readonly module: string;
  private readonly log: vscode.LogOutputChannel;
  private readonly readFile: ReadFile;
  private helper: Helper | null = null;
  private lastToken = 0;
  /** What the user chose for this window, whatever the setting says. */
  private chosenElevation: Elevation | undefined;
  /** Why the helper last did not become root. */
  private elevationFailure: ElevationFailed | undefined;

  private readonly notified = new Map<string, Emitter<unknown>>();
  private readonly failed = new Emitter<void>();
  /** The helper ended although nobody stopped it; all its sessions are over. */
  readonly onDidFail: Event<void> = this.failed.event;
  private readonly stopped = new Emitter<void>();
  /** The helper was stopped by us; all its sessions are over. */
  readonly onDidStop: Event<void> = this.stopped.event;

  /**
   * @param module path of dist/helper.cjs
   * @param readFile answers the helper's requests for bytes of files, which it does not open itself
   */
  constructor(module: string, log: vscode.LogOutputChannel, readFile: ReadFile) {
    this.module = module;
    this.log = log;
    this.readFile = readFile;
    for (const { method } of notifications) {
      this.notified.set(method, new Emitter());
    }
  }

  /** Listens to what the helper tells, whichever process it is by then. */
  onNotification<P>(type: NotificationType<P>, listener: (params: P) => void): Disposable {
    const emitter = this.notified.get(type.method) as Emitter<P> | undefined;
    if (emitter === undefined) {
      throw new Error(`${type.method} is no notification of the helper`);
    }
    return emitter.event(listener);
  }

  /**
   * Every readable process that owns a uffd; `onFound` gets those found so far while it scans.
   * @throws HelperGone
   */
  listProcesses(
    onFound: (processes: readonly ProcessDto[]) => void,
    cancellation?: CancellationToken,
  ): Promise<readonly ProcessDto[]> {
    return this.look(async (helper) => {
      const token = this.nextToken();
      const progress = helper.connection.client.onProgress(ProcessListProgress, token, onFound);
      try {
        return await this.send(helper, ProcessListRequest, { partialResultToken: token }, cancellation);
      } finally {
        progress.dispose();
      }
    });
  }

  /**
   * Every uffd, and why one is stuck.
   * @param isAsked by the user; otherwise it neither replaces a helper that has just ended nor starts one
   *   as root, which may ask for a password
   * @param pid only those that this process holds, or whose memory is its own
   * @throws HelperGone
   */
  async inspect(isAsked: boolean, pid?: number): Promise<InspectionDto> {
    const params = pid === undefined ? {} : { pid };
    if (isAsked) {
      return this.look((helper) => this.send(helper, InspectRequest, params));
    }
    if (this.helper === null && this.program.elevation !== 'none') {
      throw (
        this.elevationFailure ??
        new HelperGone('The helper is to run as root and is not running: Refresh starts it.')
      );
    }
    return this.send(this.start(), InspectRequest, params);
  }

  /** Each gate before an attach. @throws HelperRefusal, HelperGone */
  doctor(params: DoctorParams): Promise<DoctorReportDto> {
    return this.look((helper) => this.send(helper, DoctorRequest, params));
  }

  /** @throws HelperRefusal, HelperGone */
  async inspectWake(params: InspectWakeParams): Promise<void> {
    await this.send(this.start(), InspectWakeRequest, params);
  }

  /** @throws HelperRefusal, HelperGone */
  attach(params: AttachParams): Promise<SessionDto> {
    return this.send(this.start(), AttachRequest, params);
  }

  /** @throws HelperRefusal, HelperGone */
  launch(program: ProgramDto): Promise<LaunchedDto> {
    return this.send(this.start(), LaunchRequest, program);
  }

  /**
   * A request about a session or a launched program.
   * @throws HelperRefusal, HelperGone
   */
  request<P extends object, R>(
    type: RequestType<P, R, ErrorDto>,
    params: P,
    cancellation?: CancellationToken,
  ): Promise<R> {
    return this.helper === null
      ? Promise.reject(new HelperGone('The helper process is not running.'))
      : this.send(this.helper, type, params, cancellation);
  }

  /**
   * A request that can take long.
   * @throws HelperRefusal, HelperGone
   */
  async requestBatch<P extends { readonly progressToken?: string }>(
    type: RequestType<P, BatchResultDto, ErrorDto>,
    params: P,
    { onProgress, cancellation }: BatchControl,
  ): Promise<BatchResultDto> {
    const progressToken = this.nextToken();
    const progress =
      onProgress && this.helper?.connection.client.onProgress(BatchProgress, progressToken, onProgress);
    try {
      return await this.request(type, { ...params, progressToken }, cancellation);
    } finally {
      progress?.dispose();
    }
  }

  /** Tells the helper that runs; nobody is told when there is none. */
  tell<P extends object>(type: NotificationType<P>, params: P): void {
    // It can only fail when the helper is gone, which is noticed by itself.
    this.helper?.connection.client.sendNotification(type, params as RequestParam<P>).catch(() => undefined);
  }

  /** Ends the helper, which hands every held fault back first. Does nothing when none runs. */
  async stop(): Promise<void> {
    const helper = this.helper;
    this.helper = null;
    if (helper === null) {
      return;
    }
    helper.isStopped = true;
    try {
      await Promise.race([helper.started, helper.gone]);
      await helper.connection.stop();
    } catch (error) {
      // Not started, gone already, or too slow: closing the pipe makes the helper end itself.
      this.log.warn(`The helper did not stop in order: ${String(error)}`);
    }
    this.stopped.fire();
  }

  /** The helper as it would be started now. */
  get program(): HelperProgram {
    return this.programAs(this.chosenElevation ?? helperElevation());
  }

  /** The helper as it would be started with these rights. Root runs no program that a workspace names. */
  programAs(elevation: Elevation): HelperProgram {
    const nodePath = elevation === 'none' ? helperNodePath() : usersHelperNodePath();
    return { module: this.module, nodePath, elevation };
  }

  /**
   * Ends the helper that runs, with its sessions, and starts one like this for this window.
   * @throws HelperGone; the next start is as it was before then
   */
  async restart(elevation: Elevation): Promise<void> {
    const before = this.chosenElevation;
    // Before the stop, during which a look may start the next one.
    this.chosenElevation = elevation;
    await this.stop();
    const helper = this.start();
    try {
      await Promise.race([helper.started, helper.gone]);
    } catch (error) {
      this.chosenElevation = before;
      this.elevationFailure = undefined;
      throw asHelperError(error);
    }
  }

  private nextToken(): string {
    return `host-${++this.lastToken}`;
  }

  /** Asks the helper that runs, and a new one when none does or it ends first: nothing is changed by `ask`. */
  private async look<R>(ask: (helper: Helper) => Promise<R>): Promise<R> {
    const running = this.helper;
    if (running !== null) {
      try {
        return await ask(running);
      } catch (error) {
        const hasDied = error instanceof HelperGone && !(error instanceof ElevationFailed);
        if (!hasDied || running.isStopped) {
          throw error;
        }
        this.forget(running);
      }
    }
    return ask(this.start());
  }

  private async send<P extends object, R>(
    helper: Helper,
    type: RequestType<P, R, ErrorDto>,
    params: P,
    cancellation?: CancellationToken,
  ): Promise<R> {
    try {
      await Promise.race([helper.started, helper.gone]);
      const answer = helper.connection.client.sendRequest(type, params as RequestParam<P>, cancellation);
      return await Promise.race([answer, helper.gone]);
    } catch (error) {
      throw asHelperError(error);
    }
  }

  /** The running helper, or a new one. */
  private start(): Helper {
    if (this.helper !== null) {
      return this.helper;
    }
    let rejectGone: (reason: HelperGone) => void;
    const gone = new Promise<never>((_, reject) => {
      rejectGone = reject;
    });
    // Reported through whoever waits for an answer; without one it is no unhandled rejection.
    gone.catch(() => undefined);
    this.elevationFailure = undefined;
    const connection = createHelperConnection({
      program: this.program,
      log: this.log,
      onGone: (reason) => {
        if (reason instanceof ElevationFailed) {
          this.elevationFailure = reason;
        }
        rejectGone(reason);
        this.forget(helper);
      },
    });
    const { client } = connection;
    for (const [method, emitter] of this.notified) {
      client.onNotification(method, (params: unknown) => void emitter.fire(params));
    }
    client.onRequest(ReadFileRequest, (params) => this.answerReadFile(params));
    const started = client.start();
    const helper: Helper = { connection, started, gone, isStopped: false };
    this.helper = helper;
    started.catch(() => this.forget(helper));
    return helper;
  }

  private async answerReadFile(params: ReadFileParams): Promise<BytesDto> {
    try {
      return { bytes: Buffer.from(await this.readFile(params)).toString('base64') };
    } catch (error) {
      // Any other error's message would get words of the library before it.
      throw new ResponseError(
        ErrorCodes.InternalError,
        error instanceof Error ? error.message : String(error),
      );
    }
  }

  /** Reports the end of a helper nobody stopped; a next request starts a new one. */
  private forget(helper: Helper): void {
    if (this.helper === helper) {
      this.helper = null;
      this.failed.fire();
    }
  }
}

const connectionLost: readonly number[] = [
  ErrorCodes.PendingResponseRejected,
  ErrorCodes.ConnectionInactive,
  ErrorCodes.MessageWriteError,
];

/** Errors of the connection mean that the helper is gone; any other answer is the helper's own. */
function asHelperError(error: unknown): unknown {
  if (!(error instanceof ResponseError)) {
    return error instanceof HelperGone ? error : new HelperGone(String(error), { cause: error });
  }
  if (error.code === helperErrorCode) {
    return new HelperRefusal(error.message, (error.data as ErrorDto).cause);
  }
  return connectionLost.includes(error.code) ? new HelperGone(error.message, { cause: error }) : error;
}
