/**
 * All sessions of the window, and which of them is shown: the one truth of commands, views
 * and the timeline.
 *
 * Each attach adds a session, and so does each child that a target forks. An ended session
 * stays readable until it is closed. Pure: no VS Code.
 */
import { Emitter, type CancellationToken, type Event } from 'vscode-jsonrpc/node';
import { LaunchAttachRequest, type LaunchAttachParams } from '../../native-helper/protocol/launch.ts';
import {
  LogDidAppendNotification,
  RowsAcknowledgedNotification,
} from '../../native-helper/protocol/logRows.ts';
import {
  RuleDidFailNotification,
  RulesDidHitNotification,
  type RuleDto,
} from '../../native-helper/protocol/rules.ts';
import {
  CodeDidAppearNotification,
  MapDidChangeNotification,
  RangesDidChangeNotification,
  SessionDidEndNotification,
  SessionDidForkNotification,
  SessionIsLastHolderNotification,
  ThreadDidAppearNotification,
  type AttachParams,
  type SessionDidForkParams,
  type SessionDto,
} from '../../native-helper/protocol/session.ts';
import { rowSpan } from '../../native-helper/log/packedRows.ts';
import type { Disposable } from '../disposableStore.ts';
import type { HelperClient } from '../helper/helperClient.ts';
import { CodeNames, type CodeLookup } from './codeNames.ts';
import { DebugSession, type SessionEnd, type SessionHelper } from './debugSession.ts';
import { handBackWake } from './handBackWake.ts';
import { boundHistories } from './historyBound.ts';

/** Ended sessions kept beside the current one, for targets that fork all the time. */
const mostEnded = 16;

