/**
 * One session as the page knows it: what the host says of it and its trace, on the page's axis.
 *
 * All times of the page are nanoseconds since the start of the oldest session, so that those of
 * different sessions can be compared: rows are moved there as they come.
 */
import { type Hex } from '../../native-helper/protocol/conventions.ts';
import { type EventRows } from '../../native-helper/log/eventRows.ts';
import { unpackRows } from '../../native-helper/log/packedRows.ts';
import { type ThreadDto } from '../../native-helper/protocol/session.ts';
import { type CodeDto, type SessionHistoryDto, type SessionViewDto } from '../protocol.ts';
import { threadName } from '../model/faultWords.ts';
import { type FaultStatistics } from '../model/faultStatistics.ts';
import { type FilteredFaults } from '../model/filteredFaults.ts';
import { HistoryOverview } from '../model/historyOverview.ts';
import { type LedgerSource } from '../model/ledgerColumns.ts';
import { type MatchedFaults } from '../model/matchedFaults.ts';
import { RangeIndex } from '../model/rangeIndex.ts';
import { type SessionClock } from '../model/sessionClock.ts';
import { type AppendOutcome, Trace } from '../model/trace.ts';
import { SessionOverview } from '../model/sessionOverview.ts';
import { ShownOverview } from '../model/shownOverview.ts';
import { SessionActs } from './sessionActs.ts';
import { remembered } from './remembered.ts';

export class SessionTimeline {
  view: SessionViewDto;
  trace = new Trace();
  /** Of all its faults. */
  overview = new SessionOverview(this.trace.faults, 0);
  /** Rows the bounded history has dropped. */
  droppedRows = 0;
  /** Whether only its header shows. */
  isCollapsed = false;
  readonly acts = new SessionActs();
  /** The faults that the page's filter lets through, null = all. */
  shown: FilteredFaults | null = null;
  /** The statistics of all its faults, null while they are hidden, and of those shown, null = of all. */
  allStatistics: FaultStatistics | null = null;
  shownStatistics: FaultStatistics | null = null;
  /** The faults that the page's search finds; null while nothing is looked for here. */
  found: MatchedFaults | null = null;
  private overviewOfShown: ShownOverview | null = null;
  private ranges = new RangeIndex([]);
  // Names from a view's lists; the functions are others when the lists are.
  private readonly threadNames = remembered((threads: readonly ThreadDto[]) => {
    const comms = new Map(threads.map(({ tid, comm }) => [tid, comm]));
    return (tid: number): string => threadName(tid, comms.get(tid));
  });
  private readonly codesByAddress = remembered(
    (codes: readonly CodeDto[]) => new Map(codes.map((code) => [code.address, code])),
  );
  private readonly codeWords = remembered(
    (codes: readonly CodeDto[]) =>
      (address: Hex): string =>
        wordsOfCode(address, this.codesByAddress(codes).get(address)),
  );
  private startedNs = 0;
  /** Newest row of the history when it was asked for, and of what came at once. */
  private historyRevision = 0;
  private comingHistory: HistoryOverview | null = null;
  private loadedFrom = 0;
  private readonly clock: SessionClock;

  /** @param zeroTimeNs where the page's axis begins, by CLOCK_MONOTONIC */
  constructor(view: SessionViewDto, zeroTimeNs: bigint, clock: SessionClock) {
    this.view = view;
    this.clock = clock;
    this.begin(zeroTimeNs);
  }

  /** The number that people see. */
  get id(): number {
    return this.view.session.sessionId;
  }

  /** Names it across page loads. */
  get key(): string {
    return `${this.id}@${this.view.session.startTimeNs}`;
  }

  get isLive(): boolean {
    return this.view.endText === null;
  }

  /** Its start. */
  get startNs(): number {
    return this.startedNs;
  }

  /** Its clock, which stands still after its end. */
  nowNs(): number {
    return this.isLive ? this.clock.nowNs() : this.hostNowNs();
  }

  /** Its clock when the host spoke last; no row is later. */
  hostNowNs(): number {
    return Math.max(this.startedNs + this.view.nowNs, this.trace.lastRowNs);
  }

  /** Of the faults that are shown, null while all are; whoever shows it brings it up to date. */
  get shownOverview(): ShownOverview | null {
    const { shown, trace, startedNs } = this;
    if (shown === null) {
      this.overviewOfShown = null;
    } else if (this.overviewOfShown?.of !== shown) {
      this.overviewOfShown = new ShownOverview(shown, trace.faults, startedNs);
    }
    return this.overviewOfShown;
  }

