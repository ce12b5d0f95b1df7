/**
 * Rows that acting on faults makes, in columns until their fault has its id: no object and no
 * bigint for each, so that the log can be written while the threads run again.
 */
import { kindCode, type RowKind } from '../log/eventRows.ts';

const firstCapacity = 1024;

export class ActionRows {
  count = 0;
  kind = new Uint8Array(firstCapacity);
  start = new Float64Array(firstCapacity);
  lengthBytes = new Float64Array(firstCapacity);
  /** Mode bits of the ioctl; the fault's flags for `log`. */
  flags = new Float64Array(firstCapacity);
  errno = new Uint16Array(firstCapacity);
  out = new Float64Array(firstCapacity);
  timeNs = new Float64Array(firstCapacity);
  /** 1 where the range is the one page of the fault. */
  isOnePage = new Uint8Array(firstCapacity);

  add(
    kind: RowKind,
    start: number,
    lengthBytes: number,
    flags: number,
    errno: number,
    out: number,
    timeNs: number,
    isOnePage = false,
  ): void {
    if (this.count === this.kind.length) {
      this.grow();
    }
    const i = this.count++;
    this.kind[i] = kindCode[kind];
    this.start[i] = start;
    this.lengthBytes[i] = lengthBytes;
    this.flags[i] = flags;
    this.errno[i] = errno;
    this.out[i] = out;
    this.timeNs[i] = timeNs;
    this.isOnePage[i] = isOnePage ? 1 : 0;
  }

  clear(): void {
    this.count = 0;
  }

  private grow(): void {
    this.kind = grown(this.kind, new Uint8Array(2 * this.count));
    this.start = grown(this.start, new Float64Array(2 * this.count));
    this.lengthBytes = grown(this.lengthBytes, new Float64Array(2 * this.count));
    this.flags = grown(this.flags, new Float64Array(2 * this.count));
    this.errno = grown(this.errno, new Uint16Array(2 * this.count));
    this.out = grown(this.out, new Float64Array(2 * this.count));
    this.timeNs = grown(this.timeNs, new Float64Array(2 * this.count));
    this.isOnePage = grown(this.isOnePage, new Uint8Array(2 * this.count));
  }
}

function grown<Column extends Uint8Array | Uint16Array | Float64Array>(from: Column, to: Column): Column {
  to.set(from);
  return to;
}