export type RegistryHelper = SessionHelper &
  Pick<HelperClient, 'attach' | 'tell' | 'onNotification' | 'onDidFail' | 'onDidStop'>;

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
  private readonly mostRows: () => number;
  private readonly codeNames: CodeNames;
  private readonly subscriptions: readonly Disposable[];
  private list: readonly DebugSession[] = [];
  private shown: DebugSession | null = null;
  private lastId = 0;
  /** Attaches that are asked for and not answered yet. */
  private attaching = 0;
  /** Sessions of the helper that runs, by the id it gave them. */
  private readonly byHelperId = new Map<number, DebugSession>();
  /** What has arrived about sessions that are not announced yet, by the helper's id. */
  private readonly early = new Map<number, ((session: DebugSession) => void)[]>();
  /** Forked children whose parent's attach may be the one that is not answered yet. */
  private earlyChildren: SessionDidForkParams[] = [];

  private readonly changed = new Emitter<DebugSession | null>();
  private readonly begun = new Emitter<DebugSession>();
  private readonly forked = new Emitter<Fork>();
  private readonly ended = new Emitter<DebugSession>();
  private readonly appended = new Emitter<SessionRows>();
  private readonly hit = new Emitter<DebugSession>();
  private readonly failedRule = new Emitter<RuleFailure>();
  private readonly becameLast = new Emitter<LastHolder>();
  /**
   * Threads, codes, ranges or map change of this session are others. Null: a session began, ended or is
   * forgotten, or another one is the current one.
   */
  readonly onDidChange: Event<DebugSession | null> = this.changed.event;
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
   * @param mostRows how many rows the histories of all sessions may keep together
   * @param codeLookup finds the functions and lines of instructions
   */
  constructor(
    helper: RegistryHelper,
    helperFailedText: string,
    reportBadBatch: (error: unknown) => void,
    mostRows: () => number,
    codeLookup: CodeLookup,
  ) {
    this.helper = helper;
    this.helperFailedText = helperFailedText;
    this.reportBadBatch = reportBadBatch;
    this.mostRows = mostRows;
    this.codeNames = new CodeNames(
      codeLookup,
      (session) => this.list.includes(session),
      (session) => void this.changed.fire(session),
    );
    this.subscriptions = [
      helper.onNotification(LogDidAppendNotification, ({ sessionId, rows }) =>
        this.withSession(sessionId, (session) => {
          const batch = decodeBatch(rows);
          if (this.append(session, batch)) {
            const { lastSequence } = rowSpan(batch);
            helper.tell(RowsAcknowledgedNotification, { sessionId, lastSequence });
          }
        }),
      ),
      helper.onNotification(ThreadDidAppearNotification, ({ sessionId, thread }) =>
        this.withSession(sessionId, (session) => {
          session.threads.push(thread);
          this.changed.fire(session);
        }),
      ),
      helper.onNotification(CodeDidAppearNotification, ({ sessionId, code }) =>
        this.withSession(sessionId, (session) => this.codeNames.add(session, code)),
      ),
      helper.onNotification(RangesDidChangeNotification, ({ sessionId, ranges }) =>
        this.withSession(sessionId, (session) => {
          session.ranges = ranges;
          this.changed.fire(session);
        }),
      ),
      helper.onNotification(MapDidChangeNotification, ({ sessionId, change }) =>
        this.withSession(sessionId, (session) => {
          session.mapChange = change;
          this.changed.fire(session);
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
      helper.onNotification(SessionDidForkNotification, (fork) => this.takeChild(fork)),
      helper.onNotification(SessionDidEndNotification, (end) =>
        this.withSession(end.sessionId, (session) => this.finish(session, end)),
      ),
      helper.onDidFail(() => this.helperEnded()),
      helper.onDidStop(() => this.helperEnded()),
    ];
  }

  /** Oldest first; ended ones are readable. */
  get sessions(): readonly DebugSession[] {
    return this.list;
  }

  /** Those that can be acted on, oldest first. */
  get attachedSessions(): readonly DebugSession[] {
    return this.list.filter(({ end }) => end === null);
  }

  /** Those that can be read and closed, oldest first. */
  get endedSessions(): readonly DebugSession[] {
    return this.list.filter(({ end }) => end !== null);
  }

  /** The session that commands and details are about, attached or ended; null when there is none. */
  get current(): DebugSession | null {
    return this.shown;
  }

  /** The current session, when something can be done on it. */
  get attached(): DebugSession | null {
    return this.shown?.end === null ? this.shown : null;
  }

  /** State of the current session. */
  get state(): SessionState {
    return this.shown === null ? 'none' : this.shown.end === null ? 'attached' : 'ended';
  }

  /**
   * Takes over a uffd and makes it the current session.
   * @throws HelperRefusal, HelperGone; all sessions stay as they are then
   */
  async attach(params: AttachParams): Promise<DebugSession> {
    this.attaching++;
    try {
      const dto = await this.helper.attach(params);
      return this.begin(dto, params.rules ?? [], true);
    } finally {
      this.attachEnded();
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
    this.attaching++;
    try {
      const dto = await this.helper.request(LaunchAttachRequest, params, cancellation);
      return dto && this.begin(dto, params.rules ?? [], true);
    } finally {
      this.attachEnded();
    }
  }

  /** Forgets sessions that have ended. When the current one goes, the youngest that is attached takes its place. */
  close(sessions: readonly DebugSession[]): void {
    const closed = sessions.filter((session) => session.end !== null && this.list.includes(session));
    closed.forEach((session) => this.forget(session));
    if (this.shown !== null && closed.includes(this.shown)) {
      this.shown = this.attachedSessions.at(-1) ?? this.list.at(-1) ?? null;
    }
    if (closed.length > 0) {
      this.changed.fire(null);
    }
  }

  /** Makes another session the current one, unless it is forgotten by now. */
  show(session: DebugSession): void {
    if (this.shown !== session && this.list.includes(session)) {
      this.shown = session;
      this.changed.fire(null);
    }
  }

  dispose(): void {
    this.subscriptions.forEach((subscription) => subscription.dispose());
    this.codeNames.dispose();
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

  /** Adds a session, tells it, and then does what has arrived about it before. */
  private begin(dto: SessionDto, rules: readonly RuleDto[], isShown: boolean): DebugSession {
    const session = new DebugSession(++this.lastId, this.freeColour(), dto, rules, this.helper);
    this.list = [...this.list, session];
    this.byHelperId.set(dto.sessionId, session);
    if (isShown) {
      this.shown = session;
    }
    this.begun.fire(session);
    this.changed.fire(null);
    const early = this.early.get(dto.sessionId) ?? [];
    this.early.delete(dto.sessionId);
    early.forEach((act) => act(session));
    return session;
  }

  /** The parent may be the session whose attach is not answered yet, or be forgotten already. */
  private takeChild(fork: SessionDidForkParams): void {
    const parent = this.byHelperId.get(fork.parentSessionId) ?? null;
    if (parent === null && this.attaching > 0) {
      this.earlyChildren.push(fork);
    } else {
      this.forked.fire({ parent, child: this.begin(fork.session, parent?.rules ?? [], false) });
    }
  }

  /** An attach is answered: its session has begun, if it has one. */
  private attachEnded(): void {
    this.attaching--;
    const children = this.earlyChildren;
    this.earlyChildren = [];
    children.forEach((fork) => this.takeChild(fork));
  }

  private freeColour(): number {
    const taken = new Set(this.list.map(({ colour }) => colour));
    let colour = 0;
    while (taken.has(colour)) {
      colour++;
    }
    return colour;
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

  /** @returns false when it is no batch that can be taken */
  private append(session: DebugSession, batch: ArrayBuffer): boolean {
    try {
      session.trace.append(batch);
    } catch (error) {
      this.reportBadBatch(error);
      return false;
    }
    boundHistories(this.list, this.mostRows());
    this.appended.fire({ session, batch });
    return true;
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
    this.changed.fire(null);
  }

  /** Whatever of its sessions has not ended yet has now; the next helper counts from 1 again. */
  private helperEnded(): void {
    this.early.clear();
    this.earlyChildren = [];
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
