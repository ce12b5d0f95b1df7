/**
 * Feeds one page with the rows of the sessions: first their histories, then what comes, and never more
 * than the page has room for. Nothing is queued for it: what it has not had is in the histories.
 * Pure: no VS Code.
 */
import type { FaultTrace } from '../session/faultTrace.ts';
import { rowSpan } from '../../native-helper/log/packedRows.ts';

/** A session as far as it is fed. */
export interface FedSession {
  readonly id: number;
  readonly trace: Pick<FaultTrace, 'batchAfter' | 'rowsBefore'>;
  /** Sequence number of the newest row there is. */
  readonly revision: number;
}

/** Rows a page may have been sent and not taken up: about what it takes up in a few frames. */
export const mostRowsUnderWay = 131_072;

/** How far a page is with a session. */
interface Cursor {
  sentSequence: number;
  takenSequence: number;
}

export class PageFeed<Session extends FedSession> {
  private readonly cursors = new Map<number, Cursor>();
  private readonly send: (session: Session, batch: ArrayBuffer, afterSequence: number) => void;

  /** @param send sends a packed batch that follows on row `afterSequence` of its session */
  constructor(send: (session: Session, batch: ArrayBuffer, afterSequence: number) => void) {
    this.send = send;
  }

  /** Whether the page has been sent all rows there are of a session. */
  isWhole(session: Session): boolean {
    return this.cursorOf(session).sentSequence >= session.revision;
  }

  /** Forgets what the page has: it begins anew. */
  reset(): void {
    this.cursors.clear();
  }

  /** The beginning of a session's history, for a page that knows nothing of it; `feed` sends what follows. */
  begin(session: Session): ArrayBuffer[] {
    const { trace } = session;
    const before = trace.rowsBefore();
    const batches = before === null ? [] : [before];
    let next = trace.batchAfter(0);
    const cursor = { sentSequence: 0, takenSequence: next?.afterSequence ?? 0 };
    for (; next !== null && hasRoom(cursor); next = trace.batchAfter(cursor.sentSequence)) {
      batches.push(next.batch);
      cursor.sentSequence = next.lastSequence;
    }
    this.cursors.set(session.id, cursor);
    return batches;
  }

  /** Sends what the page does not have, as far as it has room. */
  feed(session: Session): void {
    const cursor = this.cursorOf(session);
    while (hasRoom(cursor)) {
      const next = session.trace.batchAfter(cursor.sentSequence);
      if (next === null) {
        return;
      }
      cursor.sentSequence = next.lastSequence;
      this.send(session, next.batch, next.afterSequence);
    }
  }

  /** Sends a batch that has just come, as it is when the page has all before it. */
  append(session: Session, batch: ArrayBuffer): void {
    const cursor = this.cursorOf(session);
    const { firstSequence, lastSequence } = rowSpan(batch);
    if (cursor.sentSequence + 1 === firstSequence && hasRoom(cursor)) {
      this.send(session, batch, cursor.sentSequence);
      cursor.sentSequence = lastSequence;
    } else {
      this.feed(session);
    }
  }

  /** The page has taken up all rows up to this one. */
  taken(session: Session, sequence: number): void {
    const cursor = this.cursorOf(session);
    // What it says of rows from before it began anew, or of rows that it cannot have, counts for nothing.
    if (sequence > cursor.takenSequence && sequence <= cursor.sentSequence) {
      cursor.takenSequence = sequence;
      this.feed(session);
    }
  }

  private cursorOf({ id }: Session): Cursor {
    let cursor = this.cursors.get(id);
    if (cursor === undefined) {
      cursor = { sentSequence: 0, takenSequence: 0 };
      this.cursors.set(id, cursor);
    }
    return cursor;
  }
}

function hasRoom({ sentSequence, takenSequence }: Cursor): boolean {
  return sentSequence - takenSequence < mostRowsUnderWay;
}
