/**
 * Answers what a timeline page asks: each request is checked, must be about an attached
 * session, and fails with a sentence. Pure: no VS Code.
 */
import * as v from 'valibot';
import {
  ErrorCodes,
  ResponseError,
  type CancellationToken,
  type MessageConnection,
  type RequestType,
} from 'vscode-jsonrpc/node';
import type { BatchResultDto, RegisterParams } from '../../native-helper/protocol/ioctls.ts';
import { schemas } from '../../native-helper/requestSchemas.ts';
import {
  ChooseFileRequest,
  PageBatchProgress,
  PagePreflightRequest,
  PagePreviewRequest,
  PageReadMemoryRequest,
  PageRegisterRequest,
  PageResolveRequest,
  PageWakeRequest,
  type ChosenFileDto,
} from '../../webview/protocol.ts';
import type { BatchControl } from '../helper/helperClient.ts';
import type { DebugSession } from '../session/debugSession.ts';
import type { SessionRegistry } from '../session/sessionRegistry.ts';
import { PageBatch } from './pageBatch.ts';
import { firstProblem } from './pageConnection.ts';
import { pageSchemas } from './pageSchemas.ts';

/** What a page's requests need of the window. */
export interface PageRequestHost {
  /** Refuses what a page asks of a session that is over. */
  readonly endedSessionText: string;
  /** Refuses what a page asks of a session that is not known any more. */
  readonly closedSessionText: string;
  /** Asks the user whether ranges shall be registered or unregistered so. */
  confirmRegister(session: DebugSession, params: RegisterParams): Promise<boolean>;
  /** Lets the user choose a file for page contents; null when they did not. */
  chooseFile(): Promise<ChosenFileDto | null>;
  /** Its page is gone: shows how far it comes, lets the user cancel it, and tells its answer. */
  adoptBatch(session: DebugSession, batch: PageBatch): void;
}

/** Schemas of requests, which are all about a session. */
type SessionSchema = v.GenericSchema<unknown, { readonly sessionId: number }>;

/**
 * Adds the handlers of a page's requests, all but `view/hydrate`, to a connection that is not listening yet.
 * @returns what to call when the page is gone: batches that still run are given to the host
 */
export function answerPageRequests(
  connection: MessageConnection,
  registry: Pick<SessionRegistry, 'sessions'>,
  host: PageRequestHost,
): () => void {
  const running = new Map<PageBatch, DebugSession>();
  /** Answers a request with what `run` does on the session it is about. */
  function answer<P, R, Schema extends SessionSchema>(
    type: RequestType<P, R, void>,
    schema: Schema,
    run: (
      session: DebugSession,
      params: v.InferOutput<Schema>,
      cancellation: CancellationToken,
    ) => Promise<R>,
  ): void {
    connection.onRequest(type.method, async (params: unknown, cancellation: CancellationToken) => {
      const parsed = v.safeParse(schema, params);
      if (!parsed.success) {
        const problem = `${type.method}: ${firstProblem(parsed.issues)}.`;
        throw new ResponseError(ErrorCodes.InvalidParams, problem);
      }
      const session = registry.sessions.find(({ id }) => id === parsed.output.sessionId);
      if (session === undefined) {
        throw new ResponseError(ErrorCodes.InvalidRequest, host.closedSessionText);
      }
      if (session.end !== null) {
        throw new ResponseError(ErrorCodes.InvalidRequest, host.endedSessionText);
      }
      return orSentence(run(session, parsed.output, cancellation));
    });
  }

  function batchControl(progressToken: string | undefined, cancellation: CancellationToken): BatchControl {
    return progressToken === undefined
      ? { cancellation }
      : {
          cancellation,
          onProgress: (progress) => {
            // It can only fail when the page is gone.
            connection.sendProgress(PageBatchProgress, progressToken, progress).catch(() => undefined);
          },
        };
  }

  async function answerBatch(
    session: DebugSession,
    batch: PageBatch,
    control: BatchControl,
  ): Promise<BatchResultDto> {
    running.set(batch, session);
    try {
      return await batch.follow(control);
    } finally {
      running.delete(batch);
    }
  }

  answer(PageResolveRequest, schemas.resolve, (session, params, cancellation) =>
    answerBatch(
      session,
      new PageBatch(params.action.ioctl, (control) => session.resolve(params, control)),
      batchControl(params.progressToken, cancellation),
    ),
  );
  answer(PageWakeRequest, pageSchemas.wake, (session, { faultIds, progressToken }, cancellation) =>
    answerBatch(
      session,
      new PageBatch('wake', (control) => session.wake({ faultIds }, control)),
      batchControl(progressToken, cancellation),
    ),
  );
  answer(PagePreflightRequest, schemas.preflight, (session, { what }, cancellation) =>
    session.preflight(what, cancellation),
  );
  answer(PagePreviewRequest, schemas.preview, (session, params, cancellation) =>
    session.preview(params, cancellation),
  );
  answer(PageReadMemoryRequest, schemas.readMemory, (session, params, cancellation) =>
    session.readMemory(params, cancellation),
  );
  answer(PageRegisterRequest, schemas.register, async (session, params) =>
    (await host.confirmRegister(session, params)) ? session.register(params) : null,
  );
  connection.onRequest(ChooseFileRequest, () => orSentence(host.chooseFile()));
  return () => running.forEach((session, batch) => host.adoptBatch(session, batch));
}

/** A failure as an answer whose message is the sentence alone. */
async function orSentence<R>(answer: Promise<R>): Promise<R> {
  try {
    return await answer;
  } catch (error) {
    const sentence = error instanceof Error ? error.message : String(error);
    throw new ResponseError(ErrorCodes.InternalError, sentence);
  }
}
