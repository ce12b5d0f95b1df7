/**
 * All the page knows and shows, in one place: the session and its trace, the visible
 * stretch of time, the selection, and what was typed and answered. Changed only through its
 * methods, each of which tells the listeners what changed; drawing and storing follow from that.
 */
import { type RangeDto } from '../../native-helper/protocol.ts';
import { unpackRows } from '../../native-helper/log/packedRows.ts';
import { type HydrateDto, type SessionViewDto } from '../protocol.ts';
import { heldInRange } from '../model/faultsInBox.ts';
import { threadName } from '../model/faultWords.ts';
import { initialLedgerView, type LedgerView } from '../model/ledgerView.ts';
import {
  nothingSelected,
  onlySelected,
  type Selection,
  severalSelected,
  stillKnown,
  toggled,
} from '../model/selection.ts';
import { SessionClock } from '../model/sessionClock.ts';
import { fitted, following, panned, type TimeScale, zoomed } from '../model/timeScale.ts';
import { type AppendOutcome, Trace } from '../model/trace.ts';
import { type ResolveChange, ResolveState } from './resolveState.ts';

export type StateChange = 'session' | 'rows' | 'window' | 'selection' | 'ledger' | ResolveChange;
export type StateListener = (change: StateChange) => void;

const initialSpanNs = 10e9;
const fitMarginShare = 0.04;

export class TimelineState {
  /** Null when nothing has been attached; undefined until the host has said. */
  view: SessionViewDto | null | undefined = undefined;
  /** Why the host's data could not be loaded; null when it could. */
  loadError: string | null = null;
  trace = new Trace();
  droppedRows = 0;
  readonly clock = new SessionClock(() => performance.now());
  scale: TimeScale = { startNs: 0, endNs: initialSpanNs, widthPx: 1 };
  /** Whether the window moves with the live edge. */
  isFollowing = true;
  private selection: Selection = nothingSelected;
  /** The indexes of a selection in a trace, looked up once. */
  private indexed: { selection: Selection; trace: Trace; indexes: readonly number[] } = {
    selection: nothingSelected,
    trace: this.trace,
    indexes: [],
  };
  ledger: LedgerView = initialLedgerView;
  /** What the details pane knows besides the trace. */
  readonly resolving = new ResolveState(
    () => this.clock.nowNs(),
    (change) => this.changed(change),
  );
  private readonly listeners = new Set<StateListener>();

