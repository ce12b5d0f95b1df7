/**
 * All sessions of the window, and which of them is shown: the one truth of commands, views
 * and the timeline.
 *
 * The user attaches to one uffd at a time; each child that a target forks adds a session. An
 * ended session stays readable until the next attach. Pure: no VS Code.
 */
import { Emitter, type CancellationToken, type Event } from 'vscode-jsonrpc/node';
import { LaunchAttachRequest, type LaunchAttachParams } from '../../native-helper/launchProtocol.ts';
import {
  LogDidAppendNotification,
  MapDidChangeNotification,
  RangesDidChangeNotification,
  RuleDidFailNotification,
  RulesDidHitNotification,
  SessionDidEndNotification,
  SessionDidForkNotification,
  SessionIsLastHolderNotification,
  ThreadDidAppearNotification,
  type AttachParams,
  type RuleDto,
  type SessionDto,
} from '../../native-helper/protocol.ts';
import type { Disposable } from '../disposableStore.ts';
import type { HelperClient } from '../helper/helperClient.ts';
import { DebugSession, type SessionEnd, type SessionHelper } from './debugSession.ts';
import { handBackWake } from './handBackWake.ts';

/** Ended sessions kept beside the one shown, for targets that fork all the time. */
const mostEnded = 16;

export type RegistryHelper = SessionHelper & Pick<HelperClient, 'attach' | 'onNotification' | 'onDidFail'>;

/** New rows of a session. */
export interface SessionRows {
  readonly session: DebugSession;
  readonly batch: ArrayBuffer;
}

export interface RuleFailure {
  readonly session: DebugSession;
  /** Index in the session's rules. */
  readonly rule: number;
  readonly faultId: number;
  /** One sentence. */
  readonly text: string;
}

/** Nobody but us has a session's uffd open any more. */
export interface LastHolder {
  readonly session: DebugSession;
  /** What happened and what follows. */
  readonly text: string;
}

export interface Fork {
  /** Null when it is forgotten already. */
  readonly parent: DebugSession | null;
  readonly child: DebugSession;
}

export type SessionState = 'none' | 'attached' | 'ended';

export class SessionRegistry implements Disposable {
  private readonly helper: RegistryHelper;
  private readonly helperFailedText: string;
  private readonly reportBadBatch: (error: unknown) => void;
  private readonly subscriptions: readonly Disposable[];
  private list: readonly DebugSession[] = [];
  private shown: DebugSession | null = null;
  private lastId = 0;
  private attaching = false;
  /** Sessions of the helper that runs, by the id it gave them. */
  private readonly byHelperId = new Map<number, DebugSession>();
  /** What has arrived about sessions that are not announced yet, by the helper's id. */
  private readonly early = new Map<number, ((session: DebugSession) => void)[]>();

  private readonly changed = new Emitter<void>();
  private readonly begun = new Emitter<DebugSession>();
  private readonly forked = new Emitter<Fork>();
  private readonly ended = new Emitter<DebugSession>();
  private readonly appended = new Emitter<SessionRows>();
  private readonly hit = new Emitter<DebugSession>();
  private readonly failedRule = new Emitter<RuleFailure>();
  private readonly becameLast = new Emitter<LastHolder>();
  /**
   * A session began, ended or is forgotten, another one is shown, or the threads, ranges or
   * map change of the one shown are others.
   */
  readonly onDidChange: Event<void> = this.changed.event;
  /** A session began, by an attach or a fork. */
  readonly onDidBegin: Event<DebugSession> = this.begun.event;
  /** A target forked, and its child's session has begun. */
  readonly onDidFork: Event<Fork> = this.forked.event;
  /** A session is over. */
  readonly onDidEnd: Event<DebugSession> = this.ended.event;
  /** After the rows are in the session's trace. */
  readonly onDidAppendRows: Event<SessionRows> = this.appended.event;
  /** A session's `ruleHits` are others. */
  readonly onDidHitRules: Event<DebugSession> = this.hit.event;
  /** A rule could not do its action. */
  readonly onDidFailRule: Event<RuleFailure> = this.failedRule.event;
  /** All others have closed a session's uffd: its end would be the last close. */
  readonly onDidBecomeLast: Event<LastHolder> = this.becameLast.event;

