/** What to call a lane. */
import { formatBytes } from './duration.ts';
import { type LaneOf } from './faultLane.ts';

/** @param threadName what to call a thread */
export function laneName(of: LaneOf, threadName: (tid: number) => string): string {
  if (of.by === 'thread') {
    return threadName(of.tid);
  }
  return of.range === null
    ? 'No range'
    : `0x${(of.range.page * 4096).toString(16)} ${formatBytes(of.range.lengthBytes)}`;
}
