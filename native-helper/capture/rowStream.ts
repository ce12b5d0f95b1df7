/**
 * Batches of the event log on their way to a receiver that may be slow, or stand still: at most so many
 * rows are under way that it has not acknowledged. While it is behind, served rows are dropped and
 * counted, and one row `lost` takes their place; all other rows are kept until it has room. Whoever sends
 * numbers the rows, so the receiver sees one contiguous log. Pure: no Node.
 */
import { allocateRows, copyRows, writeRow, type EventRows } from '../log/eventRows.ts';
import { packedRows, renumber, rowCount, unpackRows } from '../log/packedRows.ts';
import { isServed, longestBeforeNs } from '../log/servedRows.ts';

/** About what comes in one second at full speed, some 10 MB. */
export const mostUnacknowledgedRows = 500_000;

export class RowStream {
  private readonly send: (batch: ArrayBuffer) => void;
  private readonly most: number;
  private lastSequence = 0;
  private acknowledged = 0;
  /** Batches without served rows, which the receiver has no room for yet. */
  private readonly kept: ArrayBuffer[] = [];
  /** Faults dropped since the last row that was kept: how many, and from when to when. */
  private lost = 0;
  private lostFirstNs = 0;
  private lostLastNs = 0;

  /** @param send takes a packed batch, each its own buffer */
  constructor(send: (batch: ArrayBuffer) => void, most = mostUnacknowledgedRows) {
    this.send = send;
    this.most = most;
  }

  /** Sends a packed batch, or what must be kept of it once there is room. Its sequence numbers do not matter. */
  append(batch: ArrayBuffer): void {
    if (this.isBehind || !this.hasRoom) {
      this.thin(unpackRows(batch));
    } else {
      this.sendNow(batch);
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
      this.sendNow(this.kept.shift()!);
    }
    if (this.kept.length === 0 && this.lost > 0 && goesOn()) {
      const rows = allocateRows(1, 1);
      this.writeLost(rows, 0);
      this.sendNow(packedRows(rows));
    }
  }

  private sendNow(batch: ArrayBuffer): void {
    renumber(batch, this.lastSequence + 1);
    this.lastSequence += rowCount(batch);
    this.send(batch);
  }

  /** Keeps all rows but the served ones. */
  private thin(rows: EventRows): void {
    // A row `lost` stands for at least one that is dropped here, or for those dropped before.
    const kept = allocateRows(1, rows.count + 1);
    let count = 0;
    for (let i = 0; i < rows.count;) {
      if (isServed(rows, i)) {
        const raisedNs = rows.timeNs[i]! - rows.raisedBeforeNs[i]!;
        if (this.lost > 0 && rows.timeNs[i]! - Math.min(this.lostFirstNs, raisedNs) > longestBeforeNs) {
          this.writeLost(kept, count++);
        }
        this.drop(raisedNs, rows.timeNs[i]!);
        i++;
        continue;
      }
      if (this.lost > 0) {
        this.writeLost(kept, count++);
      }
      let end = i + 1;
      while (end < rows.count && !isServed(rows, end)) {
        end++;
      }
      copyRows(rows, i, end - i, kept, count);
      count += end - i;
      i = end;
    }
    if (count > 0) {
      this.kept.push(packedRows(kept, count));
    }
  }

  private drop(raisedNs: number, timeNs: number): void {
    this.lostFirstNs = this.lost === 0 ? raisedNs : Math.min(this.lostFirstNs, raisedNs);
    this.lostLastNs = this.lost === 0 ? timeNs : Math.max(this.lostLastNs, timeNs);
    this.lost++;
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
