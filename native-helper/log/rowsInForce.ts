/**
 * Which rows of a log still matter when it is to be shortened: those that made the faults that are open at
 * its end what they are. Pure: no Node, no DOM.
 */
import { actorCode, kindCode, type EventRows } from './eventRows.ts';
import { OpenFaults, type OpenFault } from './openFaults.ts';

/**
 * Marks with 1 the rows without which a receiver that knows the faults `told` would not know which faults
 * are open after `rows`: all rows about those that are, and about what became of `told`. Acts by hand are
 * marked as well.
 * @param told as it was before `rows`; it stays as it is
 */
export function rowsInForce(rows: EventRows, told: OpenFaults): Uint8Array {
  const marks = new Uint8Array(rows.count);
  /** By fault: indexes of the rows about it. */
  const rowsOfFault = new Map<number, number[]>();
  /** Faults that the receiver must learn of although they may be over: raising them ended one that it knows. */
  const needed = new Set<number>();
  let endsNeeded = false;
  let row = 0;
  const keep = ({ id }: OpenFault): void => {
    const kept = rowsOfFault.get(id);
    if (kept === undefined) {
      rowsOfFault.set(id, [row]);
    } else {
      kept.push(row);
    }
  };
  const open = new OpenFaults(
    {
      onRaised: (fault) => {
        keep(fault);
        if (row > 0 && rows.kind[row - 1] === kindCode.code && rows.faultId[row - 1] === fault.id) {
          rowsOfFault.get(fault.id)!.push(row - 1);
        }
        if (endsNeeded) {
          needed.add(fault.id);
          endsNeeded = false;
        }
      },
      onRead: keep,
      onIoctl: keep,
      onStale: keep,
      onMoved: keep,
      onEnded: (fault, _timeNs, how) => {
        const isTold = told.get(fault.id) !== undefined;
        // The fault of the same thread that is raised next ends it for the receiver too.
        endsNeeded = how === 'superseded' && (isTold || needed.has(fault.id));
        if (!isTold && (endsNeeded || !needed.has(fault.id))) {
          rowsOfFault.delete(fault.id);
        }
      },
    },
    told.values(),
  );
  for (; row < rows.count; row++) {
    open.fold(rows, row, row + 1);
    if (rows.actor[row] === actorCode.user || rows.actor[row] === actorCode.detach) {
      marks[row] = 1;
    }
  }
  for (const indexes of rowsOfFault.values()) {
    for (const index of indexes) {
      marks[index] = 1;
    }
  }
  return marks;
}
