/**
 * The history of one session: the event log's newest rows, bounded, and what is open now.
 *
 * Rows are kept as packed batches of many rows each, which never change; only the newest rows are
 * columns, until they fill a chunk. When the history is full the oldest chunk goes, but the rows of
 * faults that are open at that point are kept apart, so that a page hydrated from here still knows
 * every thread that sleeps. Pure: no VS Code.
 */
import {
  allocateRows,
  copyRows,
  kindCode,
  rowAt,
  rowKinds,
  rowsFrom,
  rowsOf,
  type EventRow,
  type EventRows,
  type RowKind,
} from '../../native-helper/log/eventRows.ts';
import { packedRows, unpackRows } from '../../native-helper/log/packedRows.ts';
import { LatencyOverview } from '../../native-helper/log/latencyOverview.ts';
import { firstPageOf, isServed } from '../../native-helper/log/servedRows.ts';
import { OpenFaults, type OpenFault } from '../../native-helper/log/openFaults.ts';

export interface TraceLimits {
  /** Most rows kept, without those of open faults from before them. Sessions are bounded together (`historyBound.ts`). */
  readonly rows: number;
  /** Rows that are dropped together. */
  readonly rowsPerChunk: number;
}

/** A packed LatencyOverview of one thread, 0 for the unknown ones. */
export interface ThreadOverview {
  readonly tid: number;
  readonly bytes: ArrayBuffer;
}

/** Rows of the history in a packed batch. */
export interface TraceBatch {
  readonly batch: ArrayBuffer;
  readonly afterSequence: number;
  readonly lastSequence: number;
}

/** Contiguous rows, packed. */
interface Chunk {
  readonly batch: ArrayBuffer;
  readonly firstSequence: number;
  readonly count: number;
  readonly events: EventCount;
}

/** How many events rows tell of, and when the first of them was raised. */
interface EventCount {
  readonly events: number;
  readonly firstNs: number;
}

/** 1 for kinds of rows that the kernel reported as events of the uffd, and for faults that are only counted. */
const events: ReadonlySet<RowKind> = new Set([
  'raised',
  'fork',
  'remap',
  'remove',
  'unmap',
  'unknown',
  'lost',
]);
const eventKinds = Uint8Array.from(rowKinds, (kind) => (events.has(kind) ? 1 : 0));

/** Rows that a page takes up at a time, and that are dropped together. */
export const rowsPerChunk = 16_384;

export class FaultTrace {
  private readonly limits: TraceLimits;
  private readonly chunks: Chunk[] = [];
  /** The newest rows: columns of `rowsPerChunk` rows, filled up to `tailCount`. */
  private readonly tail: EventRows;
  private tailFirst = 1;
  private tailCount = 0;
  /** State at the start of the first chunk. */
  private readonly base = new BaseFold();
  private readonly overviews = new Map<number, LatencyOverview>();
  private readonly open = new OpenFaults({
    onServed: ({ timeNs, raisedBeforeNs, tid }, i) =>
      this.overviewOf(tid[i]!).add(timeNs[i]! - raisedBeforeNs[i]!, timeNs[i]!),
    onEnded: ({ tid, raisedNs }, timeNs) => this.overviewOf(tid).add(raisedNs, timeNs),
  });
  private rowCount = 0;
  private lastSequence = 0;
  private dropped = 0;

  constructor(limits: TraceLimits = { rows: Infinity, rowsPerChunk }) {
    this.limits = limits;
    this.tail = allocateRows(1, limits.rowsPerChunk);
  }

  /** Sequence number of the newest row; 0 before the first. */
  get revision(): number {
    return this.lastSequence;
  }

  /** Rows that are not in the history any more, or never arrived. */
  get droppedRows(): number {
    return this.dropped;
  }

  /** Rows in the history. */
  get keptRows(): number {
    return this.rowCount;
  }

  /** Faults whose thread has not been woken, oldest first. */
  openFaults(): OpenFault[] {
    return [...this.open.values()];
  }

  /**
   * Adds one packed batch. One of just the rows of a chunk is kept as it is: it is not to be changed afterwards.
   * @param rows the same, where the caller has them
   * @throws RangeError when it is not a batch, or is older than what is known; nothing changes then.
   */
  append(batch: ArrayBuffer, rows = unpackRows(batch)): void {
    const { firstSequence, count } = rows;
    if (firstSequence <= this.lastSequence) {
      throw new RangeError(
        `event batch starts at sequence ${firstSequence}, but ${this.lastSequence} is already known`,
      );
    }
    if (count === 0) {
      return;
    }
    const missing = firstSequence - this.lastSequence - 1;
    this.dropped += missing;
    this.open.fold(rows);
    const isChunk = count === this.limits.rowsPerChunk;
    if (missing > 0 || isChunk) {
      this.packTail();
    }
    if (isChunk) {
      this.addChunk(batch, rows, count, firstSequence);
    } else {
      this.addToTail(rows);
    }
    this.rowCount += count;
    this.lastSequence = firstSequence + count - 1;
    while (this.rowCount > this.limits.rows && this.dropOldestRows());
  }

