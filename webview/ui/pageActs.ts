/** What each command of the page does, whether a key, a button or the palette asks for it. */
import { formatDuration } from '../model/duration.ts';
import { gapWords } from '../render/gapPainter.ts';
import {
  accessKind,
  everyFault,
  type FaultFilter,
  onlyThread,
  type Span,
  withoutThread,
} from '../model/faultFilter.ts';
import { pageOf } from '../model/faultRange.ts';
import { type FaultTable } from '../model/faultTable.ts';
import type { RangeDto } from '../../native-helper/protocol/ranges.ts';
import { type LaneBy } from '../model/laneSet.ts';
import { type SessionOverview } from '../model/sessionOverview.ts';
import { type LaneDto } from '../protocol.ts';
import { type TimelineState } from '../state/timelineState.ts';
import { moveSelection } from '../state/moveSelection.ts';
import { selectAllHeld, selectHeldInRange } from '../state/selectHeld.ts';
import { copiedFaults, copiedStatistics } from './copiedText.ts';
import { type FindWidget } from './findWidget.ts';
import { type LedgerTable } from './ledgerTable.ts';
import { type TimelineChart } from './timelineChart.ts';
import { type ViewCommand } from '../viewCommands.ts';

const zoomStep = 0.75;
const panStepShare = 0.12;
const inNoRange = 'What faulted there lies in no registered range.';
/** Bytes of a page, as filters count them. */
const pageBytes = 4096;
/** Far steps are this many times as large. */
const far = 4;

/** The parts of the page that commands act on. */
export interface PageParts {
  readonly state: TimelineState;
  readonly chart: TimelineChart;
  /** The ledger, once it is there; null while it is hidden. */
  ledger(): Promise<LedgerTable | null>;
  /** The find widget, shown or not. */
  find(): FindWidget | null;
  /** Shows the filter's menu and goes to it, or hides it. */
  toggleFilterMenu(): void;
  /** Shows the statistics and goes to them, or hides them. */
  toggleStatistics(): void;
  focusResolveForm(): void;
  toggleKeys(): void;
  /** Escape. */
  goBack(): void;
  /** Shows and says why a command found nothing to do, or what it did that is not seen. */
  tell(text: string): void;
  copy(text: string): void;
}

/** Does a command; from a menu about a lane, to that lane. */
type PageAct = (lane?: LaneDto) => void;

