/** Which faults the ledger lists: all, the open or the flagged ones, and of them those that match a text. */
import { faultFlagsInWords } from '../../native-helper/abi/uffdAbi.ts';
import { faultFlags, flagsInShort } from './faultFlags.ts';
import { endOpen } from './faultTable.ts';
import { hexAddress, phaseWords } from './faultWords.ts';
import { type LedgerSource } from './ledgerColumns.ts';

export const ledgerScopes = ['all', 'open', 'flagged'] as const;
export type LedgerScope = (typeof ledgerScopes)[number];

export interface LedgerFilter {
  /** Words separated by spaces; a fault must match each. Case does not count. */
  readonly text: string;
  readonly scope: LedgerScope;
}

/**
 * Says of each fault whether it is listed. A word matches a part of the thread, address, state,
 * access, ioctls with their errnos or flags, or the whole number of the fault.
 */
export function ledgerMatcher(filter: LedgerFilter, source: LedgerSource): (i: number) => boolean {
  const { faults, nowNs } = source;
  const tests = filter.text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((word) => wordTest(word, source));
  return (i) =>
    (filter.scope !== 'open' || faults.end(i) === endOpen) &&
    (filter.scope !== 'flagged' || faultFlags(faults, i, nowNs) !== 0) &&
    tests.every((test) => test(i));
}

function wordTest(word: string, source: LedgerSource): (i: number) => boolean {
  const { faults, threadName, nowNs } = source;
  const says = (text: string): boolean => text.toLowerCase().includes(word);
  // A million faults share few threads, stories and flags: each is looked at once.
  const thread = remembered((n) => says(threadName(faults.tids[n]!)));
  const story = remembered((n) => says(faults.stories.words(n)));
  const access = remembered((n) => says(faultFlagsInWords(BigInt(n)).join(' ')));
  const retried = remembered((n) => says(flagsInShort(n % flagsCount, Math.floor(n / flagsCount))));
  const isInferred = says('inferred');
  const isAddressLike = /^(0x)?[0-9a-f]+$|^0x?$/.test(word);
  return (i) =>
    thread(faults.thread(i)) ||
    story(faults.story(i)) ||
    says(phaseWords[faults.phase(i)]) ||
    access(Number(faults.flags(i))) ||
    retried(faultFlags(faults, i, nowNs) + flagsCount * faults.retry(i)) ||
    (isInferred && faults.isTidInferred(i) === 1) ||
    word === String(faults.id(i)) ||
    (isAddressLike && says(hexAddress(faults.address(i))));
}

/** More than any or-ed flags. */
const flagsCount = 128;

/** `test`, which is asked only once for each number. */
function remembered(test: (n: number) => boolean): (n: number) => boolean {
  const answers = new Map<number, boolean>();
  return (n) => {
    let answer = answers.get(n);
    if (answer === undefined) {
      answer = test(n);
      answers.set(n, answer);
    }
    return answer;
  };
}
