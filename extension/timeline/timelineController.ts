/**
 * One timeline page's side of the host: hydrates it when it is shown, appends rows while it
 * is visible, and does what it asks after checking it. Pure: no VS Code.
 *
 * The host is the source of truth: a hidden page gets nothing, so nothing is queued for it.
 */
import * as v from 'valibot';
import type { Event, MessageConnection, NotificationType, RequestParam } from 'vscode-jsonrpc/node';
import {
  AttachAskedNotification,
  DemoAskedNotification,
  HydrateRequest,
  LeaveAskedNotification,
  RecordingAskedNotification,
  RowsDidAppendNotification,
  RowsTakenNotification,
  RuleAskedNotification,
  SelectionDidChangeNotification,
  SessionChosenNotification,
  SessionDidChangeNotification,
  SessionsDidChangeNotification,
  FaultShowNotification,
  type LaneDto,
  ViewCommandNotification,
  type HydrateDto,
  type SessionsDto,
  type SessionViewDto,
  type ViewCommand,
} from '../../webview/protocol.ts';
import { DisposableStore, type Disposable } from '../disposableStore.ts';
import { connectToPage, firstProblem, type PageMessages, type ReportProblem } from './pageConnection.ts';
import { type ClipboardHost, takeCopies } from './pageCopies.ts';
import { PageFeed } from './pageFeed.ts';
import { pageSchemas } from './pageSchemas.ts';
import type { TimelineSession } from './timelineSession.ts';

/** What the page's buttons do, and where its mistakes are told. */
export interface TimelineHost<Session> extends ClipboardHost {
  /**
   * Adds the handlers of the page's requests, all but `view/hydrate`, to a connection that is not listening yet.
   * @returns what to call when the page is gone
   */
  answerRequests(connection: MessageConnection): () => void;
  attach(): void;
  startDemo(): void;
  openRecording(): void;
  /** The page has been told what there is, and takes rows from now on. */
  onHydrated(): void;
  /** Detaches from a session, or closes it when it is over. */
  leave(session: Session): void;
  /** Makes a rule for faults like this one of the session. */
  addRule(session: Session, faultId: number): void;
  reportProblem: ReportProblem;
}

/** The sessions that a page shows. */
export interface TimelineSessions<Session> {
  /** Oldest first. */
  readonly sessions: readonly Session[];
  /** The one that commands and details are about; null when there is none. */
  readonly current: Session | null;
  /** Makes another session the current one. */
  show(session: Session): void;
  /** Of one session, or, with null, which sessions there are or which is the current one. */
  readonly onDidChange: Event<Session | null>;
  /** After the rows are in the session's trace. */
  readonly onDidAppendRows: Event<{ readonly session: Session; readonly batch: ArrayBuffer }>;
}

/** Faults selected in the page. */
export interface Selection {
  /** The one whose details show; null for none. */
  readonly faultId: number | null;
  /** All of them, in the order they were selected in. */
  readonly faultIds: readonly number[];
}

const nothingSelected: Selection = { faultId: null, faultIds: [] };

export class TimelineController<Session extends TimelineSession> implements Disposable {
  private readonly page: PageMessages;
  private readonly sessions: TimelineSessions<Session>;
  private readonly host: TimelineHost<Session>;
  private readonly subscriptions = new DisposableStore();
  private connection: MessageConnection | null = null;
  private isHydrated = false;
  /** Whether the page has told that it has taken up what hydration gave it. */
  private hasTakenRows = false;
  /** What `showFault` asked for before that. */
  private faultToShow: { readonly sessionId: number; readonly faultId: number } | null = null;
  private readonly feed: PageFeed<Session>;
  /** Gives the page's batches that still run to the host. */
  private leaveBatches: () => void = () => undefined;
  private selected: { readonly session: Session; readonly selection: Selection } | null = null;

  constructor(page: PageMessages, sessions: TimelineSessions<Session>, host: TimelineHost<Session>) {
    this.page = page;
    this.sessions = sessions;
    this.host = host;
    this.feed = new PageFeed((session, batch, afterSequence) =>
      this.notify(RowsDidAppendNotification, {
        sessionId: session.id,
        batch,
        afterSequence,
        nowNs: session.nowNs(),
      }),
    );
    this.subscriptions.add(
      sessions.onDidChange((session) => {
        if (!this.isHydrated) {
          return;
        }
        if (session === null) {
          this.notify(SessionsDidChangeNotification, this.allWith(viewOf));
        } else {
          this.notify(SessionDidChangeNotification, { view: viewOf(session) });
        }
      }),
    );
    this.subscriptions.add(
      sessions.onDidAppendRows(({ session, batch }) => {
        if (this.isHydrated) {
          this.feed.append(session, batch);
        }
      }),
    );
  }

