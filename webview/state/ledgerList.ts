/**
 * Keeps the ledger's listing in step with the page's state: at once when it is looked at another
 * way, throttled while rows stream in.
 */
import { type FaultTable } from '../model/faultTable.ts';
import { type LedgerSource } from '../model/ledgerColumns.ts';
import { LedgerListing } from '../model/ledgerListing.ts';
import { RangeIndex } from '../model/rangeIndex.ts';
import { runInSlices } from './slicedWork.ts';
import { type StateChange, type TimelineState } from './timelineState.ts';

/** Rows come up to 60 times a second; a table that moves that often cannot be read. */
const rowsRefreshMs = 250;
/** How often the ages of open faults, and the flags that come with age, are brought up to date. */
const ageRefreshMs = 1000;

const noRanges = new RangeIndex([]);

export class LedgerList {
  readonly listing = new LedgerListing();
  private readonly state: TimelineState;
  private readonly onListed: () => void;
  /** What it was made of last. */
  private listedFaults: FaultTable | null = null;
  private readonly unsubscribe: () => void;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private timerDueMs = Infinity;
  private stopWork: (() => void) | undefined;

  /** @param onListed told whenever the listing or the ages in it have changed */
  constructor(state: TimelineState, onListed: () => void) {
    this.state = state;
    this.onListed = onListed;
    this.unsubscribe = state.subscribe((change) => this.stateChanged(change));
    this.refresh();
  }

  dispose(): void {
    this.unsubscribe();
    clearTimeout(this.timer);
    this.stopWork?.();
  }

  /** What the ledger shows now. */
  source(): LedgerSource {
    const { current, trace, threadName } = this.state;
    return (
      current?.source() ?? { faults: trace.faults, ranges: noRanges, threadName, codeWords: String, nowNs: 0 }
    );
  }

  private stateChanged(change: StateChange): void {
    const isOtherSession = change === 'session' && this.state.trace.faults !== this.listedFaults;
    if (isOtherSession || change === 'ledger' || change === 'filter') {
      this.stopWork?.();
      this.stopWork = undefined;
      this.refreshWithin(0);
    } else if (change === 'rows' || change === 'session') {
      this.refreshWithin(rowsRefreshMs);
    }
  }

  private refreshWithin(delayMs: number): void {
    const dueMs = performance.now() + delayMs;
    if (dueMs < this.timerDueMs) {
      clearTimeout(this.timer);
      this.timerDueMs = dueMs;
      this.timer = setTimeout(() => this.refresh(), delayMs);
    }
  }

  private refresh(): void {
    this.timerDueMs = Infinity;
    if (this.stopWork !== undefined) {
      this.refreshWithin(rowsRefreshMs);
      return;
    }
    const { filter, ledger } = this.state;
    const { sort } = ledger;
    this.listedFaults = this.state.trace.faults;
    this.stopWork = runInSlices(this.listing.refresh(this.source(), filter, sort), () => {
      this.stopWork = undefined;
      this.onListed();
      if (this.state.isLive && this.state.trace.faults.open.size > 0) {
        this.refreshWithin(ageRefreshMs);
      }
    });
  }
}
