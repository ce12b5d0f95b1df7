/** What is copied of faults and of a stretch of time. */
import { faultFlagsInWords } from '../../native-helper/abi/uffdAbi.ts';
import { type LatencyStatistics } from '../model/latencyStatistics.ts';
import { faultFlags, flagsInShort } from '../model/faultFlags.ts';
import { codeAddress, faultSentence, hexAddress, rowInWords } from '../model/faultWords.ts';
import { stretchAsText } from '../model/stretchWords.ts';
import { type TimeStretch } from '../model/timeStretch.ts';
import { type TimelineState } from '../state/timelineState.ts';

/** More faults than that are for the ledger and for export, not for the clipboard. */
const faultsCopied = 1000;

/** The selected faults; null when none is. Of a single one, text tells its story too. */
export function copiedFaults(state: TimelineState, form: 'text' | 'json'): string | null {
  const indexes = state.selectedIndexes.filter((i) => i !== -1).slice(0, faultsCopied);
  const [first] = indexes;
  if (first === undefined) {
    return null;
  }
  if (form === 'json') {
    const facts = indexes.map((i) => factsOf(state, i));
    return JSON.stringify(facts.length === 1 ? facts[0] : facts, null, 2);
  }
  const story = indexes.length > 1 ? [] : state.trace.rowsOf(first).map((row) => rowInWords(row));
  return [...indexes.map((i) => sentenceOf(state, i)), ...story].join('\n');
}

export function copiedStatistics(
  counted: { readonly stretch: TimeStretch; readonly statistics: LatencyStatistics } | null,
): string | null {
  return counted === null ? null : stretchAsText(counted.stretch, counted.statistics);
}

function sentenceOf(state: TimelineState, i: number): string {
  const { faults } = state.trace;
  return faultSentence(faults, i, state.nowNs(), state);
}

/** Times are nanoseconds since the session's start; null = has not happened. */
function factsOf(state: TimelineState, i: number) {
  const { faults } = state.trace;
  const startNs = state.current?.startNs ?? 0;
  const sinceStart = (ns: number): number | null => (Number.isNaN(ns) ? null : ns - startNs);
  const flags = faultFlags(faults, i, state.nowNs());
  const code = codeAddress(faults, i);
  return {
    fault: faults.id(i),
    tid: faults.tid(i),
    thread: state.threadName(faults.tid(i)),
    code: code === null ? null : { address: code, name: state.codeName(code) },
    address: hexAddress(faults.address(i)),
    flags: faultFlagsInWords(faults.flags(i)),
    phase: faults.phase(i),
    raisedNs: sinceStart(faults.raisedNs(i)),
    readNs: sinceStart(faults.readNs(i)),
    resolvedNs: sinceStart(faults.resolvedNs(i)),
    endNs: sinceStart(faults.endNs(i)),
    flagged: flags === 0 ? null : flagsInShort(flags, faults.retry(i)),
  };
}
