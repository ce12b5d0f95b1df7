/**
 * Served rows: a fault that was served at once takes one row of the event log and not three. It is
 * the row of the ioctl that resolved and woke it, and tells its raise and its read as well.
 *
 * Such an ioctl succeeded on the one page of the fault and concerned no other fault, so a fold may
 * take the row for a fault that begins and ends there, and without the row it misses nothing else.
 * Pure: no Node, no DOM.
 */
import {
  MODE_DONTWAKE,
  PAGEFAULT_FLAG_MINOR,
  PAGEFAULT_FLAG_WP,
  PAGEFAULT_FLAG_WRITE,
} from '../abi/uffdAbi.ts';
import { kindCode, rowAt, type EventRow, type EventRows } from './eventRows.ts';

/** In `faultFlags`, of every served row. The other bits are UFFD_PAGEFAULT_FLAG_*. */
export const servedMark = 0x80;

/** Flags of a fault that a served row can tell. */
const knownFaultFlags = PAGEFAULT_FLAG_WRITE | PAGEFAULT_FLAG_WP | PAGEFAULT_FLAG_MINOR;
/** A served row tells no raise from longer before. */
export const longestBeforeNs = 0xffff_ffff;

/** Whether row `i` is a served row. */
export function isServed(rows: EventRows, i: number): boolean {
  return (rows.faultFlags[i]! & servedMark) !== 0;
}

/**
 * Whether an ioctl that succeeds on the page of a fault always ends it: resolves it and wakes its
 * thread. Not said of ioctls and flags that are rare.
 * @param kind wire value of the ioctl's row kind
 * @param mode its mode bits
 * @param faultFlags UFFD_PAGEFAULT_FLAG_*
 */
export function isServing(kind: number, mode: number, faultFlags: number): boolean {
  if (faultFlags > knownFaultFlags) {
    return false;
  }
  switch (kind) {
    case kindCode.copy:
    case kindCode.zeropage:
    case kindCode.continue:
    case kindCode.poison:
    case kindCode.move:
      return (mode & MODE_DONTWAKE) === 0;
    case kindCode.writeprotect:
      // Protection that is taken away, and the threads woken.
      return mode === 0 && (faultFlags & PAGEFAULT_FLAG_WP) !== 0;
    default:
      return false;
  }
}

/** The events that row `i` tells of, a row each: raised, read and the ioctl of a served row; else the row itself. */
export function expanded(rows: EventRows, i: number): EventRow[] {
  const { raisedBeforeNs = 0, readBeforeNs = 0, faultFlags = 0, ...row } = rowAt(rows, i);
  if ((faultFlags & servedMark) === 0) {
    return [rowAt(rows, i)];
  }
  const flags = BigInt(faultFlags & ~servedMark);
  const fault = { ...row, actor: 'kernel', lengthBytes: 0, flags, errno: 0, out: 0n } as const;
  return [
    { ...fault, kind: 'raised', timeNs: row.timeNs - raisedBeforeNs },
    { ...fault, kind: 'read', timeNs: row.timeNs - readBeforeNs },
    { ...row, address: BigInt(firstPageOf(rows, i)) * 4096n },
  ];
}

/** 4 KiB page number of row `i`'s address, without a bigint; 57-bit addresses make 45-bit numbers. */
export function pageOf(rows: EventRows, i: number): number {
  return rows.addressWords[2 * i + 1]! * 0x100000 + (rows.addressWords[2 * i]! >>> 12);
}

/** 4 KiB page number of where the range of row `i` starts: in a served row, not always that of its address. */
export function firstPageOf(rows: EventRows, i: number): number {
  const page = pageOf(rows, i);
  const lengthBytes = rows.lengthBytes[i]!;
  // Of one page of 4 KiB nothing is to be rounded; a length that is none of a page cannot be.
  return lengthBytes > 4096 && lengthBytes % 4096 === 0 && isServed(rows, i)
    ? page - (page % (lengthBytes / 4096))
    : page;
}
