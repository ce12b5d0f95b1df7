/** The end of a session as a row of its trace. Pure: no VS Code. */
import { rowsFrom } from '../../native-helper/log/eventRows.ts';
import { packedRows } from '../../native-helper/log/packedRows.ts';
import type { DebugSession } from './debugSession.ts';

/** The largest user address space there is. */
const wholeAddressSpaceBytes = 2 ** 57;

/**
 * The row that a helper could not send, for instance because it is dead: a session's end
 * wakes every thread, by its guardian if need be, so nothing is held any more.
 */
export function handBackWake(session: DebugSession): ArrayBuffer {
  return packedRows(
    rowsFrom(session.trace.revision + 1, [
      {
        kind: 'wake',
        actor: 'detach',
        timeNs: session.nowNs(),
        faultId: 0,
        address: 0n,
        lengthBytes: wholeAddressSpaceBytes,
        tid: 0,
        flags: 0n,
        errno: 0,
        out: 0n,
      },
    ]),
  );
}
