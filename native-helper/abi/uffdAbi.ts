/**
 * Constants of include/uapi/linux/userfaultfd.h, and their names in words.
 * Bits that are not known here are shown as numbers, never dropped. Pure.
 */

/** Bytes of one `struct uffd_msg`. */
export const uffdMsgBytes = 32;

/** `uffd_msg.event`. */
export const UffdEvent = { PAGEFAULT: 0x12, FORK: 0x13, REMAP: 0x14, REMOVE: 0x15, UNMAP: 0x16 } as const;

/** The page size of memory that is not hugetlb, and the unit of every range that an ioctl takes. */
export const basePageBytes = 4096;

/** ioctl requests, type 0xAA. */
export const UffdioRequest = {
  API: 0xc018aa3f,
  REGISTER: 0xc020aa00,
  UNREGISTER: 0x8010aa01,
  WAKE: 0x8010aa02,
  COPY: 0xc028aa03,
  ZEROPAGE: 0xc020aa04,
  MOVE: 0xc028aa05,
  WRITEPROTECT: 0xc018aa06,
  CONTINUE: 0xc020aa07,
  POISON: 0xc020aa08,
} as const;

/** Mode bit of COPY, ZEROPAGE, CONTINUE, POISON and MOVE: the threads stay asleep. */
export const MODE_DONTWAKE = 1;
/** Mode bit of COPY and CONTINUE: the page comes write-protected. */
export const MODE_WP = 2;
/** Mode bit of MOVE: pages that the source does not have are passed over. */
export const MODE_ALLOW_SRC_HOLES = 2;
/** `uffdio_writeprotect.mode`: the order of its bits differs from all others. */
export const WRITEPROTECT_MODE_WP = 1;
export const WRITEPROTECT_MODE_DONTWAKE = 2;

/** `uffdio_register.mode`. */
export const RegisterModeBit = { MISSING: 1, WP: 2, MINOR: 4 } as const;

/** Whether an ioctl that resolves leaves the threads asleep: its DONTWAKE bit is set. */
export function isWakeSuppressed(ioctl: string, mode: bigint): boolean {
  const dontWake = ioctl === 'writeprotect' ? WRITEPROTECT_MODE_DONTWAKE : MODE_DONTWAKE;
  return (mode & BigInt(dontWake)) !== 0n;
}

/** Whether a WRITEPROTECT mode arms the protection (which resolves no fault and wakes nobody). */
export function isWriteProtecting(mode: bigint): boolean {
  return (mode & BigInt(WRITEPROTECT_MODE_WP)) !== 0n;
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

/** By number of the request, the bit of ioctl masks. */
const ioctlNames = [
  'REGISTER',
  'UNREGISTER',
  'WAKE',
  'COPY',
  'ZEROPAGE',
  'MOVE',
  'WRITEPROTECT',
  'CONTINUE',
  'POISON',
];
const apiBit = 0x3fn;

/** A mask of ioctls in words, as UFFDIO_REGISTER and fdinfo's `API:` line give it; lowest bit first. */
export function ioctlsInWords(mask: bigint): string[] {
  const api = 1n << apiBit;
  const words = bitsInWords(mask & ~api, ioctlNames);
  return (mask & api) === 0n ? words : [...words, 'API'];
}

/** UFFD_PAGEFAULT_FLAG_*; neither WP nor MINOR means a missing page. */
export const PAGEFAULT_FLAG_WRITE = 1;
export const PAGEFAULT_FLAG_WP = 2;
export const PAGEFAULT_FLAG_MINOR = 4;

/** UFFD_PAGEFAULT_FLAG_* in words: what kind of access faulted. No flag but WRITE means a missing page. */
export function faultFlagsInWords(flags: bigint): string[] {
  const kind = (flags & ~1n) === 0n ? ['MISSING'] : [];
  return [...kind, ...bitsInWords(flags, ['WRITE', 'WP', 'MINOR'])];
}

/** Mode bits of an ioctl in words. */
export function modeInWords(ioctl: string, mode: bigint): string[] {
  return bitsInWords(mode, modeNames[ioctl] ?? ['DONTWAKE', 'WP']);
}

/** Mode bits of those ioctls that differ from COPY, lowest bit first. */
const modeNames: Readonly<Record<string, readonly string[]>> = {
  register: ['MISSING', 'WP', 'MINOR'],
  writeprotect: ['WP', 'DONTWAKE'],
  move: ['DONTWAKE', 'ALLOW_SRC_HOLES'],
};

function bitsInWords(bits: bigint, names: readonly string[]): string[] {
  const words: string[] = [];
  for (let bit = 0; bits >> BigInt(bit) !== 0n; bit++) {
    if (((bits >> BigInt(bit)) & 1n) !== 0n) {
      words.push(names[bit] ?? `0x${(1n << BigInt(bit)).toString(16)}`);
    }
  }
  return words;
}