  /** Shortens the history at its old end; false when it is as short as it can be. */
  dropOldestRows(): boolean {
    if (this.chunks.length === 0 || (this.chunks.length === 1 && this.tailCount === 0)) {
      return false;
    }
    const { batch, count } = this.chunks.shift()!;
    this.base.fold(unpackRows(batch));
    this.rowCount -= count;
    this.dropped += count;
    return true;
  }

  /**
   * The rows of faults open from before the history, renumbered to end where it starts; null when there
   * are none. The present state can be folded from them and the history.
   */
  rowsBefore(): ArrayBuffer | null {
    const baseRows = this.base.rows();
    return baseRows.length === 0
      ? null
      : packedRows(rowsFrom(this.firstSequence - baseRows.length, baseRows));
  }

  /**
   * The rows of faults that are open now, renumbered to end with the newest row; null when there are none.
   * The state to come can be folded from them and the rows to come.
   */
  rowsOfOpenFaults(): ArrayBuffer | null {
    const oldestNs = Math.min(...this.openFaults().map(({ raisedNs }) => raisedNs));
    if (oldestNs === Infinity) {
      return null;
    }
    // What is older than the chunk before the one that the oldest was raised in tells nothing of it.
    const raisedIn = this.chunks.findLastIndex(({ events }) => events.firstNs <= oldestNs);
    const now = new BaseFold();
    now.fold(rowsFrom(1, this.base.rows()));
    for (const { batch } of this.chunks.slice(Math.max(0, raisedIn - 1))) {
      now.fold(unpackRows(batch));
    }
    if (this.tailCount > 0) {
      now.fold(unpackRows(part(this.tail, this.tailFirst, this.tailCount, 0)));
    }
    const rows = now.rows();
    return packedRows(rowsFrom(this.lastSequence + 1 - rows.length, rows));
  }

  /**
   * The rows that follow on row `sequence`, as many as lie together in the history; null when there are none.
   * `afterSequence` is `sequence`, or a later one when rows between have been dropped from the history.
   * The batch may be the history's own: it is not to be changed or transferred.
   */
  batchAfter(sequence: number): TraceBatch | null {
    if (sequence >= this.lastSequence) {
      return null;
    }
    const afterSequence = Math.max(sequence, this.firstSequence - 1);
    const chunk = this.chunkAfter(sequence);
    if (chunk === undefined) {
      const batch = part(this.tail, this.tailFirst, this.tailCount, sequence);
      return { batch, afterSequence, lastSequence: this.lastSequence };
    }
    const { batch, firstSequence, count } = chunk;
    const isWhole = firstSequence > sequence;
    return {
      batch: isWhole ? batch : part(unpackRows(batch), firstSequence, count, sequence),
      afterSequence,
      lastSequence: firstSequence + count - 1,
    };
  }

  /** What is over of each thread since the session began, also what the history has dropped. */
  overview(): ThreadOverview[] {
    return [...this.overviews].map(([tid, overview]) => ({ tid, bytes: overview.packed() }));
  }

  private overviewOf(tid: number): LatencyOverview {
    let overview = this.overviews.get(tid);
    if (overview === undefined) {
      overview = LatencyOverview.empty();
      this.overviews.set(tid, overview);
    }
    return overview;
  }

  /** Events of the uffd, faults among them, reported at or after `timeNs`. */
  eventsSince(timeNs: number): number {
    let { events } = countEvents(this.tail, this.tailCount, timeNs);
    if (this.tailCount > 0 && this.tail.timeNs[0]! < timeNs) {
      return events;
    }
    for (const { batch, events: all } of this.chunks.toReversed()) {
      if (all.firstNs >= timeNs) {
        events += all.events;
        continue;
      }
      const rows = unpackRows(batch);
      events += countEvents(rows, rows.count, timeNs).events;
      if (rows.timeNs[0]! < timeNs) {
        return events;
      }
    }
    return events;
  }

  /** Sequence number of the oldest row. */
  private get firstSequence(): number {
    return this.chunks[0]?.firstSequence ?? this.tailFirst;
  }

  /** The chunk that holds row `sequence` + 1, or the one behind; undefined when the newest rows follow. */
  private chunkAfter(sequence: number): Chunk | undefined {
    let low = 0;
    let high = this.chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const { firstSequence, count } = this.chunks[middle]!;
      if (firstSequence + count - 1 > sequence) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return this.chunks[low];
  }

