/** Turns messages of the kernel into rows of the event log. */
import type { UffdMessage } from '../abi/uffdMessage.ts';
import type { EventRow } from '../log/eventRows.ts';
import type { EventLog } from './eventLog.ts';

/**
 * Appends the row or rows of a message.
 * @param raisedNs when a fault counts as raised
 * @param inferredTid the thread of a fault whose message does not name it; 0 when it is unknown
 * @returns the fault's id, 0 when it is no fault
 */
export function appendMessage(
  log: EventLog,
  message: UffdMessage,
  raisedNs: number,
  readNs: number,
  inferredTid: number,
): number {
  if (message.event === 'pagefault') {
    const { address, flags, ptid } = message;
    return log.appendFault(address, flags, ptid || inferredTid, raisedNs, readNs, inferredTid !== 0);
  }
  const row: EventRow = {
    kind: message.event,
    actor: 'kernel',
    timeNs: readNs,
    faultId: 0,
    address: 0n,
    lengthBytes: 0,
    tid: 0,
    flags: 0n,
    errno: 0,
    out: 0n,
  };
  switch (message.event) {
    case 'fork':
      log.append({ ...row, out: BigInt(message.ufd) });
      break;
    case 'remap':
      log.append({
        ...row,
        address: message.from,
        lengthBytes: Number(message.lengthBytes),
        out: BigInt.asIntN(64, message.to),
      });
      break;
    case 'remove':
    case 'unmap':
      log.append({ ...row, address: message.start, lengthBytes: Number(message.end - message.start) });
      break;
    case 'unknown':
      log.append({
        ...row,
        address: message.words[0],
        out: BigInt.asIntN(64, message.words[1]),
        flags: BigInt(message.number),
      });
      break;
  }
  return 0;
}
