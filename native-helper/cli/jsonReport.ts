/** One JSON object per line; `event` says what it is about. */
import { errnoName, hasOut } from '../abi/errnoText.ts';
import { faultFlagsInWords, ioctlsInWords, modeInWords } from '../abi/uffdAbi.ts';
import type { EventRow } from '../log/eventRows.ts';
import type { Report } from './report.ts';

export const jsonReport: Report = {
  session: (session, parentSessionId) => [line('session', { ...session, parentSessionId })],
  row: (sessionId, sequence, row) => [
    line(row.kind, {
      sessionId,
      sequence,
      timeNs: row.timeNs,
      actor: row.actor,
      faultId: row.faultId === 0 ? undefined : row.faultId,
      ...rowFields(row),
    }),
  ],
  thread: (sessionId, thread) => [line('thread', { sessionId, ...thread })],
  code: (sessionId, code) => [line('codeLocation', { sessionId, ...code })],
  hits: (sessionId, hits) => [line('hits', { sessionId, hits })],
  ruleFailed: (sessionId, rule, faultId, text) => [line('ruleFailed', { sessionId, rule, faultId, text })],
  ranges: (sessionId, ranges) => [line('ranges', { sessionId, ranges })],
  mapChange: (sessionId, change) => [line('mapChange', { sessionId, change })],
  lastHolder: (sessionId, text) => [line('lastHolder', { sessionId, text })],
  ended: (end) => [line('end', { ...end })],
  summary: (summary) => [line('summary', { ...summary })],
  lost: (lines) => line('lost', { lines }),
};

function line(event: string, fields: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ event, ...fields });
}

/** What a row says beyond when, who and which fault. */
function rowFields(row: EventRow): Readonly<Record<string, unknown>> {
  const address = hex(row.address);
  const { lengthBytes, tid } = row;
  switch (row.kind) {
    case 'raised':
      return {
        address,
        tid,
        isTidInferred: row.out === 1n ? true : undefined,
        flags: faultFlagsInWords(row.flags),
      };
    case 'read':
      return { address, tid, flags: faultFlagsInWords(row.flags) };
    case 'code':
      return { address, tid };
    case 'log':
      return { address, tid, flags: faultFlagsInWords(row.flags), rule: Number(row.out) };
    case 'fork':
      return { fd: Number(row.out) };
    case 'remap':
      return { address, lengthBytes, to: hex(row.out) };
    case 'remove':
    case 'unmap':
      return { address, lengthBytes };
    case 'lost':
      return { faults: Number(row.out) };
    case 'unknown':
      return { number: hex(row.flags), address };
    default:
      return {
        address,
        lengthBytes,
        mode: modeInWords(row.kind, row.flags),
        errno: row.errno === 0 ? undefined : errnoName(row.errno),
        out: hasOut(row.kind) ? row.out.toString() : undefined,
        ioctls: row.kind === 'register' && row.errno === 0 ? ioctlsInWords(row.out) : undefined,
      };
  }
}

function hex(value: bigint): string {
  return `0x${BigInt.asUintN(64, value).toString(16)}`;
}