  private addToTail(rows: EventRows): void {
    const { firstSequence, count } = rows;
    for (let from = 0; from < count;) {
      if (this.tailCount === 0) {
        this.tailFirst = firstSequence + from;
      }
      const room = Math.min(count - from, this.limits.rowsPerChunk - this.tailCount);
      copyRows(rows, from, room, this.tail, this.tailCount);
      this.tailCount += room;
      from += room;
      if (this.tailCount === this.limits.rowsPerChunk) {
        this.packTail();
      }
    }
  }

  /** Makes a chunk of the newest rows. */
  private packTail(): void {
    const { tail, tailCount, tailFirst } = this;
    if (tailCount > 0) {
      this.addChunk(packedRows(tail, tailCount, tailFirst), tail, tailCount, tailFirst);
      this.tailCount = 0;
    }
  }

  /** @param batch the first `count` of these rows, packed */
  private addChunk(batch: ArrayBuffer, rows: EventRows, count: number, firstSequence: number): void {
    this.chunks.push({ batch, firstSequence, count, events: countEvents(rows, count, -Infinity) });
  }
}

/** Those of `count` rows, which begin with `firstSequence`, that follow on row `sequence`, packed. */
function part(rows: EventRows, firstSequence: number, count: number, sequence: number): ArrayBuffer {
  const from = Math.max(0, sequence + 1 - firstSequence);
  return packedRows(rowsOf(rows, from, count), count - from, firstSequence + from);
}

/** Counts events raised at or after `timeNs`, from the newest row back to the first that is older. */
function countEvents(rows: EventRows, count: number, timeNs: number): EventCount {
  let events = 0;
  let firstNs = Infinity;
  for (let i = count - 1; i >= 0 && rows.timeNs[i]! >= timeNs; i--) {
    const kind = rows.kind[i]!;
    const raisedNs = rows.timeNs[i]! - rows.raisedBeforeNs[i]!;
    firstNs = Math.min(firstNs, raisedNs);
    if (raisedNs >= timeNs && (eventKinds[kind] === 1 || isServed(rows, i))) {
      events += kind === kindCode.lost ? Number(rows.out[i]!) : 1;
    }
  }
  return { events, firstNs };
}

/** Remembers the rows that made each fault what it is, for as long as the fault is open. */
class BaseFold {
  private readonly rowsOfFault = new Map<number, SequencedRow[]>();
  private readonly open: OpenFaults;
  private row: SequencedRow | null = null;
  /** The row before, when it is the `code` of a fault that is raised next. */
  private code: SequencedRow | null = null;

  constructor() {
    const keepRow = ({ id }: OpenFault, row: SequencedRow): void => {
      const kept = this.rowsOfFault.get(id);
      if (kept === undefined) {
        this.rowsOfFault.set(id, [row]);
      } else {
        kept.push(row);
      }
    };
    const keep = (fault: OpenFault): void => keepRow(fault, this.row!);
    this.open = new OpenFaults({
      onRaised: (fault) => {
        if (this.code?.row.faultId === fault.id) {
          keepRow(fault, this.code);
        }
        keep(fault);
      },
      onRead: keep,
      onIoctl: keep,
      onStale: keep,
      onMoved: keep,
      onEnded: (fault) => this.rowsOfFault.delete(fault.id),
    });
  }

  fold(rows: EventRows): void {
    for (let i = 0; i < rows.count; i++) {
      const isAlone =
        isServed(rows, i) &&
        !this.open.areConcerned(firstPageOf(rows, i), rows.lengthBytes[i]! / 4096, rows.tid[i]!);
      if (isAlone) {
        this.code = null;
        continue;
      }
      this.row = { sequence: rows.firstSequence + i, row: rowAt(rows, i) };
      this.open.fold(rows, i, i + 1);
      this.code = rows.kind[i] === kindCode.code ? this.row : null;
    }
  }

  /**
   * Rows of the open faults in log order; one that concerned several faults comes once. So does the `code` of
   * a fault that is raised by the row to come.
   */
  rows(): EventRow[] {
    const pending = this.code === null ? [] : [this.code];
    const unique = new Set([...[...this.rowsOfFault.values()].flat(), ...pending]);
    return [...unique].sort((a, b) => a.sequence - b.sequence).map(({ row }) => row);
  }
}

interface SequencedRow {
  readonly sequence: number;
  readonly row: EventRow;
}

/** Whether its thread sleeps until we act: read and unresolved. */
export function isHeld(fault: OpenFault): boolean {
  return !Number.isNaN(fault.readNs) && Number.isNaN(fault.resolvedNs);
}

/** Whether its page is there but its thread has not been woken. */
export function isResolvedButSleeping(fault: OpenFault): boolean {
  return !Number.isNaN(fault.resolvedNs);
}
