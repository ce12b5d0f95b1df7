/** What clicks and boxes on the chart select. */
import { type Corners } from '../input/chartPointer.ts';
import { type SelectBy } from '../input/selectBy.ts';
import { placeAt } from '../model/chartLayout.ts';
import { faultsBetween, faultsInBox } from '../model/faultsInBox.ts';
import { timeAt } from '../model/timeScale.ts';
import { axisPx, type Box, type ChartFrame, type SessionFrame } from '../render/chartFrame.ts';
import { type TimelineState } from '../state/timelineState.ts';

/** A click on fault `i`, or beside all faults: -1. */
export function selectByClick(state: TimelineState, i: number, how: SelectBy): void {
  const { faults, lanes } = state.trace;
  const isShown = (each: number): boolean => state.current?.isShown(each) === true;
  if (i === -1) {
    if (how === 'one') {
      state.select(null);
    }
  } else if (how === 'extend') {
    state.extendSelection(i, (from, to) => faultsBetween(lanes, from, to).filter(isShown));
  } else if (how === 'toggle') {
    state.toggleSelected(faults.id(i));
  } else {
    state.select(faults.id(i));
  }
}

/** Selects the faults of the current session in a box, or adds them to the selection, oldest first. */
export function selectByBox(
  state: TimelineState,
  session: SessionFrame,
  corners: Corners,
  isAdding: boolean,
): void {
  const { scale, layout, faults, lanes, shown, nowNs, gutterPx, lanesTopPx } = session;
  const { xPx, yPx, widthPx, heightPx } = boxBetween(corners, session);
  const topPx = yPx - lanesTopPx;
  const box = {
    startNs: timeAt(scale, xPx - gutterPx),
    endNs: timeAt(scale, xPx + widthPx - gutterPx),
    topPx,
    bottomPx: topPx + heightPx,
  };
  const ids = faultsInBox(lanes, layout, box, nowNs)
    .filter((i) => shown === null || shown.has(i))
    .map((i) => faults.id(i));
  state.selectMany(isAdding ? [...state.selectedIds, ...ids] : ids);
}

/** The session that a box is about: a selection lies within one, so it is the one where the box began. */
export function boxedSession({ sessions }: ChartFrame, { from }: Corners): SessionFrame | undefined {
  const [first] = sessions;
  return (
    placeAt(sessions, from.yPx) ?? (first !== undefined && from.yPx < first.topPx ? first : sessions.at(-1))
  );
}

/** The box between two corners, as far as it lies over the chart, and where there are several sessions over this one. */
export function boxBetween({ from, to }: Corners, session: SessionFrame): Box {
  const { gutterPx, topPx, lanesTopPx, bottomPx } = session;
  const isAlone = topPx === lanesTopPx;
  const leastPx = Math.max(axisPx, isAlone ? axisPx : lanesTopPx);
  const mostPx = Math.max(leastPx, isAlone ? session.heightPx : bottomPx);
  const within = (yPx: number): number => Math.max(leastPx, Math.min(mostPx, yPx));
  const xPx = Math.max(gutterPx, Math.min(from.xPx, to.xPx));
  const yPx = within(Math.min(from.yPx, to.yPx));
  return {
    xPx,
    yPx,
    widthPx: Math.max(xPx, from.xPx, to.xPx) - xPx,
    heightPx: within(Math.max(from.yPx, to.yPx)) - yPx,
  };
}
