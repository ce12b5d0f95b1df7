/** Which faults are shown: one description for chart, ledger, histogram and heat map, as plain data. */
import { faultFlagsInWords } from '../../native-helper/abi/uffdAbi.ts';
import { faultFlags, flagsInShort } from './faultFlags.ts';
import { endOpen } from './faultTable.ts';
import { hexAddress, phaseWords } from './faultWords.ts';
import { type LedgerSource } from './ledgerColumns.ts';

export const faultScopes = ['all', 'open', 'flagged'] as const;
export type FaultScope = (typeof faultScopes)[number];

export const accessKinds = ['missing', 'write', 'wp', 'minor'] as const;
/** How memory was accessed: write = write to a missing page, missing = read of one. */
export type AccessKind = (typeof accessKinds)[number];

/** From `from` on and before `until`. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

/** A fault is shown when it passes every part. */
export interface FaultFilter {
  /** Words separated by spaces; a fault must match each. Case does not count. */
  readonly text: string;
  readonly scope: FaultScope;
  /** Empty = all kinds. */
  readonly kinds: readonly AccessKind[];
  /** Threads; empty = all. */
  readonly tids: readonly number[];
  /** Threads that are left out, whichever are shown. */
  readonly hiddenTids: readonly number[];
  /** 4 KiB pages of the memory as it is now. */
  readonly pages: Span | null;
  readonly latencyNs: Span | null;
  /** When raised, on the page's axis. */
  readonly timeNs: Span | null;
}

export type FilterPart = keyof FaultFilter;

export const everyFault: FaultFilter = {
  text: '',
  scope: 'all',
  kinds: [],
  tids: [],
  hiddenTids: [],
  pages: null,
  latencyNs: null,
  timeNs: null,
};

/** The parts of a filter that leave something out, in the order of its fields. */
export function activeParts(filter: FaultFilter): FilterPart[] {
  return (Object.keys(everyFault) as FilterPart[]).filter((part) => {
    const value = filter[part];
    return typeof value === 'string'
      ? value.trim() !== '' && !(part === 'scope' && value === 'all')
      : Array.isArray(value)
        ? value.length > 0
        : value !== null;
  });
}

/** Says of a fault whether it is shown. */
export type FaultTest = (i: number) => boolean;

/**
 * The tests of a filter; a fault is shown when it passes all. A word of the text matches a part of
 * the thread, address, range, state, access, ioctls with their errnos or flags, or the whole number
 * of the fault.
 */
export function faultTests(filter: FaultFilter, source: LedgerSource): FaultTest[] {
  const { faults, nowNs } = source;
  const { scope, kinds, tids, hiddenTids, pages, latencyNs, timeNs } = filter;
  const tests: FaultTest[] = [];
  if (timeNs !== null) {
    const { from, until } = timeNs;
    tests.push((i) => faults.raisedNs(i) >= from && faults.raisedNs(i) < until);
  }
  if (latencyNs !== null) {
    const { from, until } = latencyNs;
    tests.push((i) => {
      const ns = faults.endOrNow(i, nowNs) - faults.raisedNs(i);
      return ns >= from && ns < until;
    });
  }
  if (pages !== null) {
    const { from, until } = pages;
    tests.push((i) => faults.page(i) >= from && faults.page(i) < until);
  }
  if (tids.length > 0 || hiddenTids.length > 0) {
    const isShown = Uint8Array.from(faults.tids, (tid) => Number(isThreadShown(filter, tid)));
    tests.push((i) => isShown[faults.thread(i)] === 1);
  }
  if (scope === 'open') {
    tests.push((i) => faults.end(i) === endOpen);
  }
  if (scope === 'flagged') {
    tests.push((i) => faultFlags(faults, i, nowNs) !== 0);
  }
  if (kinds.length > 0) {
    const isShown = remembered((flags) => kinds.includes(accessKind(BigInt(flags))));
    tests.push((i) => isShown(faults.knownFlags(i)));
  }
  return [...tests, ...wordsOf(filter.text).map((word) => wordTest(word, source))];
}

function isThreadShown({ tids, hiddenTids }: FaultFilter, tid: number): boolean {
  return (tids.length === 0 || tids.includes(tid)) && !hiddenTids.includes(tid);
}

/** What of a filter changes when of all threads only this one is shown. */
export function onlyThread(tid: number): Partial<FaultFilter> {
  return { tids: [tid], hiddenTids: [] };
}

/** What of a filter changes when a thread is left out. */
export function withoutThread({ tids, hiddenTids }: FaultFilter, tid: number): Partial<FaultFilter> {
  return {
    tids: tids.filter((other) => other !== tid),
    hiddenTids: [...hiddenTids.filter((other) => other !== tid), tid],
  };
}

/** All tests of a filter as one. */
export function faultMatcher(filter: FaultFilter, source: LedgerSource): FaultTest {
  const tests = faultTests(filter, source);
  return (i) => tests.every((test) => test(i));
}

/** The kind of access of a fault with these UFFD_PAGEFAULT_FLAGs. */
export function accessKind(flags: bigint): AccessKind {
  const names = faultFlagsInWords(flags);
  return names.includes('WP')
    ? 'wp'
    : names.includes('MINOR')
      ? 'minor'
      : names.includes('WRITE')
        ? 'write'
        : 'missing';
}

function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
}

function wordTest(word: string, source: LedgerSource): FaultTest {
  const { faults, ranges, threadName, nowNs } = source;
  const says = (text: string): boolean => text.toLowerCase().includes(word);
  // A million faults share few threads, stories, ranges and flags: each is looked at once.
  const thread = remembered((n) => says(threadName(faults.tids[n]!)));
  const story = remembered((n) => says(faults.stories.words(n)));
  const access = remembered((n) => says(faultFlagsInWords(BigInt(n)).join(' ')));
  const retried = remembered((n) => says(flagsInShort(n % flagsCount, Math.floor(n / flagsCount))));
  const isRangeNamed = ranges.ranges.some(({ backing }) => says(backing));
  const range = remembered((n) => says(ranges.ranges[n - 1]?.backing ?? ''));
  const isPhase = Object.values(phaseWords).some(says);
  const isInferred = says('inferred');
  const isAddressLike = /^(0x)?[0-9a-f]+$|^0x?$/.test(word);
  return (i) =>
    thread(faults.thread(i)) ||
    story(faults.story(i)) ||
    (isPhase && says(phaseWords[faults.phase(i)])) ||
    access(faults.knownFlags(i)) ||
    retried(faultFlags(faults, i, nowNs) + flagsCount * faults.retry(i)) ||
    (isRangeNamed && range(ranges.at(faults.page(i)) + 1)) ||
    (isInferred && faults.isTidInferred(i) === 1) ||
    word === String(faults.id(i)) ||
    (isAddressLike && says(hexAddress(faults.address(i))));
}

/** More than any or-ed flags. */
const flagsCount = 128;

/** `test`, which is asked only once for each number; they are small. */
function remembered(test: (n: number) => boolean): (n: number) => boolean {
  const answers: boolean[] = [];
  return (n) => (answers[n] ??= test(n));
}
