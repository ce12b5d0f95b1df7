/**
 * All the page knows and shows, in one place: the sessions and which of them is the current one,
 * the visible stretch of time, the selection in the current session, and what was typed and
 * answered. Changed only through its methods, each of which tells the listeners what changed;
 * drawing and storing follow from that.
 */
import { type RangeDto } from '../../native-helper/protocol.ts';
import {
  type HydrateDto,
  type RowsDidAppendParams,
  type SessionsDto,
  type SessionViewDto,
} from '../protocol.ts';
import { everyFault, type FaultFilter } from '../model/faultFilter.ts';
import { firstRaisedFrom, type FaultSearch, neighbourMatch, noSearch } from '../model/faultSearch.ts';
import { heldInRange } from '../model/faultsInBox.ts';
import { threadName } from '../model/faultWords.ts';
import { type LaneBy } from '../model/laneSet.ts';
import { initialLedgerView, type LedgerView } from '../model/ledgerView.ts';
import {
  nothingSelected,
  onlySelected,
  type Selection,
  severalSelected,
  stillKnown,
  toggled,
} from '../model/selection.ts';
import { fitted, type TimeScale } from '../model/timeScale.ts';
import { type AppendOutcome, Trace } from '../model/trace.ts';
import { type ResolveChange, ResolveState } from './resolveState.ts';
import { SessionSet } from './sessionSet.ts';
import { type SessionTimeline } from './sessionTimeline.ts';
import { TimeMarks, type TimeMarksChange } from './timeMarks.ts';
import { TimeWindow } from './timeWindow.ts';

/**
 * What changed: session = which one is current, or what is known of it; sessions = the others, or
 * what of them shows; rows = those of the current session; otherRows = of another; filter = what is
 * let through; search = what is looked for; shown = which faults those are.
 */
export type StateChange =
  | 'session'
  | 'sessions'
  | 'rows'
  | 'otherRows'
  | 'window'
  | 'selection'
  | 'ledger'
  | 'statistics'
  | 'filter'
  | 'search'
  | 'shown'
  | 'lanes'
  | TimeMarksChange
  | ResolveChange;
export type StateListener = (change: StateChange) => void;

const noTrace = new Trace();

/** Part of the window left free beyond the first and the last fault, so that they can be pointed at. */
const gutterShare = 0.02;

export class TimelineState {
  private readonly set = new SessionSet();
  /** Whether the host has said what there is. */
  private isTold = false;
  /** Why the host's data could not be loaded; null when it could. */
  loadError: string | null = null;
  /** The visible stretch of time. */
  readonly window = new TimeWindow(
    () => this.edgeNs(),
    () => this.windowChanged(),
  );
  /** How faults are grouped into lanes. */
  laneBy: LaneBy = 'thread';
  /** Sum of the latest faults' ids when following was paused; null while the live edge is followed. */
  private faultsAtPause: number | null = null;
  /** The selected stretch of time, and the marks. */
  readonly marks = new TimeMarks((change) => this.changed(change));
  /** Where what was centred last begins, and what the window showed then. */
  private centred: { readonly startNs: number; readonly scale: TimeScale } | null = null;
  private selection: Selection = nothingSelected;
  /** The indexes of a selection in a trace, looked up once. */
  private indexed: { selection: Selection; trace: Trace; indexes: readonly number[] } = {
    selection: nothingSelected,
    trace: noTrace,
    indexes: [],
  };
  /** A fault to show as soon as it is known. */
  private awaited: { readonly sessionId: number; readonly faultId: number } | null = null;
  search: FaultSearch = noSearch;
  ledger: LedgerView = initialLedgerView;
  isShowingStatistics = false;
  /** Which faults every view shows. */
  filter: FaultFilter = everyFault;
  /** What the details pane knows besides the trace. */
  readonly resolving = new ResolveState((change) => this.changed(change));
  private readonly listeners = new Set<StateListener>();

