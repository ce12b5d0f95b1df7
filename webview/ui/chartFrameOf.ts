/** A frame of the chart from the page's state. */
import { placesOf } from '../model/chartLayout.ts';
import { axisPx, type ChartFrame, type SessionFrame } from '../render/chartFrame.ts';
import { type TimelineState } from '../state/timelineState.ts';

/** What the chart's element itself knows. */
export type ChartSurface = Pick<
  ChartFrame,
  'widthPx' | 'heightPx' | 'gutterPx' | 'palette' | 'patterns' | 'cells'
>;

/** @param scrollTopPx by how much the lanes are scrolled down */
export function chartFrameOf(state: TimelineState, surface: ChartSurface, scrollTopPx: number): ChartFrame {
  const shared = { ...surface, scale: state.window.scale };
  const places = placesOf(
    state.sessions.map(({ trace, isCollapsed }) => ({ lanes: trace.lanes.list, isCollapsed })),
  );
  const originPx = axisPx - scrollTopPx;
  const sessions = state.sessions.map((session, n): SessionFrame => {
    const { topPx, lanesTopPx, bottomPx, lanes } = places[n]!;
    return {
      ...shared,
      id: session.id,
      colour: session.view.colour,
      topPx: originPx + topPx,
      lanesTopPx: originPx + lanesTopPx,
      bottomPx: originPx + bottomPx,
      layout: lanes,
      faults: session.trace.faults,
      lanes: session.trace.lanes,
      shown: session.shown,
      overview: session.historyOverview,
      lastRowNs: session.trace.lastRowNs,
      events: session.trace.events,
      gaps: session.trace.gaps,
      startNs: session.startNs,
      nowNs: session.nowNs(),
      isLive: session.isLive,
      threadName: session.threadName,
      codeName: session.codeName,
    };
  });
  return {
    ...shared,
    sessions,
    current: sessions.find(({ id }) => id === state.current?.id) ?? null,
    contentPx: places.at(-1)?.bottomPx ?? 0,
    nowNs: state.edgeNs(),
    isLive: state.isAnyLive,
  };
}
