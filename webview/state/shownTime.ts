/** Which part of all time the window shows: fits it to what there is or what is selected, and brings it to the ends. */
import { type TimeStretch } from '../model/timeStretch.ts';
import { fitted, type TimeScale } from '../model/timeScale.ts';
import { type Trace } from '../model/trace.ts';
import { type SessionTimeline } from './sessionTimeline.ts';
import { type TimeWindow } from './timeWindow.ts';

/** Part of the window left free beyond the first and the last fault, so that they can be pointed at. */
const gutterShare = 0.02;

/** What of the page's state decides where there is something to show. */
interface WhatThereIs {
  readonly window: TimeWindow;
  readonly sessions: readonly SessionTimeline[];
  readonly isAnyLive: boolean;
  /** Of the current session, the selected fault and the clock too. */
  readonly trace: Trace;
  readonly selectedIndex: number;
  nowNs(): number;
  readonly marks: { readonly selection: TimeStretch | null };
}

export class ShownTime {
  private readonly state: WhatThereIs;
  /** Where what was centred last begins, and what the window showed then. */
  private centred: { readonly startNs: number; readonly scale: TimeScale } | null = null;

  constructor(state: WhatThereIs) {
    this.state = state;
  }

  /** Shows everything from the first fault until now, of all sessions whose lanes show. */
  fitAll(): void {
    const open = this.state.sessions.filter(({ isCollapsed }) => !isCollapsed);
    this.fit(open.length === 0 ? this.state.sessions : open);
  }

  /** Shows everything of some sessions. */
  fit(sessions: readonly SessionTimeline[]): void {
    const extents = sessions.map((session) => extentOf(session));
    const firstNs = Math.min(...extents.map(([first]) => first));
    const lastNs = Math.max(...extents.map(([, last]) => last));
    if (sessions.length > 0) {
      this.state.window.fit(firstNs, Math.max(lastNs, firstNs + 1000));
    }
  }

  /** All time of all sessions on `widthPx` pixels. */
  wholeScale(widthPx: number): TimeScale {
    const extents = this.state.sessions.map((session) => extentOf(session));
    const firstNs = extents.length === 0 ? 0 : Math.min(...extents.map(([first]) => first));
    const lastNs = Math.max(firstNs + 1000, ...extents.map(([, last]) => last));
    return fitted({ startNs: firstNs, endNs: lastNs, widthPx }, firstNs, lastNs, 0.005);
  }

  /** Moves the window, if need be, so that something of a session is seen. */
  revealSession(session: SessionTimeline): void {
    const [firstNs, lastNs] = extentOf(session);
    const { startNs, endNs } = this.state.window.scale;
    if (lastNs < startNs || firstNs > endNs) {
      this.fit([session]);
    }
  }

  /** Shows the selected fault from its raise to its end; without one the selected time, else everything. */
  fitSelection(): void {
    const { faults } = this.state.trace;
    const i = this.state.selectedIndex;
    if (i !== -1) {
      this.state.window.fit(faults.raisedNs(i), faults.endOrNow(i, this.state.nowNs()), 0.25);
    } else if (!this.fitTime()) {
      this.fitAll();
    }
  }

  /** Shows the selected time. @returns false when there is none */
  fitTime(): boolean {
    const { selection } = this.state.marks;
    if (selection !== null) {
      this.state.window.fit(selection.startNs, selection.endNs, 0.1);
    }
    return selection !== null;
  }

  /** Brings what is selected to the middle of the window; where it is there already, or too wide, fits it. */
  centreThenFit(): void {
    const { faults } = this.state.trace;
    const { selection } = this.state.marks;
    const i = this.state.selectedIndex;
    const stretch =
      i !== -1
        ? { startNs: faults.raisedNs(i), endNs: faults.endOrNow(i, this.state.nowNs()) }
        : (selection ?? { startNs: -Infinity, endNs: Infinity });
    const { startNs, endNs, widthPx } = this.state.window.scale;
    const byNs = (stretch.startNs + stretch.endNs - startNs - endNs) / 2;
    // A fault that is not over grows on after it was centred.
    const wasCentred =
      this.centred?.startNs === stretch.startNs && this.centred.scale === this.state.window.scale;
    const isCentred = wasCentred || !(Math.abs(byNs) >= (endNs - startNs) / widthPx);
    if (isCentred || stretch.endNs - stretch.startNs > endNs - startNs) {
      this.fitSelection();
    } else {
      this.state.window.pan(byNs);
      this.centred = { startNs: stretch.startNs, scale: this.state.window.scale };
    }
  }

  /** Shows the beginning of all sessions, the window as wide as it is; everything when it shows that already. */
  goToStart(): void {
    const firstNs = Math.min(...this.state.sessions.map((session) => extentOf(session)[0]));
    const { startNs, endNs } = this.state.window.scale;
    const byNs = firstNs - gutterShare * (endNs - startNs) - startNs;
    if (Math.abs(byNs) < (endNs - startNs) * 1e-3) {
      this.fitAll();
    } else {
      this.state.window.pan(byNs);
    }
  }

  /** Follows the live edge; where nothing is live, shows the end. */
  goToNow(): void {
    if (this.state.isAnyLive) {
      this.state.window.setFollowing(true);
    } else {
      const lastNs = Math.max(...this.state.sessions.map((session) => extentOf(session)[1]));
      const { startNs, endNs } = this.state.window.scale;
      this.state.window.pan(lastNs + gutterShare * (endNs - startNs) - endNs);
    }
  }
}

/** From a session's first fault, or its start, until its now or end. */
function extentOf(session: SessionTimeline): readonly [number, number] {
  const { faults, lastRowNs } = session.trace;
  const { historyOverview } = session;
  const firstNs = Math.min(faults.firstRaisedNs, historyOverview?.firstNs ?? Infinity);
  const lastNs = Math.max(lastRowNs, Math.min(historyOverview?.lastNs ?? 0, session.hostNowNs()));
  const startNs = firstNs === Infinity ? session.startNs : firstNs;
  return [startNs, session.isLive ? session.nowNs() : Math.max(startNs, lastNs)];
}
