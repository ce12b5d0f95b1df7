/** The changes of the memory map in words, for the lamp in the toolbar. */
import { type EventRow } from '../../native-helper/log/eventRows.ts';
import type { MapChangeDto } from '../../native-helper/protocol/session.ts';
import { formatBytes } from './duration.ts';
import { hexAddress, threadName } from './faultWords.ts';

export interface LampWords {
  /** A few words, beside the lamp. */
  readonly short: string;
  /** Everything, as one or two sentences. */
  readonly long: string;
}

/** While the map is changing. */
export function changingWords({ event, start, lengthBytes, tid, comm }: MapChangeDto): LampWords {
  const thread = tid === 0 ? 'a thread that was not seen' : threadName(tid, comm);
  const where = lengthBytes === 0 ? '' : `, ${formatBytes(lengthBytes)} at ${start}`;
  const blocked = `Until ${thread} has run, every resolution answers EAGAIN.`;
  return event === null
    ? {
        short: 'Map changing: event unread',
        long: `The memory map is changing: a fork, remap, remove or unmap event is still unread. ${blocked}`,
      }
    : {
        short: `Map changing: ${event}${where}`,
        long: `The memory map is changing: ${event} event${where}. ${capitalised(thread)} waits for it to be read. ${blocked}`,
      };
}

/** Just after it has changed. */
export function changedWords(row: EventRow): LampWords {
  const what =
    row.kind === 'fork'
      ? 'fork'
      : `${row.kind}, ${formatBytes(row.lengthBytes)} at ${hexAddress(row.address)}` +
        (row.kind === 'remap' ? ` to ${hexAddress(row.out)}` : '');
  return { short: `Map changed: ${what}`, long: `The memory map has just changed: ${what}.` };
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
