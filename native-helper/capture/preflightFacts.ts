/** What is known about the pages that an action would be for: read from /proc, changing nothing. */
import { basePageBytes, faultFlagsInWords } from '../abi/uffdAbi.ts';
import { PageCache } from '../inspect/pageCache.ts';
import { Pagemap, type PageContent } from '../inspect/pagemap.ts';
import { procRoot } from '../inspect/procFile.ts';
import type { FaultStaleness, OpenFault, OpenFaults } from '../log/openFaults.ts';
import type { PagesDto } from '../protocol/ioctls.ts';
import { openFaultsOf, wholePages } from './pagePlan.ts';
import type { TargetRange, TargetRanges } from './targetRanges.ts';

/** What does not change from page to page, nor while a session lasts. */
export interface SystemFacts {
  /** Negotiated features in words. */
  readonly features: readonly string[];
  /** ioctls the kernel has, in words. */
  readonly ioctlNames: readonly string[];
  /** What resolving by hand may break, a sentence each. */
  readonly warnings: readonly string[];
}

/** What holds for all pages now. */
export interface PresentFacts extends SystemFacts {
  /** Why no thread of the target can do a MOVE, in a few words; empty when one can. */
  readonly moveObstacle: string;
}

/** A page, or `count` pages of which all the same is known. */
export interface PageFacts {
  readonly count: number;
  /** Flags of the fault in words, its kind first; undefined for pages of a range. */
  readonly fault: readonly string[] | undefined;
  readonly stale: FaultStaleness | null;
  /** Its registered range; unseen when the memory is a process's that is not known. */
  readonly range: Pick<TargetRange, 'memory' | 'isShared' | 'pageBytes' | 'modes'> | 'none' | 'unseen';
  /** Undefined when it cannot be read. */
  readonly content: PageContent | undefined;
  readonly isWriteProtected: boolean;
  /** Undefined when it cannot be known, or the memory has no page cache. */
  readonly isInPageCache: boolean | undefined;
}

export interface GatheredFacts {
  readonly pages: readonly PageFacts[];
  /** Faults, or pages of the range, that there are in all. */
  readonly total: number;
  readonly areFaults: boolean;
}

/** Faults, or pages of a range, looked at; those behind them are taken to be alike. */
export const maxLooked = 4096;

/** @throws HelperError noSuchFault, badRange */
export function gatherFacts(
  what: PagesDto,
  pid: number,
  openFaults: OpenFaults,
  ranges: TargetRanges,
): GatheredFacts {
  const pagemap = new Pagemap(procRoot, pid);
  const cache = new PageCache(procRoot, pid);
  const look = (address: number, fault?: OpenFault): PageFacts => {
    const range = ranges.containing(address) ?? (ranges.isKnown ? 'none' : 'unseen');
    const [entry] = typeof range === 'object' ? pagemap.entries(address, 1) : [];
    const flags = fault === undefined ? undefined : faultFlagsInWords(fault.flags);
    return {
      count: 1,
      fault: flags,
      stale: fault?.stale ?? null,
      range,
      content: entry?.content,
      isWriteProtected: entry?.isWriteProtected ?? false,
      isInPageCache: pageCacheState(range, address, flags, cache),
    };
  };
  try {
    if ('faultIds' in what) {
      const faults = openFaultsOf(what.faultIds, openFaults);
      const looked = faults.slice(0, maxLooked).map((fault) => look(fault.page * basePageBytes, fault));
      return { pages: grouped(looked), total: faults.length, areFaults: true };
    }
    const { start, end } = wholePages(what);
    const pages: PageFacts[] = [];
    let looked = 0;
    for (let at = start; at < end && pages.length < maxLooked;) {
      const range = ranges.containing(at);
      // Where nothing is registered all pages are alike, however many they are.
      const next = range === undefined ? nextRange(at, end, ranges) : nextPage(at, range.pageBytes);
      const count = range === undefined ? (next - at) / basePageBytes : 1;
      pages.push({ ...look(at), count });
      looked += count;
      at = next;
    }
    const pageBytes = ranges.containing(start)?.pageBytes ?? basePageBytes;
    return {
      pages: grouped(pages),
      total: Math.max(looked, (end - start) / pageBytes),
      areFaults: false,
    };
  } finally {
    pagemap.close();
    cache.close();
  }
}

function nextPage(address: number, pageBytes: number): number {
  return address - (address % pageBytes) + pageBytes;
}

/** Where the first registered range behind `address` starts, or `end` when that comes first. */
function nextRange(address: number, end: number, ranges: TargetRanges): number {
  return ranges.overlapping(address, end)[0]?.start ?? end;
}

/**
 * Of tmpfs it can be asked, of hugetlbfs it cannot: there the fault says what was so when it
 * was raised, minor that the cache has the page, missing that it has not.
 */
function pageCacheState(
  range: PageFacts['range'],
  address: number,
  fault: readonly string[] | undefined,
  cache: PageCache,
): boolean | undefined {
  if (typeof range !== 'object' || range.memory === 'anonymous' || range.memory === 'file') {
    return undefined;
  }
  const known = range.memory === 'shmem' ? cache.has(address) : undefined;
  if (known !== undefined || fault === undefined) {
    return known;
  }
  return fault.includes('MINOR') ? true : fault.includes('MISSING') ? false : undefined;
}

/** Pages of which the same is known, as one each. */
function grouped(pages: readonly PageFacts[]): PageFacts[] {
  const groups = new Map<string, PageFacts>();
  for (const page of pages) {
    const key = JSON.stringify({ ...page, count: 0 });
    const group = groups.get(key);
    groups.set(key, { ...page, count: (group?.count ?? 0) + page.count });
  }
  return [...groups.values()];
}
