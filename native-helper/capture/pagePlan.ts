/**
 * Which pages a request means, checked before anything is done: the faults are open, the
 * pages lie in registered mappings and are whole pages there.
 */
import { basePageBytes } from '../abi/uffdAbi.ts';
import { badRange, invalidParams, noSuchFault } from '../helperErrors.ts';
import type { OpenFault, OpenFaults } from '../log/openFaults.ts';
import type { PagesDto, ResolveParams } from '../protocol/ioctls.ts';
import type { TargetRange, TargetRanges } from './targetRanges.ts';

/** Pages of one mapping. */
export interface PageSpan {
  /** 0 for a range. */
  readonly faultId: number;
  readonly start: number;
  readonly lengthBytes: number;
  readonly pageBytes: number;
  /** The fault's page as it was when this was planned; `start` for a range. */
  readonly page: number;
  /** Pages that are there already are passed over, except the fault's own. */
  readonly isPrefetch: boolean;
}

/**
 * The pages to resolve, in the order asked for. A range that several mappings share is cut
 * where they meet: no ioctl reaches across.
 * @throws HelperError noSuchFault, badRange, invalidParams
 */
export function planResolve(
  { what, lengthPages, around }: Pick<ResolveParams, 'what' | 'lengthPages' | 'around'>,
  openFaults: OpenFaults,
  ranges: TargetRanges,
): PageSpan[] {
  if ('faultIds' in what) {
    return what.faultIds.map((id) => {
      const fault = openFault(openFaults, id);
      return around ? windowAround(fault, lengthPages, ranges) : pagesFrom(fault, lengthPages, ranges);
    });
  }
  if (lengthPages !== 1 || around) {
    throw invalidParams('lengthPages', 'a range has its length in bytes: give 1 page, not around');
  }
  const { start, end } = wholePages(what);
  return ranges.isKnown ? cutAtMappings(start, end, ranges) : [rangeSpan(start, end, basePageBytes)];
}

/**
 * The pages that MOVE is to fill: of one place, because the source is gone afterwards.
 * @throws HelperError noSuchFault, badRange, invalidParams
 */
export function planMove(
  params: Pick<ResolveParams, 'what' | 'lengthPages' | 'around'>,
  openFaults: OpenFaults,
  ranges: TargetRanges,
): PageSpan[] {
  if (params.around) {
    throw invalidParams('around', 'MOVE fills pages from the fault’s on, not around it');
  }
  const plan = planResolve(params, openFaults, ranges);
  if (plan.length !== 1) {
    throw 'faultIds' in params.what
      ? badRange('what.faultIds', 'MOVE resolves one fault at a time: its source page is gone afterwards.')
      : badRange('what.lengthBytes', 'The range reaches across several mappings, and MOVE does not.');
  }
  return plan;
}

/**
 * The pages to wake, in the order asked for: those that the faults reported, because the
 * kernel finds the threads by them, or one range, whatever is mapped there.
 * @throws HelperError noSuchFault, badRange
 */
export function planWake(what: PagesDto, openFaults: OpenFaults, ranges: TargetRanges): PageSpan[] {
  if ('faultIds' in what) {
    return what.faultIds.map((id) => {
      const fault = openFault(openFaults, id);
      const address = fault.reportedPage * basePageBytes;
      const pageBytes = ranges.containing(address)?.pageBytes ?? basePageBytes;
      const start = address - (address % pageBytes);
      return { faultId: id, start, lengthBytes: pageBytes, pageBytes, page: fault.page, isPrefetch: false };
    });
  }
  const { start, end } = wholePages(what);
  const isUseful = !ranges.isKnown || ranges.overlaps(start, end) || hasFault(openFaults, start, end);
  if (!isUseful) {
    throw badRange(
      'what.start',
      `There is no registered range and no open fault in ${hex(start)}–${hex(end)}.`,
    );
  }
  return [rangeSpan(start, end, basePageBytes)];
}

/** The open faults that a preflight is about. @throws HelperError noSuchFault */
export function openFaultsOf(faultIds: readonly number[], openFaults: OpenFaults): OpenFault[] {
  return faultIds.map((id) => openFault(openFaults, id));
}

/**
 * A range of whole base pages.
 * @param field the request's field that holds it, with a full stop; empty for the request itself
 * @throws HelperError badRange
 */
