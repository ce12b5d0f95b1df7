/**
 * The ioctls on one uffd: structs as in include/uapi/linux/userfaultfd.h, written as
 * 32-bit words so that no bigint is made.
 *
 * Each call returns its errno, 0 on success; `out` is the signed out field of the last call.
 *
 * Range starts are numbers: they are page-aligned, and a page-aligned 57-bit address is
 * exact in a double.
 */
import { Errno } from '../abi/errnoText.ts';
import { UffdioRequest } from '../abi/uffdAbi.ts';
import { addressOf, errno, ioctlAt } from '../syscalls/libc.ts';

const twoTo32 = 0x1_0000_0000;
/** The struct has no out field: one word pair behind all of them, which the kernel never touches. */
const noOut = 5;

export class UffdIoctl {
  private readonly uffd: number;
  private readonly words = new Uint32Array(new ArrayBuffer(48));
  private readonly address = Number(addressOf(new Uint8Array(this.words.buffer)));
  private readonly fields = new BigInt64Array(this.words.buffer);
  private outIndex = 0;

  /** ESRCH was answered: the address space behind the uffd is gone. */
  isMemoryGone = false;
  /** EAGAIN was answered although nothing was done: the memory map is changing. Whoever reacts clears it. */
  hasMetMapChange = false;

  constructor(uffd: number) {
    this.uffd = uffd;
  }

  /** UFFDIO_COPY of `lengthBytes` from our memory at `source`. Struct: dst, src, len, mode, copy. */
  copy(start: number, source: number, lengthBytes: number, mode: number): number {
    this.setWord(0, start);
    this.setWord(1, source);
    this.setWord(2, lengthBytes);
    this.setWord(3, mode);
    return this.call(UffdioRequest.COPY, 4);
  }

  /** UFFDIO_ZEROPAGE. Struct: start, len, mode, zeropage. */
  zeropage(start: number, lengthBytes: number, mode: number): number {
    this.setWord(0, start);
    this.setWord(1, lengthBytes);
    this.setWord(2, mode);
    return this.call(UffdioRequest.ZEROPAGE, 3);
  }

  /** UFFDIO_CONTINUE: maps what is in the page cache. Struct: start, len, mode, mapped. */
  continue(start: number, lengthBytes: number, mode: number): number {
    this.setWord(0, start);
    this.setWord(1, lengthBytes);
    this.setWord(2, mode);
    return this.call(UffdioRequest.CONTINUE, 3);
  }

  /** UFFDIO_POISON: whoever touches the pages gets SIGBUS. Struct: start, len, mode, updated. */
  poison(start: number, lengthBytes: number, mode: number): number {
    this.setWord(0, start);
    this.setWord(1, lengthBytes);
    this.setWord(2, mode);
    return this.call(UffdioRequest.POISON, 3);
  }

  /** UFFDIO_WRITEPROTECT, with mode bits in an order of its own. Struct: start, len, mode; no out field. */
  writeprotect(start: number, lengthBytes: number, mode: number): number {
    this.setWord(0, start);
    this.setWord(1, lengthBytes);
    this.setWord(2, mode);
    return this.call(UffdioRequest.WRITEPROTECT, noOut);
  }

  /** UFFDIO_WAKE. Struct: start, len; no out field. */
  wake(start: number, lengthBytes: number): number {
    this.setWord(0, start);
    this.setWord(1, lengthBytes);
    return this.call(UffdioRequest.WAKE, noOut);
  }

  /** UFFDIO_REGISTER; `out` is the mask of ioctls that the range takes. Struct: start, len, mode, ioctls. */
  register(start: number, lengthBytes: number, modes: number): number {
    this.setWord(0, start);
    this.setWord(1, lengthBytes);
    this.setWord(2, modes);
    return this.call(UffdioRequest.REGISTER, 3);
  }

  /** UFFDIO_UNREGISTER. Struct: start, len; no out field. */
  unregister(start: number, lengthBytes: number): number {
    this.setWord(0, start);
    this.setWord(1, lengthBytes);
    return this.call(UffdioRequest.UNREGISTER, noOut);
  }

  /** Bytes done or -errno of the last call, as the kernel wrote it; 0 when it wrote nothing. */
  get out(): bigint {
    return this.fields[this.outIndex]!;
  }

  private setWord(index: number, value: number): void {
    // Storing keeps the low 32 bits.
    this.words[2 * index] = value;
    this.words[2 * index + 1] = value / twoTo32;
  }

  private call(request: number, outIndex: number): number {
    this.outIndex = outIndex;
    this.words[2 * outIndex] = 0;
    this.words[2 * outIndex + 1] = 0;
    if (ioctlAt(this.uffd, request, this.address) === 0) {
      return 0;
    }
    // Read errno before anything else can change it.
    const error = errno();
    this.isMemoryGone ||= error === Errno.ESRCH;
    this.hasMetMapChange ||= error === Errno.EAGAIN && this.out <= 0n;
    return error;
  }
}
