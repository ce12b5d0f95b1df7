/** The sessions of the window as the host tells them, their common clock, and which of them is the current one. */
import {
  type HydrateDto,
  type RowsDidAppendParams,
  type SessionsDto,
  type SessionViewDto,
} from '../protocol.ts';
import { SessionClock } from '../model/sessionClock.ts';
import { type AppendOutcome } from '../model/trace.ts';
import { SessionTimeline } from './sessionTimeline.ts';

export class SessionSet {
  /** Oldest first. */
  list: readonly SessionTimeline[] = [];
  /** The one that details, ledger, form and commands are about; null exactly when there is none. */
  current: SessionTimeline | null = null;
  /** The live edge. While none is live, the latest end. */
  readonly clock = new SessionClock(() => performance.now());
  /** Where the axis begins, by CLOCK_MONOTONIC. */
  private zeroTimeNs = 0n;

  get isAnyLive(): boolean {
    return this.list.some(({ isLive }) => isLive);
  }

  byId(id: number | null): SessionTimeline | null {
    return this.list.find((session) => session.id === id) ?? null;
  }

  /**
   * Replaces all that is known by the host's snapshot; known sessions keep what the user did with them.
   * @returns how far the axis' beginning has moved, in nanoseconds
   */
  hydrate({ sessions, currentId }: HydrateDto): number {
    const before = this.zeroTimeNs;
    const isFirst = this.list.length === 0;
    const starts = sessions.map(({ view }) => BigInt(view.session.startTimeNs));
    this.zeroTimeNs = starts.reduce((least, start) => (start < least ? start : least), starts[0] ?? 0n);
    const known = new Map(this.list.map((session) => [session.key, session]));
    this.list = sessions.map((history) => {
      const begun = new SessionTimeline(history.view, this.zeroTimeNs, this.clock);
      const session = known.get(begun.key) ?? begun;
      session.load(history, this.zeroTimeNs);
      return session;
    });
    this.current = this.byId(currentId);
    if (isFirst || this.zeroTimeNs !== before) {
      this.clock.reset();
    }
    this.setClock();
    return isFirst ? 0 : Number(this.zeroTimeNs - before);
  }

  /**
   * Takes up what the host says has changed.
   * @returns false when the axis would have to begin elsewhere: then all must be hydrated
   */
  change({ sessions, currentId }: SessionsDto<SessionViewDto>): boolean {
    const [oldest] = sessions;
    if (this.list.length === 0 && oldest !== undefined) {
      this.zeroTimeNs = BigInt(oldest.session.startTimeNs);
      this.clock.reset();
    }
    this.list = sessions.map((view) => {
      const session =
        this.byId(view.session.sessionId) ?? new SessionTimeline(view, this.zeroTimeNs, this.clock);
      session.setView(view);
      return session;
    });
    this.current = this.byId(currentId);
    this.setClock();
    const earliestNs = Math.min(...this.list.map(({ startNs }) => startNs));
    return sessions.length === 0 || earliestNs === 0;
  }

  append({ sessionId, batch, afterSequence, nowNs }: RowsDidAppendParams): AppendOutcome {
    const session = this.byId(sessionId);
    if (session === null) {
      return 'known';
    }
    const outcome = session.append(batch, afterSequence);
    if (outcome === 'appended') {
      session.setView({ ...session.view, nowNs });
      this.setClock();
    }
    return outcome;
  }

  /** The session `step` places further down, going round. */
  neighbour(step: 1 | -1): SessionTimeline | null {
    const at = this.current === null ? 0 : this.list.indexOf(this.current) + step;
    return this.list.at(at % Math.max(1, this.list.length)) ?? null;
  }

  setClock(): void {
    const live = this.list.filter(({ isLive }) => isLive);
    const nowNs = (live.length === 0 ? this.list : live).map((session) => session.hostNowNs());
    this.clock.set(Math.max(0, ...nowNs), live.length > 0);
  }
}
