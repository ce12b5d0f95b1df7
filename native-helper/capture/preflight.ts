/**
 * Which actions can work, and why others cannot: from the fault's kind, the range's modes,
 * memory and page size, and what is at the page. Sources: fs/userfaultfd.c, mm/userfaultfd.c,
 * and what was measured on 6.18. Pure.
 */
import type { OfferDto, OfferId, PreflightDto } from '../protocol/preflight.ts';
import type { GatheredFacts, PageFacts, PresentFacts, SystemFacts } from './preflightFacts.ts';

/** All offers in the order of the contract, each with the ioctl it needs. */
const ioctlOf: Readonly<Record<OfferId, string>> = {
  copy: 'COPY',
  zeropage: 'ZEROPAGE',
  continue: 'CONTINUE',
  unprotect: 'WRITEPROTECT',
  protect: 'WRITEPROTECT',
  poison: 'POISON',
  move: 'MOVE',
  wake: 'WAKE',
  unregister: 'UNREGISTER',
};

/** What can be done about these pages. An action is offered if it can work on any of them. */
export function preflight(facts: GatheredFacts, system: PresentFacts): PreflightDto {
  const warnings = [...staleWarnings(facts.pages), ...system.warnings];
  const offers = (Object.keys(ioctlOf) as OfferId[]).map((id): OfferDto => {
    const obstacles = facts.pages.map((page) => ({
      page,
      reason: obstacleOf(id, page, system) || (id === 'move' ? moveObstacleOf(facts, system) : ''),
    }));
    const inTheWay = obstacles.filter(({ reason }) => reason !== '');
    const isOffered = inTheWay.length < obstacles.length;
    if (isOffered && inTheWay.length > 0 && id !== 'protect') {
      const count = inTheWay.reduce((sum, { page }) => sum + page.count, 0);
      warnings.push(`${nameOf(id)} cannot work on ${count} of ${facts.total}: ${inTheWay[0]!.reason}.`);
    }
    return {
      id,
      obstacle: isOffered ? '' : inTheWay[0]!.reason,
      ...(id === 'copy' || id === 'continue' ? { wpObstacle: wpObstacleOf(facts.pages) } : {}),
    };
  });
  return { offers, facts: factsInWords(facts), warnings };
}

/** Why an action cannot work on a page, in a few words; empty when it can as far as is known. */
function obstacleOf(id: OfferId, page: PageFacts, { ioctlNames, features }: SystemFacts): string {
  if (!ioctlNames.includes(ioctlOf[id])) {
    return `this kernel has no ${ioctlOf[id]}`;
  }
  const { range } = page;
  if (range === 'unseen' && id === 'move') {
    return 'it is not known whose memory it is';
  }
  if (id === 'wake' || range === 'unseen') {
    return '';
  }
  if (range === 'none') {
    return 'in no registered range';
  }
  if (id === 'unregister') {
    return '';
  }
  if (id === 'protect' || id === 'unprotect') {
    return writeProtectObstacle(id, page, range, features);
  }
  if (range.memory === 'file') {
    return 'not for ordinary files';
  }
  return provideObstacle(id, page, range);
}

/** Why there can be no MOVE, whatever is at the pages. */
function moveObstacleOf({ total, areFaults }: GatheredFacts, { moveObstacle }: PresentFacts): string {
  return moveObstacle || (areFaults && total > 1 ? 'one fault at a time: its source page is gone then' : '');
}

type SeenRange = Exclude<PageFacts['range'], string>;

function writeProtectObstacle(
  id: 'protect' | 'unprotect',
  { fault, content }: PageFacts,
  range: SeenRange,
  features: readonly string[],
): string {
  if (!range.modes.includes('WP')) {
    return 'the range is not registered for WP';
  }
  if (id === 'unprotect') {
    const isOtherFault = fault?.includes('MISSING') === true || fault?.includes('MINOR') === true;
    return isOtherFault ? 'no write-protect fault: it would only be raised again' : '';
  }
  const isUnmarkable = range.memory === 'anonymous' && !marksUnpopulated(features);
  return isUnmarkable && content === 'none' ? 'there is no page to protect (WP_UNPOPULATED is off)' : '';
}

/** Whether empty places of anonymous memory can be protected; WP_ASYNC implies it. */
function marksUnpopulated(features: readonly string[]): boolean {
  return features.includes('WP_UNPOPULATED') || features.includes('WP_ASYNC');
}