  /** What of the current session is selected in the page. */
  get selection(): Selection {
    const { selected } = this;
    return selected !== null && selected.session === this.sessions.current
      ? selected.selection
      : nothingSelected;
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
    this.hasTakenRows = false;
    this.selected = null;
    this.leaveBatches();
    this.leaveBatches = () => undefined;
    this.connection?.dispose();
    this.connection = isVisible ? this.connect() : null;
  }

  /**
   * Does a command of the palette, the editor title or a menu in the page.
   * @param lane what the menu was about, where that is no fault
   */
  send(command: ViewCommand, lane?: LaneDto): void {
    this.notify(ViewCommandNotification, { command, ...(lane === undefined ? {} : { lane }) });
  }

  /** Selects a fault in the page and moves to it: at once, or when the page has taken up its data. */
  showFault(sessionId: number, faultId: number): void {
    this.faultToShow = { sessionId, faultId };
    this.tellFaultToShow();
  }

  private tellFaultToShow(): void {
    if (this.hasTakenRows && this.faultToShow !== null) {
      this.notify(FaultShowNotification, this.faultToShow);
      this.faultToShow = null;
    }
  }

  dispose(): void {
    this.setVisible(false);
    this.subscriptions.dispose();
  }

  private connect(): MessageConnection {
    const connection = connectToPage(this.page, this.host.reportProblem);
    connection.onRequest(HydrateRequest, () => {
      // Once the answer is on its way.
      setImmediate(() => this.host.onHydrated());
      return this.hydrate();
    });
    this.leaveBatches = this.host.answerRequests(connection);
    this.take(
      connection,
      SelectionDidChangeNotification,
      pageSchemas.selection,
      (session, { faultId, faultIds }) => {
        this.selected = { session, selection: { faultId, faultIds } };
      },
    );
    this.take(connection, SessionChosenNotification, pageSchemas.session, (session) =>
      this.sessions.show(session),
    );
    this.take(connection, RowsTakenNotification, pageSchemas.rowsTaken, (session, { sequence }) => {
      this.feed.taken(session, sequence);
      this.hasTakenRows = this.isHydrated;
      this.tellFaultToShow();
    });
    this.take(connection, LeaveAskedNotification, pageSchemas.session, (session) => this.host.leave(session));
    this.take(connection, RuleAskedNotification, pageSchemas.ruleAsked, (session, { faultId }) =>
      this.host.addRule(session, faultId),
    );
    takeCopies(connection, this.host);
    connection.onNotification(AttachAskedNotification, () => this.host.attach());
    connection.onNotification(DemoAskedNotification, () => this.host.startDemo());
    connection.onNotification(RecordingAskedNotification, () => this.host.openRecording());
    connection.onUnhandledNotification(({ method }) =>
      this.host.reportProblem(`The timeline page sent the unknown notification ${method}.`),
    );
    connection.listen();
    return connection;
  }

  private hydrate(): HydrateDto {
    // From here on rows are sent as they come, and what does not fit into this answer when it has been taken up.
    this.isHydrated = true;
    this.feed.reset();
    return this.allWith((session) => ({
      view: viewOf(session),
      batches: this.feed.begin(session),
      overview: this.feed.isWhole(session) ? [] : session.overview(),
      droppedRows: session.trace.droppedRows,
    }));
  }

  private allWith<Told>(told: (session: Session) => Told): SessionsDto<Told> {
    const { sessions, current } = this.sessions;
    return { sessions: sessions.map(told), currentId: current?.id ?? null };
  }

  /**
   * Does `act` for each notification of a kind that is well-formed. Its session may be forgotten by
   * now; the page has been told so.
   */
  private take<P, Schema extends v.GenericSchema<unknown, { readonly sessionId: number }>>(
    connection: MessageConnection,
    { method }: NotificationType<P>,
    schema: Schema,
    act: (session: Session, params: v.InferOutput<Schema>) => void,
  ): void {
    connection.onNotification(method, (params: unknown) => {
      const parsed = v.safeParse(schema, params);
      if (!parsed.success) {
        this.host.reportProblem(`${method}: ${firstProblem(parsed.issues)}.`);
        return;
      }
      const session = this.sessions.sessions.find(({ id }) => id === parsed.output.sessionId);
      if (session !== undefined) {
        act(session, parsed.output);
      }
    });
  }

  private notify<P>(type: NotificationType<P>, params: RequestParam<P>): void {
    this.connection?.sendNotification(type, params).catch((error: unknown) => {
      this.host.reportProblem(`${type.method} did not reach the timeline page: ${String(error)}`);
    });
  }
}

/** The page knows sessions by the id that is unique in this window. */
function viewOf(session: TimelineSession): SessionViewDto {
  return {
    session: { ...session.dto, sessionId: session.id, ranges: session.ranges },
    colour: session.colour,
    mapChange: session.mapChange,
    threads: session.threads,
    codes: session.codes,
    endText: session.end?.text ?? null,
    endReason: session.end?.reason ?? null,
    nowNs: session.nowNs(),
    revision: session.revision,
  };
}
