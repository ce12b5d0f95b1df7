/** Keeps each session's filtered and found faults in step with filter, search, rows and what is known of the session. */
import { activeParts, everyFault } from '../model/faultFilter.ts';
import { searchAsFilter } from '../model/faultSearch.ts';
import { FaultStatistics } from '../model/faultStatistics.ts';
import { FilteredFaults } from '../model/filteredFaults.ts';
import { type LedgerSource } from '../model/ledgerColumns.ts';
import { MatchedFaults } from '../model/matchedFaults.ts';
import { type SessionTimeline } from './sessionTimeline.ts';
import { runInSlices } from './slicedWork.ts';
import { type StateChange, type TimelineState } from './timelineState.ts';

/** How often what comes with the age of open faults is brought up to date. */
const ageRefreshMs = 1000;

const causes: ReadonlySet<StateChange> = new Set([
  'session',
  'sessions',
  'filter',
  'search',
  'statistics',
  'rows',
  'otherRows',
]);

/** Starts watching; it goes on as long as the page. */
export function watchFilter(state: TimelineState): void {
  let madeBy = new Map<SessionTimeline, readonly unknown[]>();
  let foundBy: readonly unknown[] = [];
  let stop: (() => void) | undefined;
  let isOutOfDate = false;
  /** Whether there was anything filtered or counted last time. */
  let wasUsed = false;
  let ageTimer: ReturnType<typeof setTimeout> | undefined;

  /** Begins anew where the filter, or what it asks, has become another. */
  const renew = (): void => {
    const known = madeBy;
    madeBy = new Map();
    for (const session of state.sessions) {
      const source = session.source();
      const { lanes } = session.trace;
      const parts = [...factsOf(source), state.filter, ...namesOf(source, state.filter.text), lanes];
      const before = known.get(session) ?? [];
      madeBy.set(session, parts);
      const isAll = activeParts(state.filter).length === 0;
      const isOther = (some: readonly unknown[]): boolean => some.some((part, n) => part !== before[n]);
      if (isOther(parts)) {
        session.shown = isAll ? null : new FilteredFaults(state.filter, lanes);
      }
      // Nobody looks at the statistics while they are hidden.
      if (!state.isShowingStatistics) {
        session.allStatistics = null;
        session.shownStatistics = null;
        continue;
      }
      if (isOther(factsOf(source)) || session.allStatistics === null) {
        session.allStatistics = new FaultStatistics(everyFault, source, session.startNs);
      }
      if (isAll) {
        session.shownStatistics = null;
      } else if (isOther(parts.slice(0, -1)) || session.shownStatistics === null) {
        session.shownStatistics = new FaultStatistics(state.filter, source, session.startNs);
      }
    }
    renewFound();
  };

  /** The same for the search, which goes through the current session. */
  const renewFound = (): void => {
    const { current, search, filter } = state;
    const isWanted = current !== null && search.isShown && search.text.trim() !== '';
    const source = current?.source();
    const parts =
      isWanted && source !== undefined
        ? [current, search.text, filter, ...factsOf(source), ...namesOf(source, search.text)]
        : [];
    if (parts.length === foundBy.length && parts.every((part, n) => part === foundBy[n])) {
      return;
    }
    foundBy = parts;
    for (const session of state.sessions) {
      session.found =
        isWanted && session === current
          ? new MatchedFaults(searchAsFilter(filter, search.text), session.trace.faults)
          : null;
    }
  };

  const work = function* (): Generator<undefined, undefined, undefined> {
    for (const session of state.sessions) {
      // What is looked at comes first.
      yield* session.shown?.refresh(session.source()) ?? [];
      yield* session.found?.refresh(session.source()) ?? [];
      yield* session.shownStatistics?.refresh(session.source()) ?? [];
      yield* session.allStatistics?.refresh(session.source()) ?? [];
    }
    return undefined;
  };

  const refresh = (): void => {
    if (stop !== undefined) {
      isOutOfDate = true;
      return;
    }
    renew();
    const isUsed = state.sessions.some(
      ({ shown, found, allStatistics }) => shown !== null || found !== null || allStatistics !== null,
    );
    if (!isUsed && !wasUsed) {
      return;
    }
    wasUsed = isUsed;
    const tell = (): void => state.shownChanged();
    stop = runInSlices(
      work(),
      () => {
        stop = undefined;
        tell();
        if (isOutOfDate) {
          isOutOfDate = false;
          refresh();
        }
      },
      tell,
    );
    clearTimeout(ageTimer);
    ageTimer =
      state.isAnyLive && (state.filter !== everyFault || foundBy.length > 0)
        ? setTimeout(refresh, ageRefreshMs)
        : undefined;
  };

  state.subscribe((change) => {
    if (change === 'filter' || change === 'search') {
      stop?.();
      stop = undefined;
    }
    if (causes.has(change)) {
      refresh();
    }
  });
}

/** What of a session every filter asks; each is another object once it has changed. */
function factsOf({ faults, ranges }: LedgerSource): readonly unknown[] {
  return [faults, ranges, faults.isProcessGone];
}

/** What the text of a filter asks besides. */
function namesOf({ threadName, codeWords }: LedgerSource, text: string): readonly unknown[] {
  return text.trim() === '' ? [] : [threadName, codeWords];
}
