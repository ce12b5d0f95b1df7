/** Each part of a filter in words, as its chip says it. */
import { endless } from '../../native-helper/log/latencyBins.ts';
import { formatBytes, formatDuration } from './duration.ts';
import {
  type AccessKind,
  activeParts,
  everyFault,
  type FaultFilter,
  type FaultScope,
  type FilterPart,
} from './faultFilter.ts';
import { hexPage } from './ledgerColumns.ts';

export interface FilterChip {
  readonly part: FilterPart;
  readonly text: string;
  /** What of the filter changes when the chip goes. */
  readonly without: Partial<FaultFilter>;
}

export const scopeWords: Readonly<Record<FaultScope, string>> = {
  all: 'All faults',
  open: 'Only open',
  flagged: 'Only flagged',
};

export const accessKindWords: Readonly<Record<AccessKind, string>> = {
  missing: 'reads of missing pages',
  write: 'writes to missing pages',
  wp: 'write-protected pages',
  minor: 'minor faults',
};

const pageBytes = 4096;

/** @param startNs the session's start, from which times are told */
export function filterChips(
  filter: FaultFilter,
  threadName: (tid: number) => string,
  startNs: number,
): FilterChip[] {
  const words: Readonly<Record<FilterPart, () => string>> = {
    text: () => `“${filter.text.trim()}”`,
    scope: () => `only ${filter.scope}`,
    kinds: () => filter.kinds.map((kind) => accessKindWords[kind]).join(', '),
    tids: () => filter.tids.map(threadName).join(', '),
    hiddenTids: () => `not ${filter.hiddenTids.map(threadName).join(', ')}`,
    pages: () => pagesInWords(filter.pages ?? { from: 0, until: 0 }),
    latencyNs: () => latencyInWords(filter.latencyNs ?? { from: 0, until: 0 }),
    timeNs: () => {
      const { from, until } = filter.timeNs ?? { from: 0, until: 0 };
      return `raised ${formatDuration(from - startNs)} – ${formatDuration(until - startNs)}`;
    },
  };
  return activeParts(filter).map((part) => ({
    part,
    text: words[part](),
    without: { [part]: everyFault[part] },
  }));
}

type Ends = NonNullable<FaultFilter['pages']>;

export function latencyInWords({ from, until }: Ends): string {
  return until === endless
    ? `latency from ${formatDuration(from)}`
    : from === 0
      ? `latency below ${formatDuration(until)}`
      : `latency ${formatDuration(from)} – ${formatDuration(until)}`;
}

export function pagesInWords({ from, until }: Ends): string {
  return `${hexPage(from)} + ${formatBytes((until - from) * pageBytes)}`;
}
