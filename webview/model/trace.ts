/** Everything this page knows about a session's faults: a fold over the log rows it was sent. */
import { actorCode, type EventRows } from '../../native-helper/log/eventRows.ts';
import { OpenFaults } from '../../native-helper/log/openFaults.ts';
import { FaultTable } from './faultTable.ts';
import { MapEvents } from './mapEvents.ts';
import { type HistoryRow, RowHistory } from './rowHistory.ts';

/** What became of a batch: appended = some of its rows were new; gap = rows before it are missing. */
export type AppendOutcome = 'appended' | 'known' | 'gap';

export class Trace {
  readonly faults: FaultTable;
  readonly rows = new RowHistory();
  readonly events = new MapEvents();
  /** Time of the latest row. */
  lastRowNs = 0;
  private readonly fold: OpenFaults;
  /** Sequence number the next batch starts with. */
  private nextSequence = 1;

  /** @param startNs the session's start */
  constructor(startNs = 0) {
    this.faults = new FaultTable(startNs);
    this.fold = new OpenFaults(this.faults);
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
    return this.rows.rowsOf({
      id: faults.id(i),
      address: faults.address(i),
      raisedNs: faults.raisedNs(i),
      endNs: faults.endNs(i),
    });
  }

  private add(rows: EventRows, from: number): void {
    if (rows.count === 0) {
      return;
    }
    this.fold.fold(rows, from);
    this.rows.add(rows, from);
    this.events.add(rows, from);
    const detachRow = rows.actor.indexOf(actorCode.detach, from);
    if (detachRow !== -1) {
      this.faults.detachNs = Math.min(this.faults.detachNs, rows.timeNs[detachRow]!);
    }
    this.nextSequence = rows.firstSequence + rows.count;
    this.lastRowNs = Math.max(this.lastRowNs, rows.timeNs[rows.count - 1]!);
  }
}
