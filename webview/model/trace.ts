/** Everything this page knows about a session's faults: a fold over the log rows it was sent. */
import { actorCode, type EventRows } from '../../native-helper/log/eventRows.ts';
import { isServed } from '../../native-helper/log/servedRows.ts';
import { OpenFaults } from '../../native-helper/log/openFaults.ts';
import { type FaultTable } from './faultTable.ts';
import { FaultTableWriter } from './faultTableWriter.ts';
import { Gaps } from './gaps.ts';
import { type LaneBy, LaneSet } from './laneSet.ts';
import { MapEvents } from './mapEvents.ts';
import { RangeIndex } from './rangeIndex.ts';
import { type HistoryRow, RowHistory } from './rowHistory.ts';

/** What became of a batch: appended = some of its rows were new; gap = rows before it are missing. */
export type AppendOutcome = 'appended' | 'known' | 'gap';

export class Trace {
  readonly faults: FaultTable;
  /** The lanes that are shown. */
  lanes: LaneSet;
  readonly rows = new RowHistory();
  readonly events = new MapEvents();
  readonly gaps = new Gaps();
  /** Time of the latest row. */
  lastRowNs = 0;
  private readonly writer: FaultTableWriter;
  private readonly fold: OpenFaults;
  private readonly ranges: () => RangeIndex;
  private stopLanes: () => void;
  /** Sequence number the next batch starts with. */
  private nextSequence = 1;

  /**
   * @param startNs the session's start
   * @param ranges what is registered now, for lanes by range
   */
  constructor(startNs = 0, ranges: () => RangeIndex = () => noRanges) {
    this.writer = new FaultTableWriter(startNs);
    this.faults = this.writer;
    this.ranges = ranges;
    this.fold = new OpenFaults(this.writer);
    this.lanes = new LaneSet(this.faults, 'thread', ranges);
    this.stopLanes = this.faults.observe(this.lanes);
  }

  /**
   * Groups the faults into lanes another way. A generator: between its yields the page may do
   * something else; the lanes that are shown change only when it is done.
   */
  *groupLanes(laneBy: LaneBy): Generator<undefined, undefined, undefined> {
    const lanes = new LaneSet(this.faults, laneBy, this.ranges);
    const stop = this.faults.observe(lanes);
    let isDone = false;
    try {
      yield* lanes.placeAll();
      isDone = true;
    } finally {
      if (!isDone) {
        stop();
      }
    }
    this.stopLanes();
    this.lanes = lanes;
    this.stopLanes = stop;
    return undefined;
  }

  /** Gives threads their lanes before their faults come. */
  expectThreads(tids: readonly number[]): void {
    tids.forEach((tid) => this.writer.expectThread(tid));
    this.lanes.expectThreads();
  }

  /** Adds rows of the history, which may have holes where old rows were dropped. */
  load(rows: EventRows): void {
    this.add(rows, 0);
  }

  /**
   * Adds rows that follow on row `afterSequence`. Rows already known are skipped; a gap adds nothing.
   */
  append(rows: EventRows, afterSequence = rows.firstSequence - 1): AppendOutcome {
    if (afterSequence > this.lastSequence) {
      return 'gap';
    }
    const known = Math.max(0, this.nextSequence - rows.firstSequence);
    if (known >= rows.count) {
      return 'known';
    }
    this.add(rows, known);
    return 'appended';
  }

  /** Sequence number of the newest row; 0 before the first. */
  get lastSequence(): number {
    return this.nextSequence - 1;
  }

  /** Rows about fault `i`, in log order. */
  rowsOf(i: number): readonly HistoryRow[] {
    const { faults } = this;
    const rows = this.rows.rowsOf({
      id: faults.id(i),
      address: faults.address(i),
      raisedNs: faults.raisedNs(i),
      endNs: faults.endNs(i),
    });
    const served = rows.some(({ faultId }) => faultId === faults.id(i)) ? [] : faults.servedEvents(i);
    return served.length === 0
      ? rows
      : [...rows, ...served.map((event) => ({ ...event, sequence: null }))].sort(
          (a, b) => a.timeNs - b.timeNs,
        );
  }

  private add(rows: EventRows, from: number): void {
    if (rows.count === 0) {
      return;
    }
    const servedBefore = this.faults.servedCount;
    this.fold.fold(rows, from);
    if (this.faults.servedCount - servedBefore === servedRowsFrom(rows, from)) {
      this.rows.addUnserved(rows, from);
    } else {
      // Some served row concerned another fault after all: then its fault was taken up event by event.
      this.rows.add(rows, from);
    }
    this.events.add(rows, from);
    this.gaps.add(rows, from);
    const detachRow = rows.actor.indexOf(actorCode.detach, from);
    if (detachRow !== -1) {
      this.faults.detachNs = Math.min(this.faults.detachNs, rows.timeNs[detachRow]!);
    }
    this.nextSequence = rows.firstSequence + rows.count;
    this.lastRowNs = Math.max(this.lastRowNs, rows.timeNs[rows.count - 1]!);
  }
}

function servedRowsFrom(rows: EventRows, from: number): number {
  let count = 0;
  for (let i = from; i < rows.count; i++) {
    count += isServed(rows, i) ? 1 : 0;
  }
  return count;
}

const noRanges = new RangeIndex([]);
