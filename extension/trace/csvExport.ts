/** A trace as CSV (RFC 4180): the columns of the trace file, a line per row of the event log. Pure: no VS Code. */
import { kindCode, rowActors, rowKinds, type EventRows } from '../../native-helper/log/eventRows.ts';
import { isServed, servedMark } from '../../native-helper/log/servedRows.ts';
import type { ExportPiece, ExportSource } from './exportSource.ts';

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
    let text = '';
    let events = 0;
    for (let i = 0; i < rows.count; i++) {
      if (source.faultIds?.has(rows.faultId[i]!) ?? true) {
        text += `${csvLine(rows, i)}\r\n`;
        events++;
      }
    }
    yield { text, rows: rows.count, events };
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
    `0x${rows.address[i]!.toString(16)}`,
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
