/**
 * The current session: the one truth that commands, views and the timeline show.
 *
 * One session at a time. An ended one stays current, readable, until the next attach.
 * Pure: no VS Code.
 */
import { Emitter, type Event } from 'vscode-jsonrpc/node';
import { packedRows, rowsFrom } from '../../native-helper/log/eventRows.ts';
import type { AttachParams } from '../../native-helper/protocol.ts';
import type { Disposable } from '../disposableStore.ts';
import type { HelperClient } from '../helper/helperClient.ts';
import { DebugSession, type SessionEnd, type SessionHelper } from './debugSession.ts';

/** The largest user address space there is. */
const wholeAddressSpaceBytes = 2 ** 57;

export type RegistryHelper = SessionHelper &
  Pick<HelperClient, 'attach' | 'onDidAppendRows' | 'onDidAppearThread' | 'onDidEndSession' | 'onDidFail'>;

/** New rows of the current session. */
export interface SessionRows {
  readonly session: DebugSession;
  readonly batch: ArrayBuffer;
}

export type SessionState = 'none' | 'attached' | 'ended';

export class SessionRegistry implements Disposable {
  private readonly helper: RegistryHelper;
  private readonly helperFailedText: string;
  private readonly reportBadBatch: (error: unknown) => void;
  private readonly subscriptions: readonly Disposable[];
  private session: DebugSession | null = null;
  private lastId = 0;
  /** What arrives about a session while its attach is not answered yet. */
  private early: { sessionId: number; act: (session: DebugSession) => void }[] | null = null;

  private readonly changed = new Emitter<DebugSession | null>();
  private readonly appended = new Emitter<SessionRows>();
  /** The current session began, a thread of it faulted for the first time, or it ended. */
  readonly onDidChange: Event<DebugSession | null> = this.changed.event;
  /** After the rows are in the session's trace. */
  readonly onDidAppendRows: Event<SessionRows> = this.appended.event;

  /**
   * @param helperFailedText end text of a session whose helper is gone
   * @param reportBadBatch told of rows that cannot be taken; the session goes on without them
   */
  constructor(helper: RegistryHelper, helperFailedText: string, reportBadBatch: (error: unknown) => void) {
    this.helper = helper;
    this.helperFailedText = helperFailedText;
    this.reportBadBatch = reportBadBatch;
    this.subscriptions = [
      helper.onDidAppendRows((params) =>
        this.withSession(params.sessionId, (s) => this.append(s, decodeBatch(params.rows))),
      ),
      helper.onDidAppearThread(({ sessionId, thread }) =>
        this.withSession(sessionId, (session) => {
          session.threads.push(thread);
          this.changed.fire(session);
        }),
      ),
      helper.onDidEndSession((end) => this.withSession(end.sessionId, (s) => this.finish(s, end))),
      helper.onDidFail(() => this.helperFailed()),
    ];
  }

  /** Attached, or ended and still readable; null before the first attach. */
  get current(): DebugSession | null {
    return this.session;
  }

  /** The session on which something can be done. */
  get attached(): DebugSession | null {
    return this.session?.end === null ? this.session : null;
  }

  /** An attach is asked for and not answered yet; there must be no second one. */
  get isAttaching(): boolean {
    return this.early !== null;
  }

  get state(): SessionState {
    return this.session === null ? 'none' : this.session.end === null ? 'attached' : 'ended';
  }

  /**
   * Takes over a uffd and makes it the current session. Detach the attached one first.
   * @throws HelperRefusal, HelperGone; the current session stays as it is then
   */
  async attach(params: AttachParams): Promise<DebugSession> {
    this.early = [];
    try {
      const dto = await this.helper.attach(params);
      const session = new DebugSession(++this.lastId, dto, this.helper);
      this.session = session;
      this.changed.fire(session);
      for (const { sessionId, act } of this.early) {
        if (sessionId === session.dto.sessionId) {
          act(session);
        }
      }
      return session;
    } finally {
      this.early = null;
    }
  }

  dispose(): void {
    this.subscriptions.forEach((subscription) => subscription.dispose());
    this.changed.dispose();
    this.appended.dispose();
  }

  private withSession(sessionId: number, act: (session: DebugSession) => void): void {
    if (this.session?.dto.sessionId === sessionId && this.early === null) {
      act(this.session);
    } else {
      this.early?.push({ sessionId, act });
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
    if (session.end === null) {
      if (session.trace.openFaults().length > 0) {
        this.append(session, handBackWake(session));
      }
      session.finish(end);
      this.changed.fire(session);
    }
  }

  private helperFailed(): void {
    const session = this.attached;
    if (session !== null) {
      this.finish(session, { reason: 'helperFailed', text: this.helperFailedText });
    }
  }
}

/**
 * The row that a helper could not send, for instance because it is dead: a session's end
 * wakes every thread, by its guardian if need be, so nothing is held any more.
 */
function handBackWake(session: DebugSession): ArrayBuffer {
  return packedRows(
    rowsFrom(session.trace.revision + 1, [
      {
        kind: 'wake',
        actor: 'detach',
        timeNs: session.nowNs(),
        faultId: 0,
        address: 0n,
        lengthBytes: wholeAddressSpaceBytes,
        tid: 0,
        flags: 0n,
        errno: 0,
        out: 0n,
      },
    ]),
  );
}

/** The batch in a buffer of its own, so that it can be kept and sent as it is. */
function decodeBatch(base64: string): ArrayBuffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(base64, 'base64'));
  bytes.write(base64, 'base64');
  return bytes.buffer;
}
