/** What is at a page of a process, from /proc/PID/pagemap (Documentation/admin-guide/mm/pagemap.rst). */
import { closeSync, readSync } from 'node:fs';
import { basePageBytes } from '../abi/uffdAbi.ts';
import { openProc } from './procFile.ts';

/**
 * none = nothing; present = mapped; swapped = swapped out; marked = no page but a mark of
 * userfaultfd (write protection or poison). Without CAP_SYS_ADMIN a mark cannot be told from
 * a swapped page: swappedOrMarked.
 */
export type PageContent = 'none' | 'present' | 'swapped' | 'marked' | 'swappedOrMarked';

export interface PageEntry {
  readonly content: PageContent;
  /** Write-protected through a userfaultfd. */
  readonly isWriteProtected: boolean;
}

const entryBytes = 8;
// Bits of an entry's upper half.
const PM_PRESENT = 2 ** 31;
const PM_SWAP = 2 ** 30;
const PM_UFFD_WP = 2 ** 25;
/** The lower 23 bits of the upper half and all of the lower: page frame, or swap type and offset. */
const frameMask = 2 ** 23 - 1;
/** Swap type of marks: the last of 32 (include/linux/swap.h, SWP_PTE_MARKER). */
const markerType = 31;

/** An open pagemap. */
export class Pagemap {
  private readonly file: number | undefined;

  constructor(procRoot: string, pid: number) {
    this.file = openProc(`${procRoot}/${pid}/pagemap`);
  }

  /** The entries of `count` base pages from `address` on; nothing when they cannot be read. */
  entries(address: number, count: number): PageEntry[] {
    if (this.file === undefined) {
      return [];
    }
    const bytes = new Uint8Array(count * entryBytes);
    try {
      const length = readSync(this.file, bytes, 0, bytes.byteLength, (address / basePageBytes) * entryBytes);
      return parsePagemap(bytes.subarray(0, length));
    } catch {
      // The process is gone.
      return [];
    }
  }

  close(): void {
    if (this.file !== undefined) {
      closeSync(this.file);
    }
  }
}

/** The entries of a piece of pagemap; bits that are not known here are passed over. */
export function parsePagemap(bytes: Uint8Array): PageEntry[] {
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: PageEntry[] = [];
  for (let at = 0; at + entryBytes <= bytes.byteLength; at += entryBytes) {
    const low = words.getUint32(at, true);
    const high = words.getUint32(at + 4, true);
    entries.push({ content: contentOf(low, high), isWriteProtected: has(high, PM_UFFD_WP) });
  }
  return entries;
}

function contentOf(low: number, high: number): PageContent {
  if (has(high, PM_PRESENT)) {
    return 'present';
  }
  if (!has(high, PM_SWAP)) {
    return 'none';
  }
  if (low === 0 && (high & frameMask) === 0) {
    return 'swappedOrMarked';
  }
  return (low & markerType) === markerType ? 'marked' : 'swapped';
}

function has(word: number, bit: number): boolean {
  return (word & bit) !== 0;
}
