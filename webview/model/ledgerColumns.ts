/** The columns of the ledger: what each says about a fault, and what it sorts by. */
import { type Hex } from '../../native-helper/protocol/conventions.ts';
import { faultFlagsInWords } from '../../native-helper/abi/uffdAbi.ts';
import { formatBytes, formatDuration, formatMoment } from './duration.ts';
import { faultFlags, flagsInShort } from './faultFlags.ts';
import { endOpen, type FaultPhase, type FaultTable } from './faultTable.ts';
import { hexAddress, phaseWords } from './faultWords.ts';
import { type RangeIndex } from './rangeIndex.ts';

/** What the ledger is made of. */
export interface LedgerSource {
  readonly faults: FaultTable;
  readonly ranges: RangeIndex;
  /** What to call a thread. */
  readonly threadName: (tid: number) => string;
  /** All that the instruction at an address is found by: the address, its function, its line. */
  readonly codeWords: (address: Hex) => string;
  readonly nowNs: number;
}

export const ledgerColumnIds = [
  'id',
  'state',
  'thread',
  'address',
  'range',
  'access',
  'raised',
  'waiting',
  'service',
  'latency',
  'ioctls',
  'retry',
  'flags',
] as const;
export type LedgerColumnId = (typeof ledgerColumnIds)[number];

export interface LedgerColumn {
  readonly id: LedgerColumnId;
  readonly title: string;
  /** What the title is short for, as a tooltip. */
  readonly meaning: string;
  readonly isNumber: boolean;
  text(source: LedgerSource, i: number): string;
  /** Gives the number that a fault is sorted by; NaN = has none, comes last either way. */
  keyOf(source: LedgerSource): (i: number) => number;
}

const phaseOrder: readonly FaultPhase[] = [
  'held',
  'asleep',
  'waiting',
  'handedBack',
  'superseded',
  'endedWithProcess',
  'woken',
];

const missing = '–';

/** Address of a 4 KiB page in hex. */
export function hexPage(page: number): string {
  return `0x${page.toString(16)}000`;
}

/** A span of a fault's life; it goes on while its end is to come and its thread sleeps. */
function spanNs({ faults, nowNs }: LedgerSource, i: number, fromNs: number, untilNs: number): number {
  return Number.isNaN(untilNs) && faults.end(i) === endOpen ? nowNs - fromNs : untilNs - fromNs;
}

const waitingNs = (source: LedgerSource, i: number): number =>
  spanNs(source, i, source.faults.raisedNs(i), source.faults.readNs(i));
const serviceNs = (source: LedgerSource, i: number): number =>
  spanNs(source, i, source.faults.readNs(i), source.faults.resolvedNs(i));
const latencyNs = ({ faults, nowNs }: LedgerSource, i: number): number =>
  faults.endOrNow(i, nowNs) - faults.raisedNs(i);

function durationText(ns: number, isAtLeast = false): string {
  return Number.isNaN(ns) ? missing : `${isAtLeast ? '≥ ' : ''}${formatDuration(Math.max(0, ns))}`;
}

/** For each of `texts` its place among them in dictionary order; equal texts have the same. */
function ranks(texts: readonly string[]): readonly number[] {
  const { compare } = new Intl.Collator('en', { numeric: true });
  const sorted = [...new Set(texts)].sort(compare);
  const rank = new Map(sorted.map((text, n) => [text, n]));
  return texts.map((text) => rank.get(text)!);
}

