/** What a filter means, told fault by fault: the reference for the page's, which goes by columns. */
import { faultFlagsInWords } from '../../../native-helper/abi/uffdAbi.ts';
import { accessKind, type FaultFilter } from '../../../webview/model/faultFilter.ts';
import { faultFlags, flagsInShort } from '../../../webview/model/faultFlags.ts';
import { hexAddress, phaseWords } from '../../../webview/model/faultWords.ts';
import { type LedgerSource } from '../../../webview/model/ledgerColumns.ts';

/** Whether fault `i` passes. */
export function passes(filter: FaultFilter, source: LedgerSource, i: number): boolean {
  const { faults, nowNs } = source;
  const { text, scope, kinds, tids, pages, latencyNs, timeNs } = filter;
  const isWithin = (value: number, span: { from: number; until: number } | null): boolean =>
    span === null || (value >= span.from && value < span.until);
  const words = text
    .toLowerCase()
    .split(' ')
    .filter((word) => word !== '');
  return (
    isWithin(faults.raisedNs(i), timeNs) &&
    isWithin(faults.endOrNow(i, nowNs) - faults.raisedNs(i), latencyNs) &&
    isWithin(faults.page(i), pages) &&
    (tids.length === 0 || tids.includes(faults.tid(i))) &&
    (kinds.length === 0 || kinds.includes(accessKind(faults.flags(i)))) &&
    (scope !== 'open' || faults.open.has(i)) &&
    (scope !== 'flagged' || faultFlags(faults, i, nowNs) !== 0) &&
    words.every((word) => saysOf(source, i, word))
  );
}

function saysOf(
  { faults, ranges, threadName, codeWords, nowNs }: LedgerSource,
  i: number,
  word: string,
): boolean {
  const texts = [
    threadName(faults.tid(i)),
    faults.code(i) === 0 ? '' : codeWords(hexAddress(faults.codes[faults.code(i)]!)),
    faults.isTidInferred(i) === 1 ? 'inferred' : '',
    faults.stories.words(faults.story(i)),
    phaseWords[faults.phase(i)],
    faultFlagsInWords(faults.flags(i)).join(' '),
    flagsInShort(faultFlags(faults, i, nowNs), faults.retry(i)),
    ranges.ranges[ranges.at(faults.page(i))]?.backing ?? '',
    /^[0-9a-fx]+$/.test(word) ? hexAddress(faults.address(i)) : '',
  ];
  return word === String(faults.id(i)) || texts.some((text) => text.toLowerCase().includes(word));
}
