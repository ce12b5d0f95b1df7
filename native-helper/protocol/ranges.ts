/** Registered memory. */
import type { Hex } from './conventions.ts';

/** What a mapping consists of: it decides which ioctls it takes. */
export type MemoryKind = 'anonymous' | 'shmem' | 'hugetlb' | 'file';

/** A registered range, from /proc/PID/smaps. */
export interface RangeDto {
  readonly start: Hex;
  readonly lengthBytes: number;
  /** Registration modes in words: MISSING, WP, MINOR; unknown `u?` VmFlags as they are. */
  readonly modes: readonly string[];
  readonly memory: MemoryKind;
  readonly isShared: boolean;
  /** KernelPageSize of the mapping: the unit in which pages are provided. */
  readonly pageBytes: number;
  /** Bytes mapped by transparent huge pages. */
  readonly thpBytes: number;
  /** Path or name of the mapping, empty for plain anonymous memory. */
  readonly backing: string;
}
