/** What to call a lane. */
import { type Hex } from '../../native-helper/protocol/conventions.ts';
import { formatBytes } from './duration.ts';
import { type LaneOf } from './faultLane.ts';

/** What to call what faults have in common. */
export interface LaneNames {
  readonly threadName: (tid: number) => string;
  /** @param address of an instruction */
  readonly codeName: (address: Hex) => string;
}

export function laneName(of: LaneOf, { threadName, codeName }: LaneNames): string {
  switch (of.by) {
    case 'thread':
      return threadName(of.tid);
    case 'code':
      return of.code === null ? 'Unknown code' : codeName(of.code);
    case 'range':
      return of.range === null
        ? 'No range'
        : `0x${(of.range.page * 4096).toString(16)} ${formatBytes(of.range.lengthBytes)}`;
  }
}