  /** Calls `listener` at every change; returns how to stop that. */
  subscribe(listener: StateListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private changed(change: StateChange): void {
    for (const listener of this.listeners) {
      listener(change);
    }
  }

  /** Whether there is a session that goes on. */
  get isLive(): boolean {
    return this.view?.endText === null;
  }

  /** Whether the session ended because the threads of its faults are no more. */
  private get isProcessGone(): boolean {
    return ['targetExited', 'targetExeced', 'memoryGone'].includes(this.view?.endReason ?? '');
  }

  /** Names the session across page loads; null without one. */
  get sessionKey(): string | null {
    const session = this.view?.session;
    return session === undefined ? null : `${session.sessionId}@${session.startTimeNs}`;
  }

  /** What to call a thread. */
  readonly threadName = (tid: number): string =>
    threadName(tid, this.view?.threads.find((thread) => thread.tid === tid)?.comm);

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

  // ---- what the host says ----------------------------------------------------

  /** Replaces all that is known by the host's snapshot. */
  hydrate(snapshot: HydrateDto): void {
    const oldKey = this.sessionKey;
    this.view = snapshot.view;
    this.trace = new Trace();
    for (const batch of snapshot.batches) {
      this.trace.load(unpackRows(batch));
    }
    this.trace.faults.isProcessGone = this.isProcessGone;
    this.droppedRows = snapshot.droppedRows;
    const isNew = this.sessionKey !== oldKey;
    if (isNew) {
      this.beginSession();
    }
    this.setClock(snapshot.nowNs);
    if (isNew && !this.isLive) {
      this.fitAll();
    }
    this.changed('session');
    this.setSelection(stillKnown(this.selection, this.trace.faults));
  }

  setLoadError(error: string | null): void {
    this.loadError = error;
    this.changed('session');
  }

  setView(view: SessionViewDto | null): void {
    const oldKey = this.sessionKey;
    this.view = view;
    if (this.sessionKey !== oldKey) {
      this.trace = new Trace();
      this.droppedRows = 0;
      this.beginSession();
    }
    this.trace.faults.isProcessGone = this.isProcessGone;
    this.setClock(this.clock.nowNs());
    this.changed('session');
  }

  append(batch: ArrayBuffer, nowNs: number): AppendOutcome {
    const outcome = this.trace.append(unpackRows(batch));
    if (outcome === 'appended') {
      this.setClock(nowNs);
      this.changed('rows');
    }
    return outcome;
  }

  private beginSession(): void {
    this.clock.reset();
    this.resolving.beginSession();
    this.scale = { ...this.scale, startNs: -0.02 * initialSpanNs, endNs: 0.98 * initialSpanNs };
    this.isFollowing = true;
    this.select(null);
  }

  private setClock(nowNs: number): void {
    this.clock.set(Math.max(nowNs, this.trace.lastRowNs), this.isLive);
    this.moveWithLiveEdge();
  }

  // ---- the visible stretch of time ---------------------------------------------

  setWidth(widthPx: number): void {
    if (widthPx !== this.scale.widthPx) {
      this.scale = { ...this.scale, widthPx };
      this.changed('window');
    }
  }

  /** Shows this stretch of time as it is, and stops following. */
  showWindow(startNs: number, endNs: number): void {
    this.scale = { ...this.scale, startNs, endNs };
    this.setFollowing(false);
  }

  /** Moves the window; the live edge is no longer followed. */
  pan(byNs: number): void {
    this.scale = panned(this.scale, byNs);
    this.setFollowing(false);
  }

  /** Moves the window so that `timeNs` is in its middle, unless it is well seen already. */
  centre(timeNs: number): void {
    const { startNs, endNs } = this.scale;
    const marginNs = 0.1 * (endNs - startNs);
    if (timeNs < startNs + marginNs || timeNs > endNs - marginNs) {
      this.pan(timeNs - (startNs + endNs) / 2);
    }
  }

  /** Zooms by `factor` about `atNs`; while following, about the live edge. */
  zoom(factor: number, atNs: number): void {
    this.scale = zoomed(this.scale, factor, this.isFollowing ? this.clock.nowNs() : atNs);
    this.moveWithLiveEdge();
    this.changed('window');
  }

  /** Shows everything from the first fault until now. */
  fitAll(): void {
    const { faults } = this.trace;
    const firstNs = faults.count === 0 ? 0 : faults.raisedNs[0]!;
    const lastNs = this.isLive ? this.clock.nowNs() : this.trace.lastRowNs;
    this.scale = fitted(this.scale, firstNs, Math.max(lastNs, firstNs + 1000), fitMarginShare);
    this.setFollowing(false);
  }

  /** Shows the selected fault from its raise to its end; everything when there is none. */
  fitSelection(): void {
    const { faults } = this.trace;
    const i = this.selectedIndex;
    if (i === -1) {
      this.fitAll();
      return;
    }
    this.scale = fitted(this.scale, faults.raisedNs[i]!, faults.endOrNow(i, this.clock.nowNs()), 0.25);
    this.setFollowing(false);
  }

  setFollowing(isFollowing: boolean): void {
    this.isFollowing = isFollowing;
    this.moveWithLiveEdge();
    this.changed('window');
  }

  /** Moves the window so that the live edge is in it, if it is being followed. */
  moveWithLiveEdge(): void {
    if (this.isFollowing) {
      this.scale = following(this.scale, this.clock.nowNs());
    }
  }

  // ---- selection ---------------------------------------------------------------

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
    const { id } = this.trace.faults;
    const anchorId = this.selection.anchorId ?? id[to]!;
    const ids = between(this.trace.faults.indexOf(anchorId), to).map((i) => id[i]!);
    this.setSelection(severalSelected(ids, id[to], anchorId));
  }

  /** Selects every held fault, oldest first. */
  selectAllHeld(): void {
    const { faults } = this.trace;
    this.selectHeld([...faults.open].filter((i) => faults.isHeld(i)));
  }

  /** Selects every held fault of a range, oldest first. */
  selectHeldInRange(range: Pick<RangeDto, 'start' | 'lengthBytes'>): void {
    this.selectHeld(heldInRange(this.trace.faults, BigInt(range.start), BigInt(range.lengthBytes)));
  }

  private selectHeld(indexes: readonly number[]): void {
    const { faults } = this.trace;
    const isPrimaryHeld = indexes.includes(this.selectedIndex);
    const primary = isPrimaryHeld ? this.selectedIndex : indexes[0];
    if (primary !== undefined) {
      this.selectMany(
        indexes.map((i) => faults.id[i]!),
        faults.id[primary],
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
      this.setFollowing(false);
    }
    this.changed('selection');
  }

  /** Selects fault `i` and moves the window, if need be, so that it is seen. */
  selectAndReveal(i: number): void {
    this.select(this.trace.faults.id[i]!);
    this.reveal(i);
  }

  /** Moves the window, if need be, so that fault `i` is seen. */
  reveal(i: number): void {
    const { faults } = this.trace;
    const { startNs, endNs } = this.scale;
    const raisedNs = faults.raisedNs[i]!;
    const doneNs = faults.endOrNow(i, this.clock.nowNs());
    if (
      doneNs < startNs ||
      raisedNs > endNs ||
      (raisedNs < startNs && doneNs < startNs + 0.05 * (endNs - startNs))
    ) {
      this.pan((raisedNs + Math.min(doneNs, raisedNs + (endNs - startNs))) / 2 - (startNs + endNs) / 2);
    }
  }

  // ---- the ledger ----------------------------------------------------------------

  setLedger(change: Partial<LedgerView>): void {
    this.ledger = { ...this.ledger, ...change };
    this.changed('ledger');
  }
}
