/** Short ways to write event log rows in tests. Addresses are given as page numbers. */
import { type EventRow, rowsFrom, type EventRows } from '../../../native-helper/log/eventRows.ts';
import { servedMark } from '../../../native-helper/log/servedRows.ts';
import { Trace } from '../../../webview/model/trace.ts';

export const pageBytes = 4096;

type More = Partial<Omit<EventRow, 'kind' | 'timeNs'>>;

export function row(kind: EventRow['kind'], timeNs: number, more: More = {}): EventRow {
  return {
    kind,
    actor: 'kernel',
    timeNs,
    faultId: 0,
    address: 0n,
    lengthBytes: 0,
    tid: 0,
    flags: 0n,
    errno: 0,
    out: 0n,
    ...more,
  };
}

export function raised(timeNs: number, faultId: number, page: number, tid = 0): EventRow {
  return row('raised', timeNs, { faultId, address: BigInt(page * pageBytes), tid });
}

export function read(timeNs: number, faultId: number): EventRow {
  return row('read', timeNs, { faultId });
}

/** A COPY of one page; with DONTWAKE its thread stays asleep. */
export function copy(timeNs: number, page: number, more: More & { dontWake?: boolean } = {}): EventRow {
  const { dontWake = false, ...rest } = more;
  return row('copy', timeNs, {
    actor: 'user',
    address: BigInt(page * pageBytes),
    lengthBytes: pageBytes,
    flags: dontWake ? 1n : 0n,
    out: BigInt(pageBytes),
    ...rest,
  });
}

/** A fault that was served at once, by a rule's COPY: raised 10 ns before, read 5 ns before. */
export function served(timeNs: number, faultId: number, page: number, more: More = {}): EventRow {
  const times = { raisedBeforeNs: 10, readBeforeNs: 5, faultFlags: servedMark };
  return copy(timeNs, page, { actor: 'rule', faultId, ...times, ...more });
}

export function wake(timeNs: number, page: number, pages = 1): EventRow {
  return row('wake', timeNs, {
    actor: 'user',
    address: BigInt(page * pageBytes),
    lengthBytes: pages * pageBytes,
  });
}

export function traceOf(...list: readonly EventRow[]): Trace {
  const trace = new Trace();
  trace.load(batch(1, ...list));
  return trace;
}

export function batch(firstSequence: number, ...list: readonly EventRow[]): EventRows {
  return rowsFrom(firstSequence, list);
}