export function pageActs(parts: PageParts): Readonly<Record<ViewCommand, PageAct>> {
  const { state, chart } = parts;
  const { window, marks } = state;
  const zoom = (steps: number) => () => window.zoom(zoomStep ** steps, chart.zoomCentreNs());
  const pan = (steps: number) => () =>
    window.pan(steps * panStepShare * (window.scale.endNs - window.scale.startNs));
  const goTo = (fault: number, nothing: string): void => {
    if (fault === -1) {
      parts.tell(nothing);
    } else {
      state.selectAndReveal(fault);
    }
  };
  const held = (move: 'nextHeld' | 'previousHeld') => () => {
    moveSelection(state, move);
    const hidden = hiddenHeldCount(state);
    if (hidden > 0) {
      parts.tell(`The filter hides ${hidden} held ${hidden === 1 ? 'fault' : 'faults'}. U clears it.`);
    }
  };
  const slowest = (direction: 1 | -1) => () => {
    const overview = currentOverview(state);
    const fault = overview?.neighbourSlowest(state.selectedIndex, direction) ?? -1;
    goTo(
      fault,
      direction === 1 ? 'No fault is less slow than this one.' : 'No fault is slower than this one.',
    );
    if (fault !== -1) {
      parts.tell(`Slowest fault number ${(overview?.slowest.indexOf(fault) ?? 0) + 1}.`);
    }
  };
  const flagged = (direction: 1 | -1) => () =>
    goTo(
      currentOverview(state)?.neighbourFlagged(
        state.selectedIndex,
        direction,
        state.nowNs(),
        state.current?.isShown,
      ) ?? -1,
      `No flagged fault ${state.selectedIndex === -1 ? 'in this session' : direction === 1 ? 'after this one' : 'before this one'}.`,
    );
  const event = (direction: 1 | -1) => () => {
    parts.tell(chart.goToEvent(direction) ?? 'Nothing has happened to the memory map.');
  };
  const gap = (direction: 1 | -1) => () => {
    const { startNs, endNs } = window.scale;
    const fromNs = marks.selection?.startNs ?? (startNs + endNs) / 2;
    const found = state.trace.gaps.neighbour(fromNs, direction);
    if (found === null) {
      parts.tell(
        state.trace.gaps.list.length === 0
          ? 'There are no gaps: no row was dropped.'
          : `No gap ${direction === 1 ? 'after' : 'before'} this.`,
      );
    } else {
      marks.select(found);
      window.centre((found.startNs + found.endNs) / 2);
      parts.tell(`${gapWords(found.count)} in ${formatDuration(found.endNs - found.startNs)}.`);
    }
  };
  const step = (direction: 1 | -1) => () => {
    const { startNs, endNs } = window.scale;
    const mark = marks.neighbour(direction, (startNs + endNs) / 2);
    if (mark === null) {
      parts.tell('There are no marks. M marks the selected time.');
    } else {
      marks.select(mark);
      window.reveal(mark.startNs, mark.endNs);
      parts.tell(`Mark ${mark.name ?? 'without a name'}.`);
    }
  };
  /** Selects time if none is. */
  const withTime = (act: () => void) => () => {
    if (marks.selection === null) {
      selectTime(state);
    }
    act();
  };

  /** Filters to what a selected fault has in common with others. */
  const filterToFault = (filterOf: (faults: FaultTable, i: number) => Partial<FaultFilter> | null) => () => {
    const i = state.selectedIndex;
    const filter = i === -1 ? null : filterOf(state.trace.faults, i);
    if (filter === null) {
      parts.tell(i === -1 ? 'No fault is selected.' : inNoRange);
    } else {
      state.setFilter(filter);
    }
  };
  /** Filters by the thread of the menu's lane, else of the selected fault. */
  const filterByThread =
    (filterOf: (tid: number) => Partial<FaultFilter>): PageAct =>
    (lane) => {
      if (lane?.by === 'thread') {
        state.setFilter(filterOf(lane.tid));
      } else {
        filterToFault((faults, i) => filterOf(faults.tid(i)))();
      }
    };
  const filterToRangeOfFault = filterToFault((faults, i) => {
    const page = pageOf(state.view?.session.ranges ?? [], faults.address(i));
    return page === undefined ? null : { pages: pagesOf(page.range) };
  });
  const group = (laneBy: LaneBy) => () => {
    state.setLaneBy(laneBy);
    parts.tell(`Lanes are by ${laneBy}.`);
  };

  return {
    zoomIn: zoom(1),
    zoomOut: zoom(-1),
    zoomInFar: zoom(far),
    zoomOutFar: zoom(-far),
    panLeft: pan(-1),
    panRight: pan(1),
    panLeftFar: pan(-far),
    panRightFar: pan(far),
    fitTimeline: () => state.time.fitAll(),
    goToStart: () => state.time.goToStart(),
    goToNow: () => state.time.goToNow(),
    toggleFollow: () => window.setFollowing(state.isAnyLive && !window.isFollowing),
    fitSelection: () => state.time.centreThenFit(),

    previousInLane: () => moveSelection(state, 'previousInLane'),
    nextInLane: () => moveSelection(state, 'nextInLane'),
    laneAbove: () => moveSelection(state, 'laneAbove'),
    laneBelow: () => moveSelection(state, 'laneBelow'),
    firstInLane: () => moveSelection(state, 'firstInLane'),
    lastInLane: () => moveSelection(state, 'lastInLane'),
    extendToPrevious: () => moveSelection(state, 'previousInLane', true),
    extendToNext: () => moveSelection(state, 'nextInLane', true),
    extendAbove: () => moveSelection(state, 'laneAbove', true),
    extendBelow: () => moveSelection(state, 'laneBelow', true),
    extendToFirst: () => moveSelection(state, 'firstInLane', true),
    extendToLast: () => moveSelection(state, 'lastInLane', true),
    selectAllHeld: () => selectAllHeld(state),
    selectHeldInRange: () => selectHeldAround(state),

    nextHeld: held('nextHeld'),
    previousHeld: held('previousHeld'),
    nextSlowest: slowest(1),
    previousSlowest: slowest(-1),
    nextFlagged: flagged(1),
    previousFlagged: flagged(-1),
    nextGap: gap(1),
    previousGap: gap(-1),
    nextEvent: event(1),
    previousEvent: event(-1),

    selectTime: () => selectTime(state),
    mark: withTime(() => marks.mark()),
    keepMark: withTime(() => {
      if ((marks.current?.name ?? null) === null) {
        marks.keep(marks.freshName());
      }
      void chart.timeMarks.nameCurrent();
    }),
    removeMark: () => {
      const mark = marks.current ?? marks.list.find(({ name }) => name === null);
      if (mark === undefined) {
        parts.tell('No mark is selected. [ and ] go from mark to mark.');
      } else {
        marks.remove(mark);
        parts.tell(`Removed mark ${mark.name ?? 'without a name'}.`);
      }
    },
    previousMark: step(-1),
    nextMark: step(1),

    toggleLedger: () => {
      state.setLedger({ isShown: !state.ledger.isShown });
      void parts.ledger().then((ledger) => (ledger ?? chart).focus());
    },
    toggleStatistics: () => parts.toggleStatistics(),
    filterLedger: () => {
      state.setLedger({ isShown: true });
      void parts.ledger().then((ledger) => ledger?.focusFilter());
    },
    find: () => void parts.find()?.open(),
    findNext: () => parts.find()?.step(1),
    findPrevious: () => parts.find()?.step(-1),
    chooseShown: () => parts.toggleFilterMenu(),
    filterToThread: filterByThread(onlyThread),
    hideThread: filterByThread((tid) => withoutThread(state.filter, tid)),
    filterToKind: filterToFault((faults, i) => ({ kinds: [accessKind(BigInt(faults.knownFlags(i)))] })),
    filterToPage: filterToFault((faults, i) => ({
      pages: { from: faults.page(i), until: faults.page(i) + 1 },
    })),
    filterToRange: (lane) => {
      if (lane?.by !== 'range') {
        filterToRangeOfFault();
      } else if (lane.range === null) {
        parts.tell(inNoRange);
      } else {
        const { page, lengthBytes } = lane.range;
        state.setFilter({ pages: { from: page, until: page + lengthBytes / pageBytes } });
      }
    },
    filterToTime: withTime(() => {
      if (marks.selection !== null) {
        const { startNs, endNs } = marks.selection;
        state.setFilter({ timeNs: { from: startNs, until: endNs } });
      }
    }),
    clearFilter: () => state.setFilter(everyFault),
    groupByThread: group('thread'),
    groupByRange: group('range'),
    groupByCode: group('code'),
    focusResolveForm: () => parts.focusResolveForm(),
    pinTooltip: () => chart.togglePin(),
    back: () => parts.goBack(),
    toggleKeys: () => parts.toggleKeys(),
    copyFault: () => copyOrTell(parts, copiedFaults(state, 'text'), 'No fault is selected.'),
    copyFaultAsJson: () => copyOrTell(parts, copiedFaults(state, 'json'), 'No fault is selected.'),
    copyStatistics: () =>
      copyOrTell(parts, copiedStatistics(chart.timeMarks.counted), 'No time is selected.'),

    nextSession: () => state.goToNeighbour(1),
    previousSession: () => state.goToNeighbour(-1),
    toggleSession: () => {
      if (state.current !== null && state.sessions.length > 1) {
        state.setCollapsed(state.current, !state.current.isCollapsed);
      }
    },
  };
}