  /**
   * @param helperFailedText end text of a session whose helper is gone
   * @param reportBadBatch told of rows that cannot be taken; the session goes on without them
   */
  constructor(helper: RegistryHelper, helperFailedText: string, reportBadBatch: (error: unknown) => void) {
    this.helper = helper;
    this.helperFailedText = helperFailedText;
    this.reportBadBatch = reportBadBatch;
    this.subscriptions = [
      helper.onNotification(LogDidAppendNotification, ({ sessionId, rows }) =>
        this.withSession(sessionId, (session) => this.append(session, decodeBatch(rows))),
      ),
      helper.onNotification(ThreadDidAppearNotification, ({ sessionId, thread }) =>
        this.withSession(sessionId, (session) => {
          session.threads.push(thread);
          this.changedIfShown(session);
        }),
      ),
      helper.onNotification(RangesDidChangeNotification, ({ sessionId, ranges }) =>
        this.withSession(sessionId, (session) => {
          session.ranges = ranges;
          this.changedIfShown(session);
        }),
      ),
      helper.onNotification(MapDidChangeNotification, ({ sessionId, change }) =>
        this.withSession(sessionId, (session) => {
          session.mapChange = change;
          this.changedIfShown(session);
        }),
      ),
      helper.onNotification(RulesDidHitNotification, ({ sessionId, hits }) =>
        this.withSession(sessionId, (session) => {
          session.ruleHits = hits;
          this.hit.fire(session);
        }),
      ),
      helper.onNotification(RuleDidFailNotification, ({ sessionId, ...failure }) =>
        this.withSession(sessionId, (session) => void this.failedRule.fire({ session, ...failure })),
      ),
      helper.onNotification(SessionIsLastHolderNotification, ({ sessionId, text }) =>
        this.withSession(sessionId, (session) => void this.becameLast.fire({ session, text })),
      ),
      helper.onNotification(SessionDidForkNotification, ({ parentSessionId, session }) =>
        this.takeChild(parentSessionId, session),
      ),
      helper.onNotification(SessionDidEndNotification, (end) =>
        this.withSession(end.sessionId, (session) => this.finish(session, end)),
      ),
      helper.onDidFail(() => this.helperFailed()),
    ];
  }

  /** Oldest first; ended ones are readable. */
  get sessions(): readonly DebugSession[] {
    return this.list;
  }

  /** The session shown, attached or ended; null before the first attach. */
  get current(): DebugSession | null {
    return this.shown;
  }

  /** The session shown, when something can be done on it. */
  get attached(): DebugSession | null {
    return this.shown?.end === null ? this.shown : null;
  }

  /** The session that must be detached before another attach; a forked child's is none. */
  get attachedByUser(): DebugSession | null {
    return this.list.find(({ end, dto }) => end === null && !dto.isCustody) ?? null;
  }

  /** An attach is asked for and not answered yet; there must be no second one. */
  get isAttaching(): boolean {
    return this.attaching;
  }

  /** State of the session shown. */
  get state(): SessionState {
    return this.shown === null ? 'none' : this.shown.end === null ? 'attached' : 'ended';
  }

  /**
   * Takes over a uffd and shows it; ended sessions are forgotten. Detach the attached one first.
   * @throws HelperRefusal, HelperGone; all sessions stay as they are then
   */
  async attach(params: AttachParams): Promise<DebugSession> {
    this.attaching = true;
    try {
      return this.beginShown(await this.helper.attach(params), params.rules);
    } finally {
      this.attaching = false;
    }
  }

