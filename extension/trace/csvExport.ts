/** A trace as CSV (RFC 4180): the columns of the trace file, a line per row of the event log. Pure: no VS Code. */
import { kindCode, rowActors, rowKinds, type EventRows } from '../../native-helper/log/eventRows.ts';
import { isServed, servedMark } from '../../native-helper/log/servedRows.ts';
import { hexAddress, rowsPerPiece, type ExportPiece, type ExportSource } from './exportSource.ts';

export const csvColumns = [
  'sequence',
  'time_ns',
  'kind',
  'actor',
  'fault_id',
  'address',
  'length_bytes',
  'tid',
  'flags',
  'errno',
  'out',
  'raised_ns',
  'read_ns',
  'fault_flags',
] as const;

/** No value needs quotes: they are numbers, addresses in hex and this program's words. */
export function* csvExport(source: ExportSource): Generator<ExportPiece> {
  yield { text: `${csvColumns.join(',')}\r\n`, rows: 0, events: 0 };
  for (const rows of source.batches()) {
    for (let from = 0; from < rows.count; from += rowsPerPiece) {
      const until = Math.min(rows.count, from + rowsPerPiece);
      const lines: string[] = [];
      for (let i = from; i < until; i++) {
        if (source.faultIds?.has(rows.faultId[i]!) ?? true) {
          lines.push(`${csvLine(rows, i)}\r\n`);
        }
      }
      yield { text: lines.join(''), rows: until - from, events: lines.length };
    }
  }
}

function csvLine(rows: EventRows, i: number): string {
  const timeNs = rows.timeNs[i]!;
  const isOfFault = isServed(rows, i);
  const isLost = rows.kind[i] === kindCode.lost;
  return [
    rows.firstSequence + i,
    timeNs,
    rowKinds[rows.kind[i]!] ?? 'unknown',
    rowActors[rows.actor[i]!] ?? 'kernel',
    rows.faultId[i],
    hexAddress(rows, i),
    rows.lengthBytes[i],
    rows.tid[i],
    rows.flags[i],
    rows.errno[i],
    rows.out[i],
    isOfFault || isLost ? timeNs - rows.raisedBeforeNs[i]! : '',
    isOfFault ? timeNs - rows.readBeforeNs[i]! : '',
    isOfFault ? rows.faultFlags[i]! & ~servedMark : '',
  ].join(',');
}