/** Pages of a range. */
function pagesOf({ start, lengthBytes }: RangeDto): Span {
  const from = Number(BigInt(start) / BigInt(pageBytes));
  return { from, until: from + lengthBytes / pageBytes };
}

/** Held faults of all sessions that the filter does not let through. */
function hiddenHeldCount({ sessions }: TimelineState): number {
  return sessions.reduce((sum, { trace: { faults }, isShown }) => {
    return sum + [...faults.open].filter((i) => faults.isHeld(i) && !isShown(i)).length;
  }, 0);
}

/** The overview of what is shown of the current session, up to date. */
function currentOverview({ current }: TimelineState): SessionOverview | undefined {
  current?.shownOverview?.update(() => true);
  return current?.shownOverview ?? current?.overview;
}

/** Selects the time of the selected faults, else what the window shows. */
function selectTime(state: TimelineState): void {
  const { faults } = state.trace;
  const { selectedIndexes: selected } = state;
  if (selected.length === 0) {
    state.marks.select(state.window.scale);
    return;
  }
  let startNs = Infinity;
  let endNs = -Infinity;
  for (const i of selected) {
    startNs = Math.min(startNs, faults.raisedNs(i));
    endNs = Math.max(endNs, faults.endOrNow(i, state.nowNs()));
  }
  state.marks.select({ startNs, endNs });
}

/** Selects the held faults of the range that the selected fault lies in. */
function selectHeldAround(state: TimelineState): void {
  const { faults } = state.trace;
  const i = state.selectedIndex;
  const page = i === -1 ? undefined : pageOf(state.view?.session.ranges ?? [], faults.address(i));
  if (page !== undefined) {
    selectHeldInRange(state, page.range);
  }
}

function copyOrTell(parts: PageParts, text: string | null, nothing: string): void {
  if (text === null) {
    parts.tell(nothing);
  } else {
    parts.copy(text);
    parts.tell('Copied.');
  }
}
