/** Which faults are shown: one description for chart, ledger, histogram and heat map, as plain data. */
import { faultFlagsInWords } from '../../native-helper/abi/uffdAbi.ts';
import { type ChunkPart } from './chunkPart.ts';
import { isFar, knownFlags } from './faultChunk.ts';
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

/** Leaves in a part only the faults that are shown. */
export type FaultTest = (part: ChunkPart) => void;

/**
 * The test of a filter. A word of the text matches a part of the thread, code, address, range,
 * state, access, ioctls with their errnos or flags, or the whole number of the fault.
 */
export function faultTest(filter: FaultFilter, source: LedgerSource): FaultTest {
  const tests = faultTests(filter, source);
  return (part) => {
    for (const test of tests) {
      test(part);
    }
  };
}

/** A test for each part of the filter, the cheap ones first. */
function faultTests(filter: FaultFilter, source: LedgerSource): FaultTest[] {
  const { faults, nowNs } = source;
  const { scope, kinds, tids, hiddenTids, pages, latencyNs, timeNs } = filter;
  const tests: FaultTest[] = [];
  if (timeNs !== null) {
    tests.push((part) => keepTimes(part, timeNs));
  }
  if (latencyNs !== null) {
    tests.push((part) => keepLatencies(part, latencyNs, nowNs));
  }
  if (pages !== null) {
    tests.push((part) => keepPages(part, pages));
  }
  if (tids.length > 0 || hiddenTids.length > 0) {
    const isShown = Uint8Array.from(faults.tids, (tid) => Number(isThreadShown(filter, tid)));
    tests.push((part) => keepThreads(part, isShown));
  }
  if (kinds.length > 0) {
    const isShown = Uint8Array.from({ length: knownFlags + 1 }, (_, flags) =>
      Number(kinds.includes(accessKind(BigInt(flags)))),
    );
    tests.push((part) => keepKinds(part, isShown));
  }
  if (scope === 'open') {
    tests.push((part) => keepEach(part, (i) => faults.end(i) === endOpen));
  }
  if (scope === 'flagged') {
    tests.push((part) => keepEach(part, (i) => faultFlags(faults, i, nowNs) !== 0));
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

// One loop for each column: shared, it would make a call for each fault. What they add up is a number and
// no choice: faults come in no order, and a processor that guesses wrong loses more than the test takes.

function keepTimes(part: ChunkPart, { from, until }: Span): void {
  const { places, count } = part;
  const { raisedNs } = part.chunk;
  let kept = 0;
  for (let n = 0; n < count; n++) {
    const k = places[n]!;
    const ns = raisedNs[k]!;
    places[kept] = k;
    kept += Number(ns >= from) & Number(ns < until);
  }
  part.count = kept;
}

function keepLatencies(part: ChunkPart, { from, until }: Span, nowNs: number): void {
  const { chunk, places, count } = part;
  const { latenciesNs } = chunk;
  let kept = 0;
  for (let n = 0; n < count; n++) {
    const k = places[n]!;
    const nearNs = latenciesNs[k]!;
    const ns = nearNs < isFar ? nearNs : chunk.latencyNs(k, nowNs);
    places[kept] = k;
    kept += Number(ns >= from) & Number(ns < until);
  }
  part.count = kept;
}

function keepPages(part: ChunkPart, { from, until }: Span): void {
  const { chunk, places, count } = part;
  let kept = 0;
  for (let n = 0; n < count; n++) {
    const k = places[n]!;
    const page = chunk.memoryPage(k);
    places[kept] = k;
    kept += Number(page >= from) & Number(page < until);
  }
  part.count = kept;
}

/** @param isShown 1 for each thread that is */
function keepThreads(part: ChunkPart, isShown: Uint8Array): void {
  const { chunk, places, count } = part;
  let kept = 0;
  for (let n = 0; n < count; n++) {
    const k = places[n]!;
    places[kept] = k;
    kept += isShown[chunk.thread(k)]!;
  }
  part.count = kept;
}

/** @param isShown 1 for the flags of each kind that is */
function keepKinds(part: ChunkPart, isShown: Uint8Array): void {
  const { chunk, places, count } = part;
  let kept = 0;
  for (let n = 0; n < count; n++) {
    const k = places[n]!;
    places[kept] = k;
    kept += isShown[chunk.knownFlags(k)]!;
  }
  part.count = kept;
}

function keepEach(part: ChunkPart, isShown: (i: number) => boolean): void {
  const { places, firstIndex, count } = part;
  part.count = 0;
  for (let n = 0; n < count; n++) {
    const k = places[n]!;
    places[part.count] = k;
    part.count += isShown(firstIndex + k) ? 1 : 0;
  }
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
  const { faults, ranges, threadName, codeWords, nowNs } = source;
  const says = (text: string): boolean => text.toLowerCase().includes(word);
  // A million faults share few threads, stories, ranges and flags: each is looked at once.
  const thread = new Answers((n) => says(threadName(faults.tids[n]!)));
  // The first stands for all unknown ones.
  const code = new Answers((n) => n !== 0 && says(codeWords(hexAddress(faults.codes[n]!))));
  const story = new Answers((n) => says(faults.stories.words(n)));
  const access = new Answers((n) => says(faultFlagsInWords(BigInt(n)).join(' ')));
  const retried = new Answers((n) => says(flagsInShort(n % flagsCount, Math.floor(n / flagsCount))));
  const isRangeNamed = ranges.ranges.some(({ backing }) => says(backing));
  const range = new Answers((n) => says(ranges.ranges[n - 1]?.backing ?? ''));
  const isPhase = Object.values(phaseWords).some(says);
  const isInferred = says('inferred');
  const isAddressLike = /^(0x)?[0-9a-f]+$|^0x?$/.test(word);
  const isRest = (i: number): boolean =>
    (isPhase && says(phaseWords[faults.phase(i)])) ||
    (isRangeNamed && range.ask(ranges.at(faults.page(i)) + 1) === 1) ||
    (isInferred && faults.isTidInferred(i) === 1) ||
    (isAddressLike && (word === String(faults.id(i)) || says(hexAddress(faults.address(i)))));
  const isRestAsked = isPhase || isRangeNamed || isInferred || isAddressLike;
  return (part) => {
    const { chunk, places, firstIndex, count } = part;
    const ofThread = thread.upTo(faults.tids.length);
    const ofStory = story.upTo(faults.stories.count);
    const ofCode = code.upTo(faults.codes.length);
    const ofAccess = access.upTo(knownFlags + 1);
    let kept = 0;
    for (let n = 0; n < count; n++) {
      const k = places[n]!;
      const i = firstIndex + k;
      let isShown =
        ofThread[chunk.thread(k)]! |
        ofStory[chunk.story(k)]! |
        ofCode[chunk.code(k)]! |
        ofAccess[chunk.knownFlags(k)]!;
      if (isShown >= notAsked) {
        isShown =
          thread.ask(chunk.thread(k)) |
          story.ask(chunk.story(k)) |
          code.ask(chunk.code(k)) |
          access.ask(chunk.knownFlags(k));
      }
      if (!chunk.isPlain(k)) {
        isShown |= retried.ask(faultFlags(faults, i, nowNs) + flagsCount * chunk.retry(k));
      }
      if (isRestAsked && isShown === 0) {
        isShown = Number(isRest(i));
      }
      places[kept] = k;
      kept += isShown;
    }
    part.count = kept;
  };
}

/** More than any or-ed flags. */
const flagsCount = 128;

/** Stands for an answer that is not known yet. */
const notAsked = 2;

/** A test of small numbers, asked once for each that comes: 1 for yes, 0 for no. */
class Answers {
  private readonly test: (n: number) => boolean;
  private known = new Uint8Array(0);

  constructor(test: (n: number) => boolean) {
    this.test = test;
  }

  /** Answers to the first `count` numbers, as far as they have been asked for. */
  upTo(count: number): Uint8Array {
    if (count > this.known.length) {
      const known = new Uint8Array(count).fill(notAsked);
      known.set(this.known);
      this.known = known;
    }
    return this.known;
  }

  ask(n: number): number {
    const known = this.upTo(n + 1);
    if (known[n] === notAsked) {
      known[n] = Number(this.test(n));
    }
    return known[n]!;
  }
}
