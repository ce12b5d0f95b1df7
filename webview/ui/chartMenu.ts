/** What the chart's menu is about, and where it opens by key. */
import { placeAt } from '../model/chartLayout.ts';
import { type LaneOf } from '../model/faultLane.ts';
import { timeAt, xOf } from '../model/timeScale.ts';
import { axisPx, boxOf, type ChartFrame } from '../render/chartFrame.ts';
import { type TimelineState } from '../state/timelineState.ts';
import { describeMenu, type MenuSection, openMenu } from './contextMenu.ts';
import { faultAtPoint } from './faultAtPoint.ts';
import { type SelectionInView } from './selectionInView.ts';

/** Says of each menu on `chart` what it is about, and opens the one asked for by key. */
export function attachMenu(
  chart: HTMLElement,
  state: TimelineState,
  inView: SelectionInView,
  frameNow: () => ChartFrame,
): void {
  let isByKey = false;

  const describe = (section: MenuSection, lane?: LaneOf): void => {
    const root = document.querySelector<HTMLElement>('uffd-timeline');
    if (root !== null) {
      describeMenu(root, state, section, lane);
    }
  };

  /** About the fault there, which it selects, else about the lane or the time. */
  const describeAt = (xPx: number, yPx: number): void => {
    const frame = frameNow();
    const fault = faultAtPoint(frame, xPx, yPx);
    if (fault === null) {
      const lane = laneAtLabel(frame, xPx, yPx);
      describe(lane === undefined ? sectionBeside(state, frame, xPx) : 'lane', lane);
      return;
    }
    inView.makeCurrent(fault.session);
    const id = fault.session.faults.id(fault.fault);
    if (!state.selectedIds.includes(id)) {
      state.select(id);
    }
    describe('fault');
  };

  chart.addEventListener('contextmenu', (event) => {
    const box = chart.getBoundingClientRect();
    if (event.button !== 2 && !event.ctrlKey) {
      // By key it is about what is selected, and belongs beside that.
      event.preventDefault();
      event.stopPropagation();
      const place = placeOfSelection(state, frameNow());
      isByKey = true;
      openMenu(chart, box.left + place.xPx, box.top + place.yPx);
      isByKey = false;
    } else if (isByKey) {
      describe(sectionOfSelection(state));
    } else {
      describeAt(event.clientX - box.left, event.clientY - box.top);
    }
  });
}

/** What the faults have in common of the lane whose label is at a point. */
function laneAtLabel({ gutterPx, sessions }: ChartFrame, xPx: number, yPx: number): LaneOf | undefined {
  const session = xPx <= gutterPx && yPx > axisPx ? placeAt(sessions, yPx) : undefined;
  const lane = session?.layout.laneAt(yPx - session.lanesTopPx) ?? -1;
  return session?.lanes.list[lane]?.of;
}

/** What a menu is about that is opened beside all faults. */
function sectionBeside(
  { marks: { selection } }: TimelineState,
  { scale, gutterPx }: ChartFrame,
  xPx: number,
): MenuSection {
  const timeNs = timeAt(scale, xPx - gutterPx);
  return selection !== null && timeNs >= selection.startNs && timeNs <= selection.endNs ? 'time' : 'chart';
}

/** What a menu is about that is opened by key: what is selected. */
function sectionOfSelection({ selectedIndex, marks }: TimelineState): MenuSection {
  return selectedIndex !== -1 ? 'fault' : marks.selection !== null ? 'time' : 'chart';
}

/** Where on the chart a menu belongs that is opened by key: beside what is selected. */
function placeOfSelection(
  state: TimelineState,
  frame: ChartFrame,
): { readonly xPx: number; readonly yPx: number } {
  const i = state.selectedIndex;
  const { selection } = state.marks;
  const within = (xPx: number): number => Math.max(frame.gutterPx, Math.min(frame.widthPx - 8, xPx));
  if (i !== -1 && frame.current !== null && frame.current.layout.laneCount > 0) {
    const box = boxOf(frame.current, i);
    return {
      xPx: within(box.xPx + Math.min(box.widthPx, 40) / 2),
      yPx: Math.max(axisPx, Math.min(frame.heightPx - 8, box.yPx + box.heightPx)),
    };
  }
  const atNs = selection === null ? frame.scale.startNs : (selection.startNs + selection.endNs) / 2;
  return { xPx: within(frame.gutterPx + xOf(frame.scale, atNs)), yPx: axisPx };
}
