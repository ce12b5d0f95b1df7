/**
 * All the page knows and shows, in one place: the sessions and which of them is the current one,
 * the visible stretch of time, the selection in the current session, and what was typed and
 * answered. Changed only through its methods, each of which tells the listeners what changed;
 * drawing and storing follow from that.
 */
import { type Hex } from '../../native-helper/protocol/conventions.ts';
import {
  type HydrateDto,
  type RowsDidAppendParams,
  type SessionsDto,
  type SessionViewDto,
} from '../protocol.ts';
import { everyFault, type FaultFilter } from '../model/faultFilter.ts';
import { type FaultSearch, noSearch } from '../model/faultSearch.ts';
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
import { type AppendOutcome, Trace } from '../model/trace.ts';
import { type ResolveChange, ResolveState } from './resolveState.ts';
import { SessionSet } from './sessionSet.ts';
import { type SessionTimeline } from './sessionTimeline.ts';
import { ShownTime } from './shownTime.ts';
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
  /** Moves the window over all time. */
  readonly time = new ShownTime(this);
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

  /** What to call an instruction of the current session. */
  readonly codeName = (address: Hex): string => this.current?.codeName(address) ?? address;

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
    this.time.revealSession(session);
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
        this.time.revealSession(this.current);
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
      this.time.fit([session]);
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

  /** The faults that pass the filter, or that the search finds, have become more, or others. */
  shownChanged(): void {
    this.changed('shown');
  }
}
