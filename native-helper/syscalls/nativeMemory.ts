/** Memory outside the JavaScript heap, at an address that the kernel can be given. */
import { copyToNative, mmap, munmap } from './libc.ts';
import { throwErrno } from './syscallError.ts';

const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_PRIVATE = 0x02;
const MAP_ANONYMOUS = 0x20;

/**
 * Maps `lengthBytes` of zeroed anonymous memory. It stays mapped until the process ends.
 * @returns its address, page-aligned
 * @throws SyscallError mmap(2)
 */
export function mapAnonymous(lengthBytes: number): number {
  const address = mmap(0, lengthBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return address === -1 ? throwErrno('mmap') : address;
}

/** A native buffer that is filled by copying. Stays mapped until it is freed. */
export class NativeBuffer {
  private lengthBytes = 0;
  private start = 0;

  /** Its address; 0 before the first fill and after `free`. */
  get address(): number {
    return this.start;
  }

  /**
   * Makes it at least `lengthBytes` long; the contents are lost when it has to grow.
   * @returns its address
   */
  reserve(lengthBytes: number): number {
    if (lengthBytes > this.lengthBytes) {
      this.free();
      this.start = mapAnonymous(lengthBytes);
      this.lengthBytes = lengthBytes;
    }
    return this.start;
  }

  /** Replaces the contents with `bytes`; the address changes when they are longer than any before. */
  fill(bytes: Uint8Array): void {
    copyToNative(this.reserve(bytes.byteLength), bytes, bytes.byteLength);
  }

  /** Unmaps it. */
  free(): void {
    if (this.lengthBytes > 0) {
      munmap(this.start, this.lengthBytes);
      this.start = 0;
      this.lengthBytes = 0;
    }
  }
}