export const ledgerColumns: readonly LedgerColumn[] = [
  {
    id: 'id',
    title: '#',
    meaning: 'Number of the fault',
    isNumber: true,
    text: ({ faults }, i) => String(faults.id(i)),
    keyOf:
      ({ faults }) =>
      (i) =>
        faults.id(i),
  },
  {
    id: 'state',
    title: 'State',
    meaning: 'How the fault stands',
    isNumber: false,
    text: ({ faults }, i) => phaseWords[faults.phase(i)],
    keyOf:
      ({ faults }) =>
      (i) =>
        phaseOrder.indexOf(faults.phase(i)),
  },
  {
    id: 'thread',
    title: 'Thread',
    meaning: 'The faulting thread',
    isNumber: false,
    text: ({ faults, threadName }, i) =>
      `${threadName(faults.tid(i))}${faults.isTidInferred(i) === 1 ? ' (inferred)' : ''}`,
    keyOf: ({ faults, threadName }) => {
      const rank = ranks(faults.tids.map(threadName));
      return (i) => rank[faults.thread(i)]!;
    },
  },
  {
    id: 'address',
    title: 'Address',
    meaning: 'The address that faulted',
    isNumber: false,
    text: ({ faults }, i) =>
      faults.isMoved(i) === 1
        ? `${hexAddress(faults.address(i))} (moved to ${hexPage(faults.page(i))})`
        : hexAddress(faults.address(i)),
    keyOf:
      ({ faults }) =>
      (i) =>
        Number(faults.address(i)),
  },
  {
    id: 'range',
    title: 'Range',
    meaning: 'The registered range it lies in now',
    isNumber: false,
    text: ({ faults, ranges }, i) => {
      const range = ranges.ranges[ranges.at(faults.page(i))];
      return range === undefined ? missing : `${range.start} + ${formatBytes(range.lengthBytes)}`;
    },
    keyOf: ({ faults, ranges }) => {
      const starts = ranges.ranges.map((range) => Number(range.start));
      return (i) => starts[ranges.at(faults.page(i))] ?? NaN;
    },
  },
  {
    id: 'access',
    title: 'Access',
    meaning: 'Kind of access that faulted',
    isNumber: false,
    text: ({ faults }, i) => faultFlagsInWords(faults.flags(i)).join(' '),
    keyOf:
      ({ faults }) =>
      (i) =>
        Number(faults.flags(i)),
  },
  {
    id: 'raised',
    title: 'Raised',
    meaning: 'When, since the session began',
    isNumber: true,
    text: ({ faults }, i) => (faults.isBeforeAttach(i) ? 'before attach' : formatMoment(faults.raisedNs(i))),
    keyOf:
      ({ faults }) =>
      (i) =>
        faults.raisedNs(i),
  },
  {
    id: 'waiting',
    title: 'Waiting',
    meaning: 'From raised to read',
    isNumber: true,
    text: (source, i) => durationText(waitingNs(source, i), source.faults.isBeforeAttach(i)),
    keyOf: (source) => (i) => waitingNs(source, i),
  },
  {
    id: 'service',
    title: 'Service',
    meaning: 'From read to resolved',
    isNumber: true,
    text: (source, i) => durationText(serviceNs(source, i)),
    keyOf: (source) => (i) => serviceNs(source, i),
  },
  {
    id: 'latency',
    title: 'Latency',
    meaning: 'From raised to woken',
    isNumber: true,
    text: (source, i) => durationText(latencyNs(source, i), source.faults.isBeforeAttach(i)),
    keyOf: (source) => (i) => latencyNs(source, i),
  },
  {
    id: 'ioctls',
    title: 'Ioctls',
    meaning: 'Every ioctl on the fault, with its result',
    isNumber: false,
    text: ({ faults }, i) => faults.stories.words(faults.story(i)),
    keyOf: ({ faults }) => {
      const { stories } = faults;
      const rank = ranks(Array.from({ length: stories.count }, (_, story) => stories.words(story)));
      return (i) => (faults.story(i) === 0 ? NaN : rank[faults.story(i)]!);
    },
  },
  {
    id: 'retry',
    title: 'Retry',
    meaning: 'How often its thread had faulted here before, woken each time without a page',
    isNumber: true,
    text: ({ faults }, i) => (faults.retry(i) === 0 ? '' : String(faults.retry(i))),
    keyOf:
      ({ faults }) =>
      (i) =>
        faults.retry(i),
  },
  {
    id: 'flags',
    title: 'Flags',
    meaning: 'What is wrong with it',
    isNumber: false,
    text: ({ faults, nowNs }, i) => flagsInShort(faultFlags(faults, i, nowNs), faults.retry(i)),
    keyOf:
      ({ faults, nowNs }) =>
      (i) =>
        faultFlags(faults, i, nowNs),
  },
];

/** The column of this id. */
export function ledgerColumn(id: LedgerColumnId): LedgerColumn {
  return ledgerColumns.find((column) => column.id === id)!;
}
