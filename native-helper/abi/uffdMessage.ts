/**
 * Decodes `struct uffd_msg` (include/uapi/linux/userfaultfd.h): 32 bytes, packed,
 * little-endian on every machine this runs on. Pure.
 */
import { UffdEvent, uffdMsgBytes } from './uffdAbi.ts';

export type UffdMessage =
  | {
      readonly event: 'pagefault';
      /** UFFD_PAGEFAULT_FLAG_*, unknown bits included. */
      readonly flags: bigint;
      readonly address: bigint;
      /** Faulting task in its own pid namespace; 0 without THREAD_ID. */
      readonly ptid: number;
    }
  /** `ufd` is the child's descriptor, installed in the process that read the message. */
  | { readonly event: 'fork'; readonly ufd: number }
  | {
      readonly event: 'remap';
      readonly from: bigint;
      readonly to: bigint;
      readonly lengthBytes: bigint;
    }
  | { readonly event: 'remove' | 'unmap'; readonly start: bigint; readonly end: bigint }
  /** An event this version does not know: its number and first two payload words, as they are. */
  | { readonly event: 'unknown'; readonly number: number; readonly words: readonly [bigint, bigint] };

/**
 * Message number `index` of a buffer that read(2) filled.
 * @throws RangeError when the buffer holds no such whole message
 */
export function decodeUffdMessage(buffer: DataView, index: number): UffdMessage {
  const base = index * uffdMsgBytes;
  if (index < 0 || base + uffdMsgBytes > buffer.byteLength) {
    throw new RangeError(`message ${index} is outside a buffer of ${buffer.byteLength} bytes`);
  }
  const event = buffer.getUint8(base);
  const word = (offset: number): bigint => buffer.getBigUint64(base + offset, true);
  switch (event) {
    case UffdEvent.PAGEFAULT:
      return {
        event: 'pagefault',
        flags: word(8),
        address: word(16),
        ptid: buffer.getUint32(base + 24, true),
      };
    case UffdEvent.FORK:
      return { event: 'fork', ufd: buffer.getUint32(base + 8, true) };
    case UffdEvent.REMAP:
      return { event: 'remap', from: word(8), to: word(16), lengthBytes: word(24) };
    case UffdEvent.REMOVE:
      return { event: 'remove', start: word(8), end: word(16) };
    case UffdEvent.UNMAP:
      return { event: 'unmap', start: word(8), end: word(16) };
    default:
      return { event: 'unknown', number: event, words: [word(8), word(16)] };
  }
}

/**
 * Fault address of message `index` as a number, without decoding the rest: exact for
 * page-aligned addresses. Undefined when it is no page fault.
 */
export function pagefaultAddress(buffer: DataView, index: number): number | undefined {
  const base = index * uffdMsgBytes;
  return buffer.getUint8(base) === UffdEvent.PAGEFAULT
    ? buffer.getUint32(base + 20, true) * 0x1_0000_0000 + buffer.getUint32(base + 16, true)
    : undefined;
}

/** Faulting thread of message `index` (ptid; 0 without THREAD_ID). Undefined when it is no page fault. */
export function pagefaultTid(buffer: DataView, index: number): number | undefined {
  const base = index * uffdMsgBytes;
  return buffer.getUint8(base) === UffdEvent.PAGEFAULT ? buffer.getUint32(base + 24, true) : undefined;
}
