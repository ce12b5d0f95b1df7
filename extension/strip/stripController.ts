/**
 * Keeps one strip's page in step with the current session: nothing is folded and nothing sent while the
 * page is hidden or paused. Pure: no VS Code.
 */
import * as v from 'valibot';
import { unpackRows } from '../../native-helper/log/packedRows.ts';
import {
  StripAttachNotification,
  stripBucketNs,
  stripBuckets,
  StripDemoNotification,
  StripDidChangeNotification,
  type StripDto,
  StripFollowNotification,
  StripPauseNotification,
  StripRecordingNotification,
  StripShowNotification,
} from '../../webview/stripProtocol.ts';
import { DisposableStore, type Disposable } from '../disposableStore.ts';
import type { DebugSession } from '../session/debugSession.ts';
import { isHeld } from '../session/faultTrace.ts';
import type { SessionRegistry } from '../session/sessionRegistry.ts';
import { connectToPage, firstProblem, type PageMessages } from '../timeline/pageConnection.ts';
import { StripSummary } from './stripSummary.ts';

export type StripSessions = Pick<SessionRegistry, 'current' | 'sessions' | 'onDidChange' | 'onDidAppendRows'>;

/** What the strip asks of the window. */
export interface StripHost {
  attach(): void;
  startDemo(): void;
  openRecording(): void;
  /** Shows the timeline, and a fault in it. */
  show(session: DebugSession, faultId: number | null): void;
  nameOf(session: DebugSession): string;
  reportProblem(problem: string): void;
}

const refreshMs = stripBucketNs / 1e6;
/** Rows of the history that the last minute is made from, when the strip comes to be seen. */
const mostRowsBefore = 300_000;

const showParams = v.strictObject({
  sessionId: v.pipe(v.number(), v.integer()),
  faultId: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1))),
});

export class StripController implements Disposable {
  private readonly store = new DisposableStore();
  private readonly connection;
  private readonly sessions: StripSessions;
  private readonly host: StripHost;
  private followed: { readonly session: DebugSession; readonly summary: StripSummary } | null = null;
  private isVisible = false;
  private isFollowing = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(page: PageMessages, sessions: StripSessions, host: StripHost) {
    this.sessions = sessions;
    this.host = host;
    const connection = connectToPage(page, (problem) => host.reportProblem(problem));
    this.connection = connection;
    connection.onNotification(StripFollowNotification, () => this.follow(true));
    connection.onNotification(StripPauseNotification, () => this.follow(false));
    connection.onNotification(StripAttachNotification, () => host.attach());
    connection.onNotification(StripDemoNotification, () => host.startDemo());
    connection.onNotification(StripRecordingNotification, () => host.openRecording());
    connection.onNotification(StripShowNotification.method, (params: unknown) => this.showFault(params));
    connection.listen();
    this.store.add(connection);
    this.store.add(
      sessions.onDidChange((session) => {
        if (session === null) {
          this.update();
        }
      }),
    );
    this.store.add(
      sessions.onDidAppendRows(({ session, batch }) => {
        if (session === this.followed?.session) {
          this.followed.summary.add(unpackRows(batch));
        }
      }),
    );
  }

  dispose(): void {
    clearInterval(this.timer);
    this.store.dispose();
  }

  setVisible(isVisible: boolean): void {
    this.isVisible = isVisible;
    this.update();
  }

  private follow(isFollowing: boolean): void {
    this.isFollowing = isFollowing;
    this.update();
  }

  /** Begins or ends to follow the current session. */
  private update(): void {
    clearInterval(this.timer);
    const { current } = this.sessions;
    if (!this.isVisible || !this.isFollowing) {
      this.followed = null;
      return;
    }
    if (current !== this.followed?.session) {
      this.followed = current === null ? null : { session: current, summary: summaryOf(current) };
    }
    this.send();
    if (current?.end === null) {
      this.timer = setInterval(() => this.send(), refreshMs);
    }
  }

  private send(): void {
    const strip = this.followed === null ? null : this.stripOf(this.followed.session, this.followed.summary);
    this.connection.sendNotification(StripDidChangeNotification, { strip }).catch((error: unknown) => {
      this.host.reportProblem(`The live strip could not be told: ${String(error)}`);
    });
  }

  private stripOf(session: DebugSession, summary: StripSummary): StripDto {
    const nowNs = session.nowNs();
    const isLive = session.end === null;
    const openFaults = isLive ? session.trace.openFaults() : [];
    const held = openFaults.filter(isHeld).length;
    if (isLive) {
      summary.sample(nowNs, openFaults.length, held);
    }
    return {
      sessionId: session.id,
      title: this.host.nameOf(session),
      isLive,
      buckets: summary.lastMinute(nowNs),
      open: openFaults.length,
      held,
      perSecond: isLive ? summary.perSecond(nowNs) : 0,
      last: summary.last((tid) => threadOf(session, tid)),
    };
  }

  private showFault(params: unknown): void {
    const parsed = v.safeParse(showParams, params);
    if (!parsed.success) {
      this.host.reportProblem(`${StripShowNotification.method}: ${firstProblem(parsed.issues)}.`);
      return;
    }
    const { sessionId, faultId } = parsed.output;
    const session = this.sessions.sessions.find(({ id }) => id === sessionId);
    if (session !== undefined) {
      this.host.show(session, faultId);
    }
  }
}

/** The last minute of what the history holds. */
function summaryOf(session: DebugSession): StripSummary {
  const { trace } = session;
  const summary = new StripSummary();
  let next = trace.batchAfter(Math.max(0, trace.revision - mostRowsBefore));
  while (next !== null) {
    const rows = unpackRows(next.batch);
    if (rows.timeNs[rows.count - 1]! >= session.nowNs() - stripBuckets * stripBucketNs) {
      summary.add(rows);
    }
    next = trace.batchAfter(next.lastSequence);
  }
  return summary;
}

function threadOf(session: DebugSession, tid: number): string {
  const comm = session.threads.find((thread) => thread.tid === tid)?.comm ?? '';
  return tid === 0 ? 'Unknown thread' : comm === '' ? `Thread ${tid}` : `${comm} ${tid}`;
}
