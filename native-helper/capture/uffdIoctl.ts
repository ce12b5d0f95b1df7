/**
 * The ioctls that resolve and wake, on one uffd: structs as in
 * include/uapi/linux/userfaultfd.h, written as 32-bit words so that no bigint is made.
 *
 * Each call returns its errno, 0 on success; `out` is the signed out field of the last call.
 *
 * Range starts are numbers: they are page-aligned, and a page-aligned 57-bit address is
 * exact in a double.
 */
import { UffdioRequest } from '../abi/uffdAbi.ts';
import { errno, ioctl } from '../syscalls/libc.ts';

const twoTo32 = 0x1_0000_0000;

export class UffdIoctl {
  private readonly uffd: number;
  private readonly words = new Uint32Array(10);
  private readonly fields = new BigInt64Array(this.words.buffer);
  private outIndex = 0;

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

  /** UFFDIO_WAKE. Struct: start, len; no out field. */
  wake(start: number, lengthBytes: number): number {
    this.setWord(0, start);
    this.setWord(1, lengthBytes);
    return this.call(UffdioRequest.WAKE, 2);
  }

  /** Bytes done or -errno of the last call, as the kernel wrote it; 0 when it wrote nothing. */
  get out(): bigint {
    return this.fields[this.outIndex]!;
  }

  private setWord(index: number, value: number): void {
    this.words[2 * index] = value % twoTo32;
    this.words[2 * index + 1] = value / twoTo32;
  }

  private call(request: number, outIndex: number): number {
    this.outIndex = outIndex;
    this.words[2 * outIndex] = 0;
    this.words[2 * outIndex + 1] = 0;
    // Read errno before anything else can change it.
    return ioctl(this.uffd, request, this.words) === 0 ? 0 : errno();
  }
}
