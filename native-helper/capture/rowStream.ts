/**
 * Batches of the event log on their way to a receiver that may be slow, or stand still: at most so many
 * rows are under way that it has not acknowledged. While it is behind, served rows are dropped and
 * counted, and one row `lost` takes their place; all other rows are kept until it has room. When those
 * become many, the faults among them that are over are counted too, so that what is kept while a receiver
 * stands still is bounded by the faults that are open, what was done by hand, and a row `lost` every 4
 * seconds. Whoever sends numbers the rows, so the receiver sees one contiguous log, and knows in the end
 * which faults are open. Pure: no Node.
 */
import { allocateRows, copyRows, kindCode, rowsOf, writeRow, type EventRows } from '../log/eventRows.ts';
import { OpenFaults } from '../log/openFaults.ts';
import { packedRows, renumber, rowCount, unpackRows } from '../log/packedRows.ts';
import { rowsInForce } from '../log/rowsInForce.ts';
import { isServed, longestBeforeNs } from '../log/servedRows.ts';

/** About what comes in one second at full speed, some 10 MB. */
export const mostUnacknowledgedRows = 500_000;
/** Kept rows of which those about faults that are over are left out: so few that it takes some 5 ms. */
const mostKeptRows = 16_384;

/** Kinds of rows that a dropped one is counted by: each tells of a fault, or of another event of the uffd. */
const countedKinds: ReadonlySet<number> = new Set(
  (['raised', 'fork', 'remap', 'remove', 'unmap', 'unknown'] as const).map((kind) => kindCode[kind]),
);

export class RowStream {
  private readonly send: (batch: ArrayBuffer) => void;
  private readonly most: number;
  private readonly mostKept: number;
  private lastSequence = 0;
  private acknowledged = 0;
  /** What the receiver knows when it has got all that was sent. */
  private readonly told = new OpenFaults();
  /** Batches without served rows, which the receiver has no room for yet. */
  private kept: ArrayBuffer[] = [];
  private keptRows = 0;
  /** Kept rows after the last look for those that may be left out. */
  private neededRows = 0;
  /** Events dropped since the last row that was kept: how many, and from when to when. */
  private lost = 0;
  private lostFirstNs = 0;
  private lostLastNs = 0;

  /**
   * @param send takes a packed batch, each its own buffer
   * @param most rows under way
   * @param mostKept rows kept before those about faults that are over are left out
   */
  constructor(send: (batch: ArrayBuffer) => void, most = mostUnacknowledgedRows, mostKept = mostKeptRows) {
    this.send = send;
    this.most = most;
    this.mostKept = mostKept;
  }

  /**
   * Sends a packed batch, or what must be kept of it once there is room. Its sequence numbers do not matter.
   * @param rows the same, from who has them; they may change afterwards
   */
  append(batch: ArrayBuffer, rows = unpackRows(batch)): void {
    if (!this.isBehind && this.hasRoom) {
      this.sendNow(batch, rows);
      return;
    }
    this.keep(rows, (i) => !isServed(rows, i));
    // Twice what is needed, so that each row is looked at a few times only.
    if (this.keptRows > Math.max(this.mostKept, 2 * this.neededRows)) {
      this.leaveOutFinished();
    }
  }

  /** The receiver has taken up all rows up to this one. One that it cannot have counts for nothing. */
  acknowledge(sequence: number): void {
    if (sequence <= this.acknowledged || sequence > this.lastSequence) {
      return;
    }
    this.acknowledged = sequence;
    this.sendKept(() => this.hasRoom);
  }

  /** Sends all that was kept: nothing comes any more. */
  end(): void {
    this.sendKept(() => true);
  }

  /** Sequence number of the last row that was sent. */
  get sentSequence(): number {
    return this.lastSequence;
  }

  private get hasRoom(): boolean {
    return this.lastSequence - this.acknowledged < this.most;
  }

  private get isBehind(): boolean {
    return this.kept.length > 0 || this.lost > 0;
  }

