/**
 * One timeline page's side of the host: hydrates it when it is shown, appends rows while it
 * is visible, and does what it asks after checking it. Pure: no VS Code.
 *
 * The host is the source of truth: a hidden page gets nothing, so nothing is queued for it.
 */
import * as v from 'valibot';
import {
  ErrorCodes,
  ResponseError,
  type MessageConnection,
  type NotificationType,
  type RequestParam,
} from 'vscode-jsonrpc/node';
import {
  AttachAskedNotification,
  DemoAskedNotification,
  HydrateRequest,
  PageResolveRequest,
  PageWakeRequest,
  RowsDidAppendNotification,
  SelectionDidChangeNotification,
  SessionDidChangeNotification,
  ViewCommandNotification,
  type HydrateDto,
  type SessionViewDto,
  type ViewCommand,
} from '../../webview/protocol.ts';
import { DisposableStore, type Disposable } from '../disposableStore.ts';
import type { DebugSession } from '../session/debugSession.ts';
import type { SessionRegistry } from '../session/sessionRegistry.ts';
import { connectToPage, firstProblem, type PageMessages, type ReportProblem } from './pageConnection.ts';
import { resolveParams, selectionParams, wakeParams } from './pageRequests.ts';

/** What the empty page's buttons do, and where its mistakes are told. */
export interface TimelineHost {
  readonly notAttachedText: string;
  /** Refuses what a page asks about a session that is not the current one any more. */
  readonly otherSessionText: string;
  attach(): void;
  startDemo(): void;
  reportProblem: ReportProblem;
}

export type TimelineSessions = Pick<
  SessionRegistry,
  'current' | 'attached' | 'onDidChange' | 'onDidAppendRows'
>;

export class TimelineController implements Disposable {
  private readonly page: PageMessages;
  private readonly sessions: TimelineSessions;
  private readonly host: TimelineHost;
  private readonly subscriptions = new DisposableStore();
  private connection: MessageConnection | null = null;
  private isHydrated = false;
  private selected: { readonly sessionId: number; readonly faultId: number } | null = null;

  constructor(page: PageMessages, sessions: TimelineSessions, host: TimelineHost) {
    this.page = page;
    this.sessions = sessions;
    this.host = host;
    this.subscriptions.add(
      sessions.onDidChange(() => {
        if (this.isHydrated) {
          this.notify(SessionDidChangeNotification, { view: this.view() });
        }
      }),
    );
    this.subscriptions.add(
      sessions.onDidAppendRows(({ session, batch }) => {
        if (this.isHydrated) {
          this.notify(RowsDidAppendNotification, { sessionId: session.id, batch, nowNs: session.nowNs() });
        }
      }),
    );
  }

  /** The fault of the current session that is selected in the page; null for none. */
  get selectedFaultId(): number | null {
    const { selected } = this;
    return selected?.sessionId === this.sessions.current?.id ? (selected?.faultId ?? null) : null;
  }

  /**
   * Tells whether the page is visible. A page is made anew each time it is shown, so it gets
   * a new connection: an answer to a request of the former one cannot be mistaken for its own.
   */
  setVisible(isVisible: boolean): void {
    if (isVisible === (this.connection !== null)) {
      return;
    }
    this.isHydrated = false;
    this.selected = null;
    this.connection?.dispose();
    this.connection = isVisible ? this.connect() : null;
  }

  /** Does a command of the palette or the editor title in the page. */
  send(command: ViewCommand): void {
    this.notify(ViewCommandNotification, { command });
  }

  dispose(): void {
    this.setVisible(false);
    this.subscriptions.dispose();
  }

  private connect(): MessageConnection {
    const connection = connectToPage(this.page, this.host.reportProblem);
    connection.onRequest(HydrateRequest, () => this.hydrate());
    connection.onRequest(PageResolveRequest, (params) =>
      this.act(PageResolveRequest.method, resolveParams, params, (session, checked) =>
        session.resolve(checked),
      ),
    );
    connection.onRequest(PageWakeRequest, (params) =>
      this.act(PageWakeRequest.method, wakeParams, params, (session, checked) =>
        session.wake({ faultIds: checked.faultIds }),
      ),
    );
    connection.onNotification(SelectionDidChangeNotification, (params) => this.select(params));
    connection.onNotification(AttachAskedNotification, () => this.host.attach());
    connection.onNotification(DemoAskedNotification, () => this.host.startDemo());
    connection.onUnhandledNotification(({ method }) =>
      this.host.reportProblem(`The timeline page sent the unknown notification ${method}.`),
    );
    connection.listen();
    return connection;
  }

  private hydrate(): HydrateDto {
    // From here on rows are sent as they come; all earlier ones are in this answer.
    this.isHydrated = true;
    const session = this.sessions.current;
    return {
      view: this.view(),
      batches: session?.trace.history() ?? [],
      droppedRows: session?.trace.droppedRows ?? 0,
      nowNs: session?.nowNs() ?? 0,
    };
  }

  /** The page knows sessions by the id that is unique in this window. */
  private view(): SessionViewDto | null {
    const session = this.sessions.current;
    return (
      session && {
        session: { ...session.dto, sessionId: session.id },
        threads: session.threads,
        endText: session.end?.text ?? null,
        endReason: session.end?.reason ?? null,
      }
    );
  }

  /** Checks a request's parameters, then does it on the attached session, if it is meant. Errors are sentences. */
  private async act<Schema extends v.GenericSchema<unknown, { readonly sessionId: number }>, Result>(
    method: string,
    schema: Schema,
    params: unknown,
    run: (session: DebugSession, checked: v.InferOutput<Schema>) => Promise<Result>,
  ): Promise<Result> {
    const parsed = v.safeParse(schema, params);
    if (!parsed.success) {
      throw new ResponseError(ErrorCodes.InvalidParams, `${method}: ${firstProblem(parsed.issues)}.`);
    }
    const session = this.sessions.attached;
    if (session === null) {
      throw new ResponseError(ErrorCodes.InvalidRequest, this.host.notAttachedText);
    }
    if (session.id !== parsed.output.sessionId) {
      throw new ResponseError(ErrorCodes.InvalidRequest, this.host.otherSessionText);
    }
    try {
      return await run(session, parsed.output);
    } catch (error) {
      const sentence = error instanceof Error ? error.message : String(error);
      throw new ResponseError(ErrorCodes.InternalError, sentence);
    }
  }

  private select(params: unknown): void {
    const parsed = v.safeParse(selectionParams, params);
    if (parsed.success) {
      const { faultId } = parsed.output;
      const session = this.sessions.current;
      this.selected = faultId === null || session === null ? null : { sessionId: session.id, faultId };
    } else {
      this.host.reportProblem(`${SelectionDidChangeNotification.method}: ${firstProblem(parsed.issues)}.`);
    }
  }

  private notify<P>(type: NotificationType<P>, params: RequestParam<P>): void {
    this.connection?.sendNotification(type, params).catch((error: unknown) => {
      this.host.reportProblem(`${type.method} did not reach the timeline page: ${String(error)}`);
    });
  }
}
