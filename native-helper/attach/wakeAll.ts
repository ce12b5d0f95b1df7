/**
 * The hand back: one UFFDIO_WAKE over the whole address space of a ctx.
 *
 * WAKE walks the ctx's wait queues, not mappings (wake_userfault in fs/userfaultfd.c), so
 * it needs no ranges and reaches threads on unregistered memory too. A thread whose fault
 * is unresolved faults again and raises a new event for whoever reads next.
 */
import { readFileSync } from 'node:fs';
import { Errno } from '../abi/errnoText.ts';
import { UffdioRequest } from '../abi/uffdAbi.ts';
import { errno, ioctl } from '../syscalls/libc.ts';

/** Sizes of user address spaces, largest first: LA57, arm64 52 and 48 bits, x86-64, 39 bits, 32 bits. */
const addressSpaceEnds = [
  2n ** 56n - 4096n,
  2n ** 52n,
  2n ** 48n,
  2n ** 47n - 4096n,
  2n ** 39n,
  2n ** 32n - 8192n,
  3n * 2n ** 30n,
];

export interface WokenRange {
  readonly start: bigint;
  readonly lengthBytes: bigint;
}

/**
 * Wakes every thread asleep in a fault of this ctx. Safe on a dead target.
 * @returns the range woken, or undefined when the kernel refused every one
 */
export function wakeAll(uffd: number): WokenRange | undefined {
  for (const start of lowestAddresses()) {
    for (const end of addressSpaceEnds) {
      const lengthBytes = end - start;
      const argument = new BigUint64Array([start, lengthBytes]);
      if (ioctl(uffd, UffdioRequest.WAKE, new Uint8Array(argument.buffer)) === 0) {
        return { start, lengthBytes };
      }
      // EINVAL: the end is beyond this task's address space, and the next one is lower; or the
      // start is not aligned to its pages.
      if (errno() !== Errno.EINVAL) {
        return undefined;
      }
    }
  }
  return undefined;
}

/** An address that a uffd ioctl does not refuse as too low, aligned to pages of any architecture. */
export function lowestAddress(): bigint {
  return roundedUp(Math.max(1, minimumAddress()), largestPageBytes);
}

/** Where a WAKE over everything may begin: as low as can be, and aligned to larger pages. */
function lowestAddresses(): readonly bigint[] {
  return [roundedUp(minimumAddress(), 4096), lowestAddress()];
}

/** Of arm64. */
const largestPageBytes = 65536;

/** vm.mmap_min_addr: a uffd ioctl refuses ranges below it. */
function minimumAddress(): number {
  try {
    return Number(readFileSync('/proc/sys/vm/mmap_min_addr', 'latin1'));
  } catch {
    // Not readable in some containers: the default of all architectures.
    return 65536;
  }
}

function roundedUp(address: number, pageBytes: number): bigint {
  return BigInt(Math.ceil(address / pageBytes) * pageBytes);
}
