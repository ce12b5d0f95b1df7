/** Keeps each session's filtered faults in step with the filter, the rows and what is known of the session. */
import { activeParts, everyFault } from '../model/faultFilter.ts';
import { FilteredFaults } from '../model/filteredFaults.ts';
import { type LedgerSource } from '../model/ledgerColumns.ts';
import { type SessionTimeline } from './sessionTimeline.ts';
import { runInSlices } from './slicedWork.ts';
import { type StateChange, type TimelineState } from './timelineState.ts';

/** How often what comes with the age of open faults is brought up to date. */
const ageRefreshMs = 1000;

const causes: ReadonlySet<StateChange> = new Set([
  'session',
  'sessions',
  'filter',
  'statistics',
  'rows',
  'otherRows',
]);

/** Starts watching; it goes on as long as the page. */
export function watchFilter(state: TimelineState): void {
  let madeBy = new Map<SessionTimeline, readonly unknown[]>();
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
      const parts = [state.filter, ...partsOf(source), lanes];
      const before = known.get(session) ?? [];
      madeBy.set(session, parts);
      // Nobody looks at the statistics of all faults while they are hidden.
      if (!state.isShowingStatistics) {
        session.all = null;
      } else if (session.all === null || partsOf(source).some((part, n) => part !== before[n + 1])) {
        session.all = new FilteredFaults(everyFault, source, session.startNs);
      }
      if (parts.some((part, n) => part !== before[n])) {
        const isAll = activeParts(state.filter).length === 0;
        session.shown = isAll ? null : new FilteredFaults(state.filter, source, session.startNs, lanes);
      }
    }
  };

  const work = function* (): Generator<undefined, undefined, undefined> {
    for (const session of state.sessions) {
      // What is looked at comes first.
      yield* session.shown?.refresh(session.source()) ?? [];
      yield* session.all?.refresh(session.source()) ?? [];
    }
    return undefined;
  };

  const refresh = (): void => {
    if (stop !== undefined) {
      isOutOfDate = true;
      return;
    }
    renew();
    const isUsed = state.sessions.some(({ shown, all }) => shown !== null || all !== null);
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
    ageTimer = state.isAnyLive && state.filter !== everyFault ? setTimeout(refresh, ageRefreshMs) : undefined;
  };

  state.subscribe((change) => {
    if (change === 'filter') {
      stop?.();
      stop = undefined;
    }
    if (causes.has(change)) {
      refresh();
    }
  });
}

/** What of a session the filter asks; each is another object once it has changed. */
function partsOf({ faults, ranges, threadName }: LedgerSource): readonly unknown[] {
  return [faults, ranges, threadName, faults.isProcessGone];
}
