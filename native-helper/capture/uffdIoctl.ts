/**
 * The ioctls that resolve and wake, on one uffd: structs as in
 * include/uapi/linux/userfaultfd.h, written as 32-bit words so that no bigint is made.
 *
 * Range starts are numbers: they are page-aligned, and a page-aligned 57-bit address is
 * exact in a double.
 */
import { UffdioRequest } from '../abi/uffdAbi.ts';
import { errno, ioctl } from '../syscalls/libc.ts';

/** Answer of an ioctl: errno (0 on success) and the signed out field (0 for WAKE). */
export interface IoctlAnswer {
  readonly errno: number;
  readonly out: bigint;
}

const twoTo32 = 0x1_0000_0000;

export class UffdIoctl {
  private readonly uffd: number;
  private readonly words = new Uint32Array(10);
  private readonly outField = new BigInt64Array(this.words.buffer);

  constructor(uffd: number) {
    this.uffd = uffd;
  }

  /** UFFDIO_COPY of `lengthBytes` from our memory at `source`. Struct: dst, src, len, mode, copy. */
  copy(start: number, source: number, lengthBytes: number, mode: number): IoctlAnswer {
    this.setWord(0, start);
    this.setWord(1, source);
    this.setWord(2, lengthBytes);
    this.setWord(3, mode);
    return this.call(UffdioRequest.COPY, 4);
  }

  /** UFFDIO_ZEROPAGE. Struct: start, len, mode, zeropage. */
  zeropage(start: number, lengthBytes: number, mode: number): IoctlAnswer {
    this.setWord(0, start);
    this.setWord(1, lengthBytes);
    this.setWord(2, mode);
    return this.call(UffdioRequest.ZEROPAGE, 3);
  }

  /** UFFDIO_WAKE. Struct: start, len. */
  wake(start: number, lengthBytes: number): IoctlAnswer {
    this.setWord(0, start);
    this.setWord(1, lengthBytes);
    return this.call(UffdioRequest.WAKE, undefined);
  }

  private setWord(index: number, value: number): void {
    this.words[2 * index] = value % twoTo32;
    this.words[2 * index + 1] = value / twoTo32;
  }

  private call(request: number, outIndex: number | undefined): IoctlAnswer {
    if (outIndex !== undefined) {
      this.outField[outIndex] = 0n;
    }
    const failed = ioctl(this.uffd, request, this.words) !== 0;
    // Read errno before anything else can change it.
    const error = failed ? errno() : 0;
    return { errno: error, out: outIndex === undefined ? 0n : this.outField[outIndex]! };
  }
}
