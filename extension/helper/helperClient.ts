/**
 * The extension host's end of the helper: typed requests, started when first needed.
 *
 * Only listing processes and attaching start a helper. A request of a session never
 * does: if the helper is gone, so is the session. A helper that ends on its own is
 * reported by `onDidFail` and is not restarted until someone asks for it.
 */
import type * as vscode from 'vscode';
import {
  Emitter,
  ErrorCodes,
  ResponseError,
  type Event,
  type RequestParam,
  type RequestType,
} from 'vscode-jsonrpc/node';
import type { LanguageClient } from 'vscode-languageclient/node';
import {
  AttachRequest,
  DetachRequest,
  helperErrorCode,
  LogDidAppendNotification,
  ProcessListProgress,
  ProcessListRequest,
  RangesRequest,
  ResolveRequest,
  SessionDidEndNotification,
  ThreadDidAppearNotification,
  WakeRequest,
  type AttachParams,
  type DetachResult,
  type ErrorDto,
  type IoctlResultDto,
  type LogDidAppendParams,
  type ProcessDto,
  type RangeDto,
  type ResolveParams,
  type SessionDidEndParams,
  type SessionDto,
  type SessionParams,
  type ThreadDto,
  type WakeParams,
} from '../../native-helper/protocol.ts';
import { helperNodePath } from '../configuration.ts';
import { HelperGone, HelperRefusal } from './helperError.ts';
import { createHelperConnection } from './helperLauncher.ts';

export interface ThreadDidAppearParams {
  readonly sessionId: number;
  readonly thread: ThreadDto;
}

/** One launched helper process. */
interface Helper {
  readonly client: LanguageClient;
  /** Settles when it can take requests. */
  readonly started: Promise<void>;
  /** Rejects when it ends. */
  readonly gone: Promise<never>;
}

export class HelperClient {
  private readonly module: string;
  private readonly log: vscode.LogOutputChannel;
  private helper: Helper | null = null;
  private lastListToken = 0;

  private readonly appendedRows = new Emitter<LogDidAppendParams>();
  private readonly appearedThread = new Emitter<ThreadDidAppearParams>();
  private readonly endedSession = new Emitter<SessionDidEndParams>();
  private readonly failed = new Emitter<void>();
  /** New rows of a session's event log. */
  readonly onDidAppendRows: Event<LogDidAppendParams> = this.appendedRows.event;
  /** A thread faulted for the first time in a session. */
  readonly onDidAppearThread: Event<ThreadDidAppearParams> = this.appearedThread.event;
  /** A session is over. */
  readonly onDidEndSession: Event<SessionDidEndParams> = this.endedSession.event;
  /** The helper ended although nobody stopped it; all its sessions are over. */
  readonly onDidFail: Event<void> = this.failed.event;

  /** @param module path of dist/helper.cjs */
  constructor(module: string, log: vscode.LogOutputChannel) {
    this.module = module;
    this.log = log;
  }

  /**
   * Every readable process that owns a uffd; `onFound` gets those found so far while it scans.
   * @throws HelperGone
   */
  async listProcesses(
    onFound: (processes: readonly ProcessDto[]) => void,
    cancellation?: vscode.CancellationToken,
  ): Promise<readonly ProcessDto[]> {
    const helper = this.start();
    const token = `processes-${++this.lastListToken}`;
    const progress = helper.client.onProgress(ProcessListProgress, token, onFound);
    try {
      return await this.send(helper, ProcessListRequest, { partialResultToken: token }, cancellation);
    } finally {
      progress.dispose();
    }
  }

  /** @throws HelperRefusal, HelperGone */
  attach(params: AttachParams): Promise<SessionDto> {
    return this.send(this.start(), AttachRequest, params);
  }

  /** @throws HelperRefusal, HelperGone */
  detach(params: SessionParams): Promise<DetachResult> {
    return this.sendIfRunning(DetachRequest, params);
  }

  /** @throws HelperRefusal, HelperGone */
  ranges(params: SessionParams): Promise<readonly RangeDto[]> {
    return this.sendIfRunning(RangesRequest, params);
  }

  /** @throws HelperRefusal, HelperGone */
  resolve(params: ResolveParams): Promise<readonly IoctlResultDto[]> {
    return this.sendIfRunning(ResolveRequest, params);
  }

  /** @throws HelperRefusal, HelperGone */
  wake(params: WakeParams): Promise<readonly IoctlResultDto[]> {
    return this.sendIfRunning(WakeRequest, params);
  }

  /** Ends the helper, which hands every held fault back first. Does nothing when none runs. */
  async stop(): Promise<void> {
    const helper = this.helper;
    this.helper = null;
    if (helper === null) {
      return;
    }
    try {
      await Promise.race([helper.started, helper.gone]);
      await helper.client.stop();
    } catch (error) {
      // Not started, gone already, or too slow: closing the pipe makes the helper end itself.
      this.log.warn(`The helper did not stop in order: ${String(error)}`);
    }
  }

  private sendIfRunning<P extends object, R>(type: RequestType<P, R, ErrorDto>, params: P): Promise<R> {
    return this.helper === null
      ? Promise.reject(new HelperGone('The helper process is not running.'))
      : this.send(this.helper, type, params);
  }

  private async send<P extends object, R>(
    helper: Helper,
    type: RequestType<P, R, ErrorDto>,
    params: P,
    cancellation?: vscode.CancellationToken,
  ): Promise<R> {
    try {
      await Promise.race([helper.started, helper.gone]);
      const answer = helper.client.sendRequest(type, params as RequestParam<P>, cancellation);
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
    const client = createHelperConnection({
      module: this.module,
      nodePath: helperNodePath(),
      log: this.log,
      onGone: () => {
        rejectGone(new HelperGone('The helper process ended.'));
        this.forget(helper);
      },
    });
    client.onNotification(LogDidAppendNotification, (params) => void this.appendedRows.fire(params));
    client.onNotification(ThreadDidAppearNotification, (params) => void this.appearedThread.fire(params));
    client.onNotification(SessionDidEndNotification, (params) => void this.endedSession.fire(params));
    const started = client.start();
    const helper: Helper = { client, started, gone };
    this.helper = helper;
    started.catch(() => this.forget(helper));
    return helper;
  }

  /** Reports the end of a helper nobody stopped; a next request starts a new one. */
  private forget(helper: Helper): void {
    if (this.helper === helper) {
      this.helper = null;
      this.failed.fire();
    }
  }
}

/** Errors of the connection mean that the helper is gone; any other answer is the helper's own. */
function asHelperError(error: unknown): unknown {
  if (!(error instanceof ResponseError)) {
    return error instanceof HelperGone ? error : new HelperGone(String(error), { cause: error });
  }
  if (error.code === helperErrorCode) {
    return new HelperRefusal(error.message, (error.data as ErrorDto).cause);
  }
  const isConnectionLost =
    error.code === ErrorCodes.PendingResponseRejected || error.code === ErrorCodes.ConnectionInactive;
  return isConnectionLost ? new HelperGone(error.message, { cause: error }) : error;
}
