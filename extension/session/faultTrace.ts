/**
 * The history of one session: the event log's newest rows, bounded, and what is open now.
 *
 * Rows are kept in chunks of columns. When the history is full the oldest chunk goes,
 * but the rows of faults that are open at that point are kept apart, so that a page
 * hydrated from here still knows every thread that sleeps. Pure: no VS Code.
 */
import {
  allocateRows,
  copyRows,
  kindCode,
  rowAt,
  rowsFrom,
  type EventRow,
  type EventRows,
} from '../../native-helper/log/eventRows.ts';
import { packedRows, unpackRows } from '../../native-helper/log/packedRows.ts';
import { LatencyOverview } from '../../native-helper/log/latencyOverview.ts';
import { firstPageOf, isServed } from '../../native-helper/log/servedRows.ts';
import { OpenFaults, type OpenFault } from '../../native-helper/log/openFaults.ts';

export interface TraceLimits {
  /** Most rows kept, without those of open faults from before them. */
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

/** Columns of `rowsPerChunk` rows, filled up to `count`. */
interface Chunk {
  readonly rows: EventRows;
  count: number;
}

/** Kinds of rows that the kernel reported as events of the uffd. */
const eventKinds = new Set(
  (['raised', 'fork', 'remap', 'remove', 'unmap', 'unknown'] as const).map((kind) => kindCode[kind]),
);

export class FaultTrace {
  private readonly limits: TraceLimits;
  private readonly chunks: Chunk[] = [];
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

  constructor(limits: TraceLimits = { rows: 1_000_000, rowsPerChunk: 16_384 }) {
    this.limits = limits;
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
   * Adds one packed batch.
   * @throws RangeError when it is not a batch, or is older than what is known; nothing changes then.
   */
  append(batch: ArrayBuffer): void {
    const rows = unpackRows(batch);
    if (rows.firstSequence <= this.lastSequence) {
      throw new RangeError(
        `event batch starts at sequence ${rows.firstSequence}, but ${this.lastSequence} is already known`,
      );
    }
    this.dropped += rows.firstSequence - this.lastSequence - 1;
    this.open.fold(rows);
    let from = 0;
    while (from < rows.count) {
      const chunk = this.chunkFor(rows.firstSequence + from);
      const count = Math.min(rows.count - from, this.limits.rowsPerChunk - chunk.count);
      copyRows(rows, from, count, chunk.rows, chunk.count);
      chunk.count += count;
      from += count;
    }
    this.rowCount += rows.count;
    this.lastSequence = rows.firstSequence + rows.count - 1;
    while (this.rowCount > this.limits.rows && this.dropOldestRows());
  }

  /** Shortens the history at its old end; false when it is as short as it can be. */
  dropOldestRows(): boolean {
    if (this.chunks.length < 2) {
      return false;
    }
    const chunk = this.chunks.shift()!;
    this.base.fold(chunk.rows, chunk.count);
    this.rowCount -= chunk.count;
    this.dropped += chunk.count;
    return true;
  }

  /**
   * The rows of faults open from before the history, renumbered to end where it starts; null when there
   * are none. The present state can be folded from them and the history.
   */
  rowsBefore(): ArrayBuffer | null {
    const baseRows = this.base.rows();
    const first = this.chunks[0];
    return baseRows.length === 0 || first === undefined
      ? null
      : packedRows(rowsFrom(first.rows.firstSequence - baseRows.length, baseRows));
  }

  /**
   * The rows that follow on row `sequence`, as many as lie together in the history; null when there are none.
   * `afterSequence` is `sequence`, or a later one when rows between have been dropped from the history.
   */
  batchAfter(sequence: number): TraceBatch | null {
    const [oldest] = this.chunks;
    const chunk = this.chunks.find(({ rows, count }) => rows.firstSequence + count - 1 > sequence);
    if (oldest === undefined || chunk === undefined) {
      return null;
    }
    const from = Math.max(0, sequence + 1 - chunk.rows.firstSequence);
    const firstSequence = chunk.rows.firstSequence + from;
    const rows = allocateRows(firstSequence, chunk.count - from);
    copyRows(chunk.rows, from, rows.count, rows, 0);
    const afterSequence = Math.max(sequence, oldest.rows.firstSequence - 1);
    return { batch: packedRows(rows), afterSequence, lastSequence: firstSequence + rows.count - 1 };
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
    let events = 0;
    for (const chunk of this.chunks.toReversed()) {
      for (let i = chunk.count - 1; i >= 0; i--) {
        const { rows } = chunk;
        if (rows.timeNs[i]! < timeNs) {
          return events;
        }
        const isRaisedSince = rows.timeNs[i]! - rows.raisedBeforeNs[i]! >= timeNs;
        if (rows.kind[i] === kindCode.lost) {
          events += isRaisedSince ? Number(rows.out[i]!) : 0;
        } else if (eventKinds.has(rows.kind[i]!) || (isServed(rows, i) && isRaisedSince)) {
          events++;
        }
      }
    }
    return events;
  }

  /** The chunk that takes row `sequence`: the last one unless it is full or rows are missing before. */
  private chunkFor(sequence: number): Chunk {
    const last = this.chunks.at(-1);
    if (
      last !== undefined &&
      last.count < this.limits.rowsPerChunk &&
      last.rows.firstSequence + last.count === sequence
    ) {
      return last;
    }
    const chunk = { rows: allocateRows(sequence, this.limits.rowsPerChunk), count: 0 };
    this.chunks.push(chunk);
    return chunk;
  }
}

/** Remembers the rows that made each fault what it is, for as long as the fault is open. */
class BaseFold {
  private readonly rowsOfFault = new Map<number, SequencedRow[]>();
  private readonly open: OpenFaults;
  private row: SequencedRow | null = null;

  constructor() {
    const keep = (fault: OpenFault): void => {
      const kept = this.rowsOfFault.get(fault.id);
      if (kept === undefined) {
        this.rowsOfFault.set(fault.id, [this.row!]);
      } else {
        kept.push(this.row!);
      }
    };
    this.open = new OpenFaults({
      onRaised: keep,
      onRead: keep,
      onIoctl: keep,
      onStale: keep,
      onMoved: keep,
      onEnded: (fault) => this.rowsOfFault.delete(fault.id),
    });
  }

  fold(rows: EventRows, count: number): void {
    for (let i = 0; i < count; i++) {
      const isAlone =
        isServed(rows, i) &&
        !this.open.areConcerned(firstPageOf(rows, i), rows.lengthBytes[i]! / 4096, rows.tid[i]!);
      if (isAlone) {
        continue;
      }
      this.row = { sequence: rows.firstSequence + i, row: rowAt(rows, i) };
      this.open.fold(rows, i, i + 1);
    }
  }

  /** Rows of the open faults in log order; one that concerned several faults comes once. */
  rows(): EventRow[] {
    const unique = new Set([...this.rowsOfFault.values()].flat());
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
