/** Stepping through the faults that a search finds, in the order of the log. */
import { type FaultFilter } from './faultFilter.ts';
import { type FaultTable } from './faultTable.ts';
import { type MatchedFaults } from './matchedFaults.ts';
import { timeAt, type TimeScale } from './timeScale.ts';

/** What is looked for, as typed; the words mean what they mean in a filter. */
export interface FaultSearch {
  readonly text: string;
  /** Whether the find widget shows. */
  readonly isShown: boolean;
}

export const noSearch: FaultSearch = { text: '', isShown: false };

/** What passes the filter and matches the search too: one searches in what one sees. */
export function searchAsFilter(filter: FaultFilter, text: string): FaultFilter {
  return { ...filter, text: `${filter.text} ${text}`.trim() };
}

/** Where a search has got to. */
export interface SearchCount {
  /** Of the faults that are kept and have been looked at. */
  readonly count: number;
  /** Which of them the selected fault is, from 1 on; 0 when it is none. */
  readonly place: number;
  /** Whether there are faults that have not been looked at yet. */
  readonly isSearching: boolean;
}

export function searchCount(found: MatchedFaults, faults: FaultTable, selected: number): SearchCount {
  const { seenCount } = found;
  const isFound = selected >= faults.first && found.has(selected);
  return {
    count: found.countBetween(faults.first, seenCount),
    place: isFound ? found.countBetween(faults.first, selected + 1) : 0,
    isSearching: seenCount < faults.count,
  };
}

/**
 * The match after or before another fault, round at the ends; -1 when there is none.
 * @param from the fault that one is at, which need not match; -1 = before the first
 */
export function neighbourMatch(
  found: MatchedFaults,
  faults: FaultTable,
  from: number,
  direction: 1 | -1,
): number {
  const { first } = faults;
  const until = found.seenCount;
  if (direction === 1) {
    const next = found.firstBetween(Math.max(first, from + 1), until);
    return next === -1 ? found.firstBetween(first, until) : next;
  }
  const previous = found.lastBetween(first, Math.min(until, Math.max(first, from)));
  return previous === -1 ? found.lastBetween(first, until) : previous;
}

/**
 * A fault raised at or after a moment that follows on one raised before it. Faults are nearly in the order they
 * were raised in: the log tells of some a little late.
 */
export function firstRaisedFrom(faults: FaultTable, timeNs: number): number {
  let low = faults.first;
  let high = faults.count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (faults.raisedNs(middle) < timeNs) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/** In which pixel columns the search finds a fault that is kept: 1 where it does. */
export function matchColumns(found: MatchedFaults, faults: FaultTable, scale: TimeScale): Uint8Array {
  const columns = new Uint8Array(Math.max(0, Math.ceil(scale.widthPx)));
  let from = firstRaisedFrom(faults, scale.startNs);
  for (let column = 0; column < columns.length; column++) {
    const until = firstRaisedFrom(faults, timeAt(scale, column + 1));
    columns[column] = found.firstBetween(from, Math.min(until, found.seenCount)) === -1 ? 0 : 1;
    from = until;
  }
  return columns;
}

/** The count in words, as VS Code writes it in its find widget. */
export function searchWords({ count, place, isSearching }: SearchCount): string {
  if (count === 0) {
    return isSearching ? 'Searching…' : 'No results';
  }
  const words = `${place === 0 ? '?' : inGroups(place)} of ${inGroups(count)}`;
  return isSearching ? `${words}, searching…` : words;
}

function inGroups(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, '\u202f');
}