  private sendKept(goesOn: () => boolean): void {
    while (this.kept.length > 0 && goesOn()) {
      // Taken out first: who gets it may acknowledge at once.
      const batch = this.kept.shift()!;
      this.keptRows -= rowCount(batch);
      this.sendNow(batch);
    }
    if (this.kept.length === 0) {
      this.neededRows = 0;
      if (this.lost > 0 && goesOn()) {
        const rows = allocateRows(1, 1);
        this.writeLost(rows, 0);
        this.sendNow(packedRows(rows));
      }
    }
  }

  private sendNow(batch: ArrayBuffer, rows = unpackRows(batch)): void {
    renumber(batch, this.lastSequence + 1);
    this.lastSequence += rowCount(batch);
    this.told.fold(rows);
    this.send(batch);
  }

  /** Keeps some rows, and counts the others. */
  private keep(rows: EventRows, isKept: (i: number) => boolean): void {
    // A row `lost` stands for at least one that is dropped here, or for those dropped before.
    const kept = allocateRows(1, rows.count + 1);
    let count = 0;
    for (let i = 0; i < rows.count;) {
      if (!isKept(i)) {
        if (this.lost > 0 && this.spanNsWith(rows, i) > longestBeforeNs) {
          this.writeLost(kept, count++);
        }
        this.drop(rows, i);
        i++;
        continue;
      }
      if (this.lost > 0) {
        this.writeLost(kept, count++);
      }
      let end = i + 1;
      while (end < rows.count && isKept(end)) {
        end++;
      }
      copyRows(rows, i, end - i, kept, count);
      count += end - i;
      i = end;
    }
    if (count > 0) {
      this.kept.push(packedRows(kept, count));
      this.keptRows += count;
    }
  }

  /** Leaves out of the kept rows those about faults that are over, unless the receiver knows them as open. */
  private leaveOutFinished(): void {
    const all = allocateRows(1, this.keptRows + 1);
    let count = 0;
    for (const batch of this.kept) {
      const part = unpackRows(batch);
      copyRows(part, 0, part.count, all, count);
      count += part.count;
    }
    if (this.lost > 0) {
      this.writeLost(all, count++);
    }
    this.kept = [];
    this.keptRows = 0;
    const rows = rowsOf(all, 0, count);
    const inForce = rowsInForce(rows, this.told);
    this.keep(rows, (i) => inForce[i] === 1);
    this.neededRows = this.keptRows;
  }

  /** Counts what row `i` tells of. */
  private drop(rows: EventRows, i: number): void {
    const lastNs = rows.timeNs[i]!;
    this.lostFirstNs = Math.min(this.lost === 0 ? Infinity : this.lostFirstNs, firstNsOf(rows, i));
    this.lostLastNs = this.lost === 0 ? lastNs : Math.max(this.lostLastNs, lastNs);
    this.lost += eventsOf(rows, i);
  }

  /** How long a time the dropped rows are of, when row `i` is one of them. */
  private spanNsWith(rows: EventRows, i: number): number {
    return Math.max(this.lostLastNs, rows.timeNs[i]!) - Math.min(this.lostFirstNs, firstNsOf(rows, i));
  }

  private writeLost(rows: EventRows, i: number): void {
    writeRow(rows, i, {
      kind: 'lost',
      actor: 'kernel',
      timeNs: this.lostLastNs,
      faultId: 0,
      address: 0n,
      lengthBytes: 0,
      tid: 0,
      flags: 0n,
      errno: 0,
      out: BigInt(this.lost),
      raisedBeforeNs: this.lostLastNs - this.lostFirstNs,
    });
    this.lost = 0;
  }
}

/** When the first of what row `i` tells began. */
function firstNsOf({ timeNs, raisedBeforeNs }: EventRows, i: number): number {
  return timeNs[i]! - raisedBeforeNs[i]!;
}

/** How many events row `i` tells of. Rows about a fault that another row tells of are none. */
function eventsOf(rows: EventRows, i: number): number {
  if (rows.kind[i] === kindCode.lost) {
    return Number(rows.out[i]!);
  }
  return isServed(rows, i) || countedKinds.has(rows.kind[i]!) ? 1 : 0;
}
