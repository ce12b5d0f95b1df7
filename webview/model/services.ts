/**
 * How faults that were served at once were served: by whom, with which ioctl. Millions of faults
 * are served in few ways, so each way is kept once, and the three events of such a fault can be
 * told without its row.
 */
import { type EventRow, type EventRows, rowAt, words } from '../../native-helper/log/eventRows.ts';

type Service = Pick<EventRow, 'kind' | 'actor' | 'lengthBytes' | 'flags' | 'errno' | 'out'>;

/** What is a served fault's own. */
export interface ServedFault {
  readonly faultId: number;
  readonly address: bigint;
  readonly tid: number;
  readonly flags: bigint;
  readonly raisedNs: number;
  readonly readNs: number;
  readonly servedNs: number;
}

export class Services {
  private readonly list: Service[] = [];
  private readonly byKey = new Map<string, number>();
  // Nearly always the next fault is served as the last one was.
  private lastRows: EventRows | null = null;
  private lastRow = -1;
  private lastNumber = 0;
  // 64-bit columns of its batch as pairs of words, so that no bigint is made per fault.
  private flagsWords: Uint32Array = new Uint32Array(0);
  private outWords: Uint32Array = new Uint32Array(0);

  /** Number of the way in which served row `row` tells that its fault was served; never 0. */
  of(rows: EventRows, row: number): number {
    if (this.lastRows === rows && this.isAsLast(rows, row)) {
      return this.lastNumber;
    }
    const { kind, actor, lengthBytes, flags, errno, out } = rowAt(rows, row);
    const key = [kind, actor, lengthBytes, flags, out].join();
    let number = this.byKey.get(key);
    if (number === undefined) {
      number = this.list.push({ kind, actor, lengthBytes, flags, errno, out });
      this.byKey.set(key, number);
    }
    if (this.lastRows !== rows) {
      this.flagsWords = words(rows.flags);
      this.outWords = words(rows.out);
    }
    this.lastRows = rows;
    this.lastRow = row;
    this.lastNumber = number;
    return number;
  }

  private isAsLast(rows: EventRows, row: number): boolean {
    const { lastRow, flagsWords, outWords } = this;
    return (
      rows.kind[row] === rows.kind[lastRow] &&
      rows.actor[row] === rows.actor[lastRow] &&
      rows.lengthBytes[row] === rows.lengthBytes[lastRow] &&
      flagsWords[2 * row] === flagsWords[2 * lastRow] &&
      flagsWords[2 * row + 1] === flagsWords[2 * lastRow + 1] &&
      outWords[2 * row] === outWords[2 * lastRow] &&
      outWords[2 * row + 1] === outWords[2 * lastRow + 1]
    );
  }

  /** Raised, read, and the ioctl of a fault that was served in way `number`. */
  events(number: number, fault: ServedFault): EventRow[] {
    const { faultId, address, tid, flags } = fault;
    const service = this.list[number - 1]!;
    const kernel = {
      actor: 'kernel',
      faultId,
      address,
      lengthBytes: 0,
      tid,
      flags,
      errno: 0,
      out: 0n,
    } as const;
    const start = address - (address % BigInt(service.lengthBytes));
    return [
      { ...kernel, kind: 'raised', timeNs: fault.raisedNs },
      { ...kernel, kind: 'read', timeNs: fault.readNs },
      { ...service, faultId, tid, address: start, timeNs: fault.servedNs },
    ];
  }
}
