/**
 * Constants of include/uapi/linux/userfaultfd.h, and their names in words.
 * Bits that are not known here are shown as numbers, never dropped. Pure.
 */

/** Bytes of one `struct uffd_msg`. */
export const uffdMsgBytes = 32;

/** `uffd_msg.event`. */
export const UffdEvent = { PAGEFAULT: 0x12, FORK: 0x13, REMAP: 0x14, REMOVE: 0x15, UNMAP: 0x16 } as const;

/** ioctl requests, type 0xAA. */
export const UffdioRequest = {
  API: 0xc018aa3f,
  REGISTER: 0xc020aa00,
  UNREGISTER: 0x8010aa01,
  WAKE: 0x8010aa02,
  COPY: 0xc028aa03,
  ZEROPAGE: 0xc020aa04,
} as const;

/** `uffdio_copy.mode`, also the DONTWAKE bit of zeropage, continue, poison and move. */
export const COPY_MODE_DONTWAKE = 1n;
/** `uffdio_writeprotect.mode`: the order of its bits differs from all others. */
export const WRITEPROTECT_MODE_WP = 1n;
export const WRITEPROTECT_MODE_DONTWAKE = 2n;

/** Whether an ioctl that resolves leaves the threads asleep: its DONTWAKE bit is set. */
export function isWakeSuppressed(ioctl: string, mode: bigint): boolean {
  const dontWake = ioctl === 'writeprotect' ? WRITEPROTECT_MODE_DONTWAKE : COPY_MODE_DONTWAKE;
  return (mode & dontWake) !== 0n;
}

/** Whether a WRITEPROTECT mode arms the protection (which resolves no fault and wakes nobody). */
export function isWriteProtecting(mode: bigint): boolean {
  return (mode & WRITEPROTECT_MODE_WP) !== 0n;
}

const featureNames = [
  'PAGEFAULT_FLAG_WP',
  'EVENT_FORK',
  'EVENT_REMAP',
  'EVENT_REMOVE',
  'MISSING_HUGETLBFS',
  'MISSING_SHMEM',
  'EVENT_UNMAP',
  'SIGBUS',
  'THREAD_ID',
  'MINOR_HUGETLBFS',
  'MINOR_SHMEM',
  'EXACT_ADDRESS',
  'WP_HUGETLBFS_SHMEM',
  'WP_UNPOPULATED',
  'POISON',
  'WP_ASYNC',
  'MOVE',
];
/** Bit 31 of the features in fdinfo is the kernel's own "initialised" mark, not a feature. */
const initialisedMark = 1n << 31n;

/** Negotiated features in words, lowest bit first. */
export function featuresInWords(features: bigint): string[] {
  return bitsInWords(features & ~initialisedMark, featureNames);
}

/** Whether UFFDIO_API has been done, by the features of fdinfo's `API:` line. */
export function isApiDone(features: bigint): boolean {
  return (features & initialisedMark) !== 0n;
}

export const FEATURE_THREAD_ID = 1n << 8n;

/** UFFD_PAGEFAULT_FLAG_* in words: what kind of access faulted. */
export function faultFlagsInWords(flags: bigint): string[] {
  const kind = (flags & 6n) === 0n ? ['MISSING'] : [];
  return [...kind, ...bitsInWords(flags, ['WRITE', 'WP', 'MINOR'])];
}

/** Mode bits of a resolving ioctl in words. */
export function modeInWords(ioctl: string, mode: bigint): string[] {
  const names =
    ioctl === 'writeprotect' ? ['WP', 'DONTWAKE'] : ['DONTWAKE', ioctl === 'move' ? 'ALLOW_SRC_HOLES' : 'WP'];
  return bitsInWords(mode, names);
}

function bitsInWords(bits: bigint, names: readonly string[]): string[] {
  const words: string[] = [];
  for (let bit = 0; bits >> BigInt(bit) !== 0n; bit++) {
    if (((bits >> BigInt(bit)) & 1n) !== 0n) {
      words.push(names[bit] ?? `0x${(1n << BigInt(bit)).toString(16)}`);
    }
  }
  return words;
}