  /** Whether the filter lets fault `i` through. */
  readonly isShown = (i: number): boolean => this.shown === null || this.shown.has(i);

  /** The shown fault that was raised last, -1 for none. */
  get lastShown(): number {
    const { faults } = this.trace;
    return this.shown === null
      ? faults.count - 1
      : this.shown.lastBetween(faults.first, this.shown.seenCount);
  }

  /** What to call a thread. */
  readonly threadName = (tid: number): string => this.threadNames(this.view.threads)(tid);

  /** What to call an instruction: its function, where that is known, else where it is. */
  readonly codeName = (address: Hex): string => {
    const name = this.code(address)?.name ?? '';
    return name === '' ? address : name;
  };

  /** What is known of an instruction. */
  code(address: Hex): CodeDto | undefined {
    return this.codesByAddress(this.view.codes).get(address);
  }

  /** What filter and ledger are made of; its parts stay the same objects until they change. */
  source(): LedgerSource {
    return {
      faults: this.trace.faults,
      ranges: this.rangeIndex(),
      threadName: this.threadNames(this.view.threads),
      codeWords: this.codeWords(this.view.codes),
      nowNs: this.nowNs(),
    };
  }

  /** Replaces all that is known by the host's history. */
  load({ view, batches, overview, droppedRows }: SessionHistoryDto, zeroTimeNs: bigint): void {
    this.view = view;
    this.historyRevision = view.revision;
    this.droppedRows = droppedRows;
    this.begin(zeroTimeNs);
    for (const batch of batches) {
      this.trace.load(this.placed(unpackRows(batch)));
    }
    this.loadedFrom = this.trace.lastSequence;
    this.comingHistory = overview.length === 0 ? null : new HistoryOverview(overview, this.startedNs);
    this.trace.expectThreads(this.comingHistory?.tids ?? []);
    this.setView(view);
  }

  /** How much of the history has come, from 0 to 1; 1 once all has. */
  get loadedShare(): number {
    const { historyRevision, loadedFrom, trace } = this;
    return trace.lastSequence >= historyRevision
      ? 1
      : (trace.lastSequence - loadedFrom) / (historyRevision - loadedFrom);
  }

  /** What the part of the history that has not come yet looks like; null once all has come. */
  get historyOverview(): HistoryOverview | null {
    return this.loadedShare < 1 ? this.comingHistory : null;
  }

  setView(view: SessionViewDto): void {
    // What is made of a list is made anew only when the list is another.
    const { threads, codes, session } = this.view;
    this.view = {
      ...view,
      threads: sameOr(threads, view.threads),
      codes: sameOr(codes, view.codes),
      session: { ...view.session, ranges: sameOr(session.ranges, view.session.ranges) },
    };
    // Of a file, fewer rows may come than it seemed to have.
    this.historyRevision = Math.min(this.historyRevision, view.revision);
    // Then the threads of its faults are no more.
    this.trace.faults.isProcessGone = ['targetExited', 'targetExeced', 'memoryGone'].includes(
      view.endReason ?? '',
    );
  }

  /** Takes up rows that follow on row `afterSequence`. */
  append(batch: ArrayBuffer, afterSequence: number): AppendOutcome {
    return this.trace.append(this.placed(unpackRows(batch)), afterSequence);
  }

  private begin(zeroTimeNs: bigint): void {
    this.startedNs = Number(BigInt(this.view.session.startTimeNs) - zeroTimeNs);
    this.trace = new Trace(this.startedNs, () => this.rangeIndex());
    this.overview = new SessionOverview(this.trace.faults, this.startedNs);
    this.trace.faults.observe(this.overview);
  }

  /** The ranges that are registered now. */
  private rangeIndex(): RangeIndex {
    const { ranges } = this.view.session;
    if (ranges !== this.ranges.ranges) {
      this.ranges = new RangeIndex(ranges);
    }
    return this.ranges;
  }

  /** The rows with their times on the page's axis. */
  private placed(rows: EventRows): EventRows {
    return this.startedNs === 0
      ? rows
      : { ...rows, timeNs: rows.timeNs.map((timeNs) => this.startedNs + timeNs) };
  }
}

/** The list from before if it says the same. */
function sameOr<Item>(before: readonly Item[], now: readonly Item[]): readonly Item[] {
  const isSame =
    before === now || (before.length === now.length && JSON.stringify(before) === JSON.stringify(now));
  return isSame ? before : now;
}

/** All that an instruction can be found by. */
function wordsOfCode(address: Hex, code: CodeDto | undefined): string {
  const { name = '', source = null } = code ?? {};
  return `${address} ${name} ${source === null ? '' : `${source.path}:${source.line}`}`;
}
