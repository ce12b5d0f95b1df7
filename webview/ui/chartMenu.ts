/** What the chart's menu is about where no fault is pointed at, and where it opens by key. */
import { placeAt } from '../model/chartLayout.ts';
import { type LaneOf } from '../model/faultLane.ts';
import { timeAt, xOf } from '../model/timeScale.ts';
import { axisPx, boxOf, type ChartFrame } from '../render/chartFrame.ts';
import { type TimelineState } from '../state/timelineState.ts';
import { type MenuSection } from './contextMenu.ts';

/** What the faults have in common of the lane whose label is at a point. */
export function laneAtLabel(
  { gutterPx, sessions }: ChartFrame,
  xPx: number,
  yPx: number,
): LaneOf | undefined {
  const session = xPx <= gutterPx && yPx > axisPx ? placeAt(sessions, yPx) : undefined;
  const lane = session?.layout.laneAt(yPx - session.lanesTopPx) ?? -1;
  return session?.lanes.list[lane]?.of;
}

/** What a menu is about that is opened beside all faults. */
export function sectionBeside(
  { marks: { selection } }: TimelineState,
  { scale, gutterPx }: ChartFrame,
  xPx: number,
): MenuSection {
  const timeNs = timeAt(scale, xPx - gutterPx);
  return selection !== null && timeNs >= selection.startNs && timeNs <= selection.endNs ? 'time' : 'chart';
}

/** What a menu is about that is opened by key: what is selected. */
export function sectionOfSelection({ selectedIndex, marks }: TimelineState): MenuSection {
  return selectedIndex !== -1 ? 'fault' : marks.selection !== null ? 'time' : 'chart';
}

/** Where on the chart a menu belongs that is opened by key: beside what is selected. */
export function placeOfSelection(
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