  /** Calls `listener` at every change; returns how to stop that. */
  subscribe(listener: StateListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private windowChanged(): void {
    if (this.window.isFollowing) {
      this.faultsAtPause = null;
    } else {
      this.faultsAtPause ??= this.latestIds();
    }
    this.changed('window');
  }

  /** Faults that came since the live edge is no longer followed. */
  get newFaultCount(): number {
    const { faultsAtPause } = this;
    return faultsAtPause === null || !this.isAnyLive ? 0 : Math.max(0, this.latestIds() - faultsAtPause);
  }

  /** Ids of the latest faults, summed up: they ascend by one, also while old faults are forgotten. */
  private latestIds(): number {
    return this.sessions.reduce((sum, { trace: { faults } }) => {
      return sum + (faults.count === 0 ? 0 : faults.id(faults.count - 1));
    }, 0);
  }

  private changed(change: StateChange): void {
    for (const listener of this.listeners) {
      listener(change);
    }
  }

  // ---- the sessions ------------------------------------------------------------

  /** Oldest first. */
  get sessions(): readonly SessionTimeline[] {
    return this.set.list;
  }

  /** The session that details, ledger, form and commands are about; null when there is none. */
  get current(): SessionTimeline | null {
    return this.set.current;
  }

  /** What the host says of the current session; null without one, undefined until it has said anything. */
  get view(): SessionViewDto | null | undefined {
    return this.isTold ? (this.current?.view ?? null) : undefined;
  }

  /** Names the current session across page loads; null without one. */
  get sessionKey(): string | null {
    return this.current?.key ?? null;
  }

  /** Of the current session. */
  get trace(): Trace {
    return this.current?.trace ?? noTrace;
  }

  /** Whether the current session goes on. */
  get isLive(): boolean {
    return this.current?.isLive === true;
  }

  /** Whether it was read from a trace file: there is no process to act on. */
  get isRecording(): boolean {
    return this.view?.endReason === 'recording';
  }

  /** Whether any session goes on, and so does time. */
  get isAnyLive(): boolean {
    return this.set.isAnyLive;
  }

  /** The live edge; while no session is live, the latest end. */
  edgeNs(): number {
    return this.set.clock.nowNs();
  }

  /** The clock of the current session. */
  nowNs(): number {
    return this.current?.nowNs() ?? 0;
  }

  /** What to call a thread of the current session. */
  readonly threadName = (tid: number): string => this.current?.threadName(tid) ?? threadName(tid, undefined);

  /** Makes another session the current one; nothing of it is selected. */
  show(session: SessionTimeline): void {
    if (session !== this.current) {
      this.set.current = session;
      this.currentChanged();
      this.changed('session');
    }
  }

  /** Makes a session the current one and moves the window, if need be, to where it is seen. */
  goTo(session: SessionTimeline): void {
    this.show(session);
    this.revealSession(session);
  }

  /** Goes to the next (1) or previous (-1) session, round at the end. */
  goToNeighbour(step: 1 | -1): void {
    const session = this.set.neighbour(step);
    if (session !== null) {
      this.goTo(session);
    }
  }

  /** Shows only a session's header, or its lanes too. */
  setCollapsed(session: SessionTimeline, isCollapsed: boolean): void {
    session.isCollapsed = isCollapsed;
    this.changed('sessions');
  }

  private currentChanged(): void {
    const { current } = this;
    if (current !== null) {
      this.resolving.show(current.acts);
    }
    this.select(null);
  }

  /** What the user does in this session has come further. */
  actsChanged(session: SessionTimeline): void {
    if (session === this.current) {
      this.changed('results');
    }
  }

  // ---- what the host says ----------------------------------------------------

  /** Replaces all that is known by the host's snapshot. */
  hydrate(snapshot: HydrateDto): void {
    this.taking(() => {
      const byNs = this.set.hydrate(snapshot);
      this.window.moveAxis(byNs);
      this.marks.moveAxis(byNs);
      return true;
    });
    this.setSelection(stillKnown(this.selection, this.trace.faults));
    this.showAwaited();
  }

  /** Takes up which sessions there are now. @returns false when they must be hydrated */
  setSessions(sessions: SessionsDto<SessionViewDto>): boolean {
    return this.taking(() => this.set.change(sessions));
  }

  private taking(take: () => boolean): boolean {
    const { current } = this;
    const known = new Set(this.sessions);
    const isComplete = take();
    this.isTold = true;
    const isOther = this.current !== current;
    if (isOther) {
      this.currentChanged();
    }
    if (isOther && this.current !== null) {
      if (known.has(this.current)) {
        this.revealSession(this.current);
      } else {
        this.begin(this.current, known.size === 0);
      }
    }
    this.window.moveWithLiveEdge();
    this.changed('session');
    return isComplete;
  }

  /** A session has begun, or the page has. */
  private begin(session: SessionTimeline, isFirst: boolean): void {
    if (!session.isLive) {
      this.fit([session]);
      return;
    }
    if (isFirst || !this.window.isFollowing) {
      this.window.begin(session.startNs);
    }
  }

  /** Takes up what has changed of one session. */
  setView(view: SessionViewDto): void {
    const session = this.set.byId(view.session.sessionId);
    if (session !== null) {
      session.setView(view);
      this.set.setClock();
      this.changed(session === this.current ? 'session' : 'sessions');
    }
  }

  setLoadError(error: string | null): void {
    this.loadError = error;
    this.changed('session');
  }

  append(rows: RowsDidAppendParams): AppendOutcome {
    const outcome = this.set.append(rows);
    if (outcome === 'appended') {
      this.window.moveWithLiveEdge();
      this.changed(rows.sessionId === this.current?.id ? 'rows' : 'otherRows');
      this.showAwaited();
    }
    return outcome;
  }

  // ---- what of time is shown ---------------------------------------------------

  /** Shows everything from the first fault until now, of all sessions whose lanes show. */
  fitAll(): void {
    const open = this.sessions.filter(({ isCollapsed }) => !isCollapsed);
    this.fit(open.length === 0 ? this.sessions : open);
  }

  private fit(sessions: readonly SessionTimeline[]): void {
    const extents = sessions.map((session) => extentOf(session));
    const firstNs = Math.min(...extents.map(([first]) => first));
    const lastNs = Math.max(...extents.map(([, last]) => last));
    if (sessions.length > 0) {
      this.window.fit(firstNs, Math.max(lastNs, firstNs + 1000));
    }
  }

  /** All time of all sessions on `widthPx` pixels. */
  wholeScale(widthPx: number): TimeScale {
    const extents = this.sessions.map((session) => extentOf(session));
    const firstNs = extents.length === 0 ? 0 : Math.min(...extents.map(([first]) => first));
    const lastNs = Math.max(firstNs + 1000, ...extents.map(([, last]) => last));
    return fitted({ startNs: firstNs, endNs: lastNs, widthPx }, firstNs, lastNs, 0.005);
  }

  /** Moves the window, if need be, so that something of a session is seen. */
  private revealSession(session: SessionTimeline): void {
    const [firstNs, lastNs] = extentOf(session);
    const { startNs, endNs } = this.window.scale;
    if (lastNs < startNs || firstNs > endNs) {
      this.fit([session]);
    }
  }

  /** Shows the selected fault from its raise to its end; without one the selected time, else everything. */
  fitSelection(): void {
    const { faults } = this.trace;
    const i = this.selectedIndex;
    if (i !== -1) {
      this.window.fit(faults.raisedNs(i), faults.endOrNow(i, this.nowNs()), 0.25);
    } else if (!this.fitTime()) {
      this.fitAll();
    }
  }

  /** Shows the selected time. @returns false when there is none */
  fitTime(): boolean {
    const { selection } = this.marks;
    if (selection !== null) {
      this.window.fit(selection.startNs, selection.endNs, 0.1);
    }
    return selection !== null;
  }

  /** Brings what is selected to the middle of the window; where it is there already, or too wide, fits it. */
  centreThenFit(): void {
    const { faults } = this.trace;
    const { selection } = this.marks;
    const i = this.selectedIndex;
    const stretch =
      i !== -1
        ? { startNs: faults.raisedNs(i), endNs: faults.endOrNow(i, this.nowNs()) }
        : (selection ?? { startNs: -Infinity, endNs: Infinity });
    const { startNs, endNs, widthPx } = this.window.scale;
    const byNs = (stretch.startNs + stretch.endNs - startNs - endNs) / 2;
    // A fault that is not over grows on after it was centred.
    const wasCentred = this.centred?.startNs === stretch.startNs && this.centred.scale === this.window.scale;
    const isCentred = wasCentred || !(Math.abs(byNs) >= (endNs - startNs) / widthPx);
    if (isCentred || stretch.endNs - stretch.startNs > endNs - startNs) {
      this.fitSelection();
    } else {
      this.window.pan(byNs);
      this.centred = { startNs: stretch.startNs, scale: this.window.scale };
    }
  }

  /** Shows the beginning of all sessions, the window as wide as it is; everything when it shows that already. */
  goToStart(): void {
    const firstNs = Math.min(...this.sessions.map((session) => extentOf(session)[0]));
    const { startNs, endNs } = this.window.scale;
    const byNs = firstNs - gutterShare * (endNs - startNs) - startNs;
    if (Math.abs(byNs) < (endNs - startNs) * 1e-3) {
      this.fitAll();
    } else {
      this.window.pan(byNs);
    }
  }

  /** Follows the live edge; where nothing is live, shows the end. */
  goToNow(): void {
    if (this.isAnyLive) {
      this.window.setFollowing(true);
    } else {
      const lastNs = Math.max(...this.sessions.map((session) => extentOf(session)[1]));
      const { startNs, endNs } = this.window.scale;
      this.window.pan(lastNs + gutterShare * (endNs - startNs) - endNs);
    }
  }

  // ---- selection in the current session ------------------------------------------

  /** Ids of the selected faults, in the order of selection. */
  get selectedIds(): readonly number[] {
    return this.selection.ids;
  }

  /** Id of the selected fault whose details show, or null. */
  get selectedId(): number | null {
    return this.selection.primaryId;
  }

  /** Index of that fault in the table, -1 when there is none. */
  get selectedIndex(): number {
    return this.selectedId === null ? -1 : this.trace.faults.indexOf(this.selectedId);
  }

  /** Indexes of the selected faults, in the order of selection. */
  get selectedIndexes(): readonly number[] {
    const { selection, trace } = this;
    if (this.indexed.selection !== selection || this.indexed.trace !== trace) {
      this.indexed = { selection, trace, indexes: selection.ids.map((id) => trace.faults.indexOf(id)) };
    }
    return this.indexed.indexes;
  }

  /** Selects one fault by id, or none; the window then stays where it is. */
  select(faultId: number | null): void {
    this.setSelection(faultId === null ? nothingSelected : onlySelected(faultId));
  }

  /** Selects these faults; the primary one stays if it is among them, else it is the last. */
  selectMany(ids: readonly number[], primaryId = this.selectedId): void {
    this.setSelection(severalSelected(ids, primaryId));
  }

  /** Adds a fault to the selection, or takes it out. */
  toggleSelected(faultId: number): void {
    this.setSelection(toggled(this.selection, faultId));
  }

  /**
   * Selects from where the selection began to fault `to`, which becomes the primary one.
   * @param between the fault indexes from one to another, both among them
   */
  extendSelection(to: number, between: (from: number, to: number) => readonly number[]): void {
    const { faults } = this.trace;
    const anchorId = this.selection.anchorId ?? faults.id(to);
    const ids = between(faults.indexOf(anchorId), to).map((i) => faults.id(i));
    this.setSelection(severalSelected(ids, faults.id(to), anchorId));
  }

  /** Selects every held fault that is shown, oldest first. */
  selectAllHeld(): void {
    const { faults } = this.trace;
    this.selectHeld([...faults.open].filter((i) => faults.isHeld(i)));
  }

  /** Selects every held fault of a range that is shown, oldest first. */
  selectHeldInRange(range: Pick<RangeDto, 'start' | 'lengthBytes'>): void {
    this.selectHeld(heldInRange(this.trace.faults, BigInt(range.start), BigInt(range.lengthBytes)));
  }

  private selectHeld(held: readonly number[]): void {
    const { faults } = this.trace;
    const indexes = held.filter((i) => this.current?.isShown(i) === true);
    const isPrimaryHeld = indexes.includes(this.selectedIndex);
    const primary = isPrimaryHeld ? this.selectedIndex : indexes[0];
    if (primary !== undefined) {
      this.selectMany(
        indexes.map((i) => faults.id(i)),
        faults.id(primary),
      );
      this.reveal(primary);
    }
  }

  private setSelection(selection: Selection): void {
    const { ids, primaryId } = this.selection;
    const isSame =
      primaryId === selection.primaryId &&
      ids.length === selection.ids.length &&
      ids.every((id, n) => id === selection.ids[n]);
    if (isSame) {
      return;
    }
    this.selection = selection;
    if (selection.primaryId !== null) {
      this.awaited = null;
      this.window.setFollowing(false);
      if (this.current?.isCollapsed === true) {
        this.setCollapsed(this.current, false);
      }
    }
    this.changed('selection');
  }

  /** Selects fault `i` and moves the window, if need be, so that it is seen. */
  selectAndReveal(i: number): void {
    this.select(this.trace.faults.id(i));
    this.reveal(i);
  }

  /** Selects and reveals a fault of any session: at once, or when its rows have come, if nothing is selected until then. */
  showFault(sessionId: number, faultId: number): void {
    const session = this.set.byId(sessionId);
    const i = session?.trace.faults.indexOf(faultId) ?? -1;
    const isKnown = session !== null && i !== -1;
    this.awaited = isKnown ? null : { sessionId, faultId };
    if (isKnown) {
      this.show(session);
      this.selectAndReveal(i);
    }
  }

  private showAwaited(): void {
    if (this.awaited !== null) {
      this.showFault(this.awaited.sessionId, this.awaited.faultId);
    }
  }

  /** Moves the window, if need be, so that fault `i` is seen. */
  reveal(i: number): void {
    const { faults } = this.trace;
    this.window.reveal(faults.raisedNs(i), faults.endOrNow(i, this.nowNs()));
  }

  // ---- the lanes -----------------------------------------------------------------

  /** Groups the faults of all sessions into lanes this way; the old lanes show until that is done. */
  setLaneBy(laneBy: LaneBy): void {
    this.laneBy = laneBy;
    this.changed('lanes');
  }

  /** The lanes of a session are others now. */
  lanesChanged(): void {
    this.changed('sessions');
  }

  // ---- the ledger ----------------------------------------------------------------

  setLedger(change: Partial<LedgerView>): void {
    this.ledger = { ...this.ledger, ...change };
    this.changed('ledger');
  }

  setStatisticsShown(isShown: boolean): void {
    this.isShowingStatistics = isShown;
    this.changed('statistics');
  }

  // ---- the filter ----------------------------------------------------------------

  /** Changes parts of what every view shows. */
  setFilter(change: Partial<FaultFilter>): void {
    this.filter = { ...this.filter, ...change };
    this.changed('filter');
  }

  // ---- the search ----------------------------------------------------------------

  setSearch(change: Partial<FaultSearch>): void {
    this.search = { ...this.search, ...change };
    this.changed('search');
  }

  /**
   * Selects and reveals the next (1) or previous (-1) fault that the search finds, round at the ends.
   * @returns false when none is found, or none yet
   */
  goToMatch(direction: 1 | -1): boolean {
    const { current, selectedIndex } = this;
    const { faults } = this.trace;
    const found = current?.found ?? null;
    if (found === null) {
      return false;
    }
    // With nothing selected, from what is seen on.
    const seen = firstRaisedFrom(faults, this.window.scale.startNs);
    const from = selectedIndex !== -1 ? selectedIndex : direction === 1 ? seen - 1 : seen;
    const i = neighbourMatch(found, faults, from, direction);
    if (i !== -1) {
      this.selectAndReveal(i);
    }
    return i !== -1;
  }

  /** The faults that pass the filter, or that the search finds, have become more, or others. */
  shownChanged(): void {
    this.changed('shown');
  }
}

/** From a session's first fault, or its start, until its now or end. */
function extentOf(session: SessionTimeline): readonly [number, number] {
  const { faults, lastRowNs } = session.trace;
  const firstNs = faults.count === 0 ? session.startNs : faults.firstRaisedNs;
  return [firstNs, session.isLive ? session.nowNs() : Math.max(firstNs, lastRowNs)];
}