export function wholePages(
  range: { readonly start: string; readonly lengthBytes: number },
  field = 'what.',
): { start: number; end: number } {
  const address = BigInt(range.start);
  if (address % BigInt(basePageBytes) !== 0n) {
    throw badRange(`${field}start`, `${range.start} is not page-aligned (${basePageBytes} bytes).`);
  }
  if (range.lengthBytes === 0 || range.lengthBytes % basePageBytes !== 0) {
    throw badRange(
      `${field}lengthBytes`,
      `A length of ${range.lengthBytes} bytes is not a whole number of pages of ${basePageBytes}.`,
    );
  }
  // Exact: 64 bits without the 12 that are zero fit into a double.
  const start = Number(address);
  return { start, end: start + range.lengthBytes };
}

function openFault(openFaults: OpenFaults, id: number): OpenFault {
  const fault = openFaults.get(id);
  if (fault === undefined) {
    throw noSuchFault(id);
  }
  return fault;
}

/** The fault's page, where its memory is now. @throws HelperError badRange when nothing is registered there */
function placeOf(fault: OpenFault, ranges: TargetRanges): { range: TargetRange; page: number } {
  const address = fault.page * basePageBytes;
  const range = ranges.containing(address);
  if (range !== undefined) {
    return { range, page: address - (address % range.pageBytes) };
  }
  if (ranges.isKnown) {
    throw badRange(
      'what.faultIds',
      `The page of fault ${fault.id} (${hex(address)}) is in no registered range any more: it was unmapped or unregistered. Wake the fault to let its thread go on.`,
    );
  }
  return { range: { ...unseenRange, start: address, end: Infinity }, page: address };
}

/** What is assumed of memory whose ranges cannot be seen. */
const unseenRange = { pageBytes: basePageBytes, memory: 'anonymous', isShared: false, modes: [] } as const;

/** `lengthPages` pages from the fault's page on, inside its range. */
function pagesFrom(fault: OpenFault, lengthPages: number, ranges: TargetRanges): PageSpan {
  const { range, page } = placeOf(fault, ranges);
  const lengthBytes = lengthPages * range.pageBytes;
  if (page + lengthBytes > range.end) {
    throw badRange(
      'lengthPages',
      `${lengthPages} pages from ${hex(page)} reach beyond the end of the range at ${hex(range.end)}: at most ${(range.end - page) / range.pageBytes}.`,
    );
  }
  return spanOf(fault, page, lengthBytes, range.pageBytes, false);
}

/** `lengthPages` pages with the fault's in the middle, or as near to it as the range allows. */
function windowAround(fault: OpenFault, lengthPages: number, ranges: TargetRanges): PageSpan {
  const { range, page } = placeOf(fault, ranges);
  const before = Math.floor((lengthPages - 1) / 2);
  const start = Math.max(range.start, page - before * range.pageBytes);
  const end = Math.min(range.end, page + (lengthPages - before) * range.pageBytes);
  return spanOf(fault, start, end - start, range.pageBytes, true);
}

function spanOf(
  fault: OpenFault,
  start: number,
  lengthBytes: number,
  pageBytes: number,
  isPrefetch: boolean,
): PageSpan {
  return { faultId: fault.id, start, lengthBytes, pageBytes, page: fault.page, isPrefetch };
}

function rangeSpan(start: number, end: number, pageBytes: number): PageSpan {
  return {
    faultId: 0,
    start,
    lengthBytes: end - start,
    pageBytes,
    page: start / basePageBytes,
    isPrefetch: false,
  };
}

/** @throws HelperError badRange for a hole, or where a huge page would be cut */
function cutAtMappings(start: number, end: number, ranges: TargetRanges): PageSpan[] {
  const spans: PageSpan[] = [];
  for (let at = start; at < end;) {
    const range = ranges.containing(at);
    if (range === undefined) {
      throw badRange(
        'what.start',
        `${hex(at)} is in no registered range. Choose pages of registered ranges.`,
      );
    }
    const to = Math.min(end, range.end);
    for (const edge of [at, to]) {
      if (edge % range.pageBytes !== 0) {
        throw badRange(
          edge === at ? 'what.start' : 'what.lengthBytes',
          `${hex(edge)} is inside a page: the range at ${hex(range.start)} has pages of ${range.pageBytes} bytes.`,
        );
      }
    }
    spans.push(rangeSpan(at, to, range.pageBytes));
    at = to;
  }
  return spans;
}

/** Whether a thread is held in a fault in [start, end). */
export function hasFault(openFaults: OpenFaults, start: number, end: number): boolean {
  for (const { reportedPage } of openFaults.values()) {
    if (reportedPage * basePageBytes >= start && reportedPage * basePageBytes < end) {
      return true;
    }
  }
  return false;
}

function hex(address: number): string {
  return `0x${address.toString(16)}`;
}
