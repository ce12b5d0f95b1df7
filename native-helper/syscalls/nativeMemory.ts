/** Memory outside the JavaScript heap, at an address that the kernel can be given. */
import { copyToNative, mmap } from './libc.ts';
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

/** A native buffer that grows on demand and is filled by copying. */
export class NativeBuffer {
  private capacityBytes = 0;
  private start = 0;

  /** Its address now; changes when it grows. */
  get address(): number {
    return this.start;
  }

  /** Makes room for `lengthBytes`; the contents are lost when it grows. */
  reserve(lengthBytes: number): void {
    if (lengthBytes > this.capacityBytes) {
      this.capacityBytes = Math.max(lengthBytes, 2 * this.capacityBytes);
      this.start = mapAnonymous(this.capacityBytes);
    }
  }

  /** Replaces the contents with `bytes`. */
  fill(bytes: Uint8Array): void {
    this.reserve(bytes.byteLength);
    copyToNative(this.start, bytes, bytes.byteLength);
  }
}