  /**
   * The same with the first uffd of a launched program, as soon as it has one.
   * @returns null when it was cancelled; the program runs on without a session
   * @throws HelperRefusal, HelperGone; all sessions stay as they are then
   */
  async attachLaunched(
    params: LaunchAttachParams,
    cancellation: CancellationToken,
  ): Promise<DebugSession | null> {
    this.attaching = true;
    try {
      const dto = await this.helper.request(LaunchAttachRequest, params, cancellation);
      return dto && this.beginShown(dto, params.rules);
    } finally {
      this.attaching = false;
    }
  }

  /** Shows another session; one that is forgotten by now is not shown. */
  show(session: DebugSession): void {
    if (this.shown !== session && this.list.includes(session)) {
      this.shown = session;
      this.changed.fire();
    }
  }

  dispose(): void {
    this.subscriptions.forEach((subscription) => subscription.dispose());
    for (const emitter of [
      this.changed,
      this.begun,
      this.forked,
      this.ended,
      this.appended,
      this.hit,
      this.failedRule,
      this.becameLast,
    ]) {
      emitter.dispose();
    }
  }

  private beginShown(dto: SessionDto, rules: readonly RuleDto[] = []): DebugSession {
    this.list.filter(({ end }) => end !== null).forEach((session) => this.forget(session));
    return this.begin(dto, rules, true);
  }

  /** Adds a session, tells it, and then does what has arrived about it before. */
  private begin(dto: SessionDto, rules: readonly RuleDto[], isShown: boolean): DebugSession {
    const session = new DebugSession(++this.lastId, dto, rules, this.helper);
    this.list = [...this.list, session];
    this.byHelperId.set(dto.sessionId, session);
    if (isShown) {
      this.shown = session;
    }
    this.begun.fire(session);
    this.changed.fire();
    const early = this.early.get(dto.sessionId) ?? [];
    this.early.delete(dto.sessionId);
    early.forEach((act) => act(session));
    return session;
  }

  /** The parent may be the session whose attach is not answered yet, or be forgotten already. */
  private takeChild(parentSessionId: number, dto: SessionDto): void {
    const begin = (parent: DebugSession | null): void => {
      this.forked.fire({ parent, child: this.begin(dto, parent?.rules ?? [], false) });
    };
    if (this.attaching) {
      this.withSession(parentSessionId, begin);
    } else {
      begin(this.byHelperId.get(parentSessionId) ?? null);
    }
  }

  private forget(session: DebugSession): void {
    this.list = this.list.filter((other) => other !== session);
    if (this.byHelperId.get(session.dto.sessionId) === session) {
      this.byHelperId.delete(session.dto.sessionId);
    }
  }

  private withSession(sessionId: number, act: (session: DebugSession) => void): void {
    const session = this.byHelperId.get(sessionId);
    if (session !== undefined) {
      act(session);
      return;
    }
    const early = this.early.get(sessionId);
    if (early === undefined) {
      this.early.set(sessionId, [act]);
    } else {
      early.push(act);
    }
  }

  private changedIfShown(session: DebugSession): void {
    if (session === this.shown) {
      this.changed.fire();
    }
  }

  private append(session: DebugSession, batch: ArrayBuffer): void {
    try {
      session.trace.append(batch);
    } catch (error) {
      this.reportBadBatch(error);
      return;
    }
    this.appended.fire({ session, batch });
  }

  private finish(session: DebugSession, end: SessionEnd): void {
    if (session.end !== null) {
      return;
    }
    if (session.trace.openFaults().length > 0) {
      this.append(session, handBackWake(session));
    }
    session.finish(end);
    const ended = this.list.filter((other) => other.end !== null && other !== this.shown);
    ended.slice(0, -mostEnded).forEach((oldest) => this.forget(oldest));
    this.ended.fire(session);
    this.changed.fire();
  }

  private helperFailed(): void {
    this.early.clear();
    this.byHelperId.clear();
    for (const session of this.list) {
      this.finish(session, { reason: 'helperFailed', text: this.helperFailedText });
    }
  }
}

/** The batch in a buffer of its own, so that it can be kept and sent as it is. */
function decodeBatch(base64: string): ArrayBuffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(base64, 'base64'));
  bytes.write(base64, 'base64');
  return bytes.buffer;
}