function provideObstacle(
  id: 'copy' | 'zeropage' | 'continue' | 'poison' | 'move',
  page: PageFacts,
  { memory, isShared }: SeenRange,
): string {
  if (id === 'move' && (memory !== 'anonymous' || isShared)) {
    return 'moves private anonymous memory only';
  }
  if (id === 'zeropage' && memory === 'hugetlb') {
    return 'hugetlb memory has no zero page: use COPY';
  }
  if (id === 'continue' && memory === 'anonymous') {
    return 'anonymous memory has no page cache';
  }
  if (page.content === 'present' || page.content === 'swapped') {
    const isProtected = page.isWriteProtected ? ', write-protected: use WRITEPROTECT off' : '';
    return id === 'continue'
      ? `the page is already mapped${isProtected}`
      : `the page is already there${isProtected}`;
  }
  switch (id) {
    case 'poison':
    case 'move':
      return page.content === 'marked' ? 'the page is already marked' : '';
    case 'continue':
      return page.isInPageCache === false ? 'the page is not in the page cache: use COPY' : '';
    case 'copy':
    case 'zeropage':
      if (id === 'zeropage' && page.content === 'marked' && !isShared) {
        // mfill_atomic_pte_zeropage in mm/userfaultfd.c wants an empty entry; the others put pages over marks.
        return 'the page is marked: use COPY';
      }
      return isShared && page.isInPageCache === true ? 'the page is in the page cache: use CONTINUE' : '';
  }
}

function wpObstacleOf(pages: readonly PageFacts[]): string {
  const isPossible = ({ range }: PageFacts): boolean =>
    range === 'unseen' || (range !== 'none' && range.modes.includes('WP'));
  return pages.some(isPossible) ? '' : 'the range is not registered for WP';
}

function nameOf(id: OfferId): string {
  switch (id) {
    case 'unprotect':
      return 'WRITEPROTECT off';
    case 'protect':
      return 'WRITEPROTECT on';
    default:
      return ioctlOf[id];
  }
}

function staleWarnings(pages: readonly PageFacts[]): string[] {
  const count = (stale: PageFacts['stale']): number =>
    pages.reduce((sum, page) => sum + (page.stale === stale ? page.count : 0), 0);
  const removed = count('removed');
  const unmapped = count('unmapped');
  return [
    ...(removed > 0
      ? [`${faults(removed)} stale: the target has removed the memory since, so nobody needs what was there.`]
      : []),
    ...(unmapped > 0
      ? [
          `${faults(unmapped)} stale: the memory was unmapped. Wake to let the thread go on; it will get a SIGSEGV.`,
        ]
      : []),
  ];
}

function faults(count: number): string {
  return count === 1 ? '1 fault is' : `${count} faults are`;
}

/** What was found, in a few words each, with how many it is true of where that is not all. */
function factsInWords({ pages, total, areFaults }: GatheredFacts): string[] {
  const counts = new Map<string, number>();
  for (const page of pages) {
    for (const fact of factsOf(page)) {
      counts.set(fact, (counts.get(fact) ?? 0) + page.count);
    }
  }
  const looked = pages.reduce((sum, { count }) => sum + count, 0);
  const noun = areFaults ? 'faults' : 'pages';
  return [
    ...(looked < total ? [`looked at ${looked} of ${total} ${noun}`] : total > 1 ? [`${total} ${noun}`] : []),
    ...[...counts].map(([fact, count]) => (count === looked ? fact : `${fact} (${count} of ${looked})`)),
  ];
}

function factsOf({ range, fault, content, isWriteProtected, isInPageCache }: PageFacts): string[] {
  const kind = fault === undefined ? [] : [`${fault.join(' ')} fault`];
  if (typeof range !== 'object') {
    return [...kind, range === 'none' ? 'in no registered range' : 'its ranges cannot be seen'];
  }
  const sharing = range.memory === 'anonymous' ? '' : range.isShared ? 'shared ' : 'private ';
  const cache = isInPageCache === undefined ? [] : [`page ${isInPageCache ? '' : 'not '}in the page cache`];
  return [
    ...kind,
    `${sharing}${range.memory}, ${sizeInWords(range.pageBytes)} pages`,
    `registered for ${range.modes.join(', ')}`,
    content === undefined ? 'what is at the page cannot be read' : contentInWords[content],
    ...(isWriteProtected ? ['write-protected'] : []),
    ...cache,
  ];
}

const contentInWords = {
  none: 'nothing mapped',
  present: 'page present',
  swapped: 'page swapped out',
  marked: 'no page, but marked',
  swappedOrMarked: 'page swapped out, or only marked',
} as const;

function sizeInWords(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${bytes / 2 ** (10 * power)} ${units[power]!}`;
}
