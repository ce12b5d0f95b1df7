/** What the pointer does in the chart: it shows what is under it, selects faults and time, pins, pans and zooms. */
import { type Corners, type PointerActions } from '../input/chartPointer.ts';
import { type SelectBy } from '../input/selectBy.ts';
import { placeAt } from '../model/chartLayout.ts';
import { nsPerPx, timeAt } from '../model/timeScale.ts';
import { stretchBetween, type TimeStretch } from '../model/timeStretch.ts';
import { axisPx, type ChartFrame } from '../render/chartFrame.ts';
import { type FaultPlace, type Pointing } from '../render/overlayPainter.ts';
import { snapTime } from '../state/snapTime.ts';
import { type TimelineState } from '../state/timelineState.ts';
import { boxBetween, boxedSession, selectByBox, selectByClick } from './chartSelection.ts';
import { eventAt, eventLines, faultLines, type Pointed } from './chartTooltip.ts';
import { faultAtPoint } from './faultAtPoint.ts';
import { type LaneScroller } from './laneScroller.ts';
import { type PinnedTooltip } from './pinnedTooltip.ts';
import { type SelectionInView } from './selectionInView.ts';

/** What pointing asks of the chart. */
interface PointedChart {
  readonly state: TimelineState;
  /** Takes the focus. */
  readonly chart: HTMLElement;
  readonly scroller: LaneScroller;
  readonly inView: SelectionInView;
  readonly pinned: PinnedTooltip;
  frame(): ChartFrame;
  /** Paints the overlay with the next frame. */
  repaint(): void;
}

export class ChartPointing implements PointerActions {
  /** The fault under the pointer when the overlay was painted last. */
  hovered: FaultPlace | null = null;
  private pointer: { readonly xPx: number; readonly yPx: number } | null = null;
  private box: Corners | null = null;
  /** The time selection before the one that is being drawn. */
  private timeBefore: TimeStretch | null = null;
  private readonly parts: PointedChart;
  private readonly state: TimelineState;

  constructor(parts: PointedChart) {
    this.parts = parts;
    this.state = parts.state;
  }

  /** The time under the pointer; null when it is elsewhere. */
  timeNs(): number | null {
    const { pointer } = this;
    const { scale, gutterPx } = this.parts.frame();
    return pointer === null || pointer.xPx < gutterPx ? null : timeAt(scale, pointer.xPx - gutterPx);
  }

  /** What the overlay shows of pointing. */
  shownIn(frame: ChartFrame): Pick<Pointing, 'xPx' | 'hovered' | 'box'> {
    const { pointer, box } = this;
    this.hovered = pointer === null ? null : faultAtPoint(frame, pointer.xPx, pointer.yPx);
    const session = box === null ? undefined : boxedSession(frame, box);
    return {
      xPx: pointer?.xPx ?? null,
      hovered: this.hovered,
      // As far as it selects.
      box: box === null || session === undefined ? null : boxBetween(box, session),
    };
  }

  /** What the tooltip says of what is under the pointer; null when there is nothing. */
  pointed(frame: ChartFrame): Pointed | null {
    const { pointer, hovered } = this;
    if (pointer === null) {
      return null;
    }
    if (hovered !== null) {
      return { lines: faultLines(hovered.session, hovered.fault), ...pointer };
    }
    const event = eventAt(frame, pointer.xPx, pointer.yPx);
    return event === null ? null : { lines: eventLines(frame, event), ...pointer };
  }

  // ---- what gestures mean ----------------------------------------------------------

  hover(xPx: number, yPx: number): void {
    this.pointer = { xPx, yPx };
    this.parts.repaint();
  }

  leave(): void {
    this.pointer = null;
    this.parts.repaint();
  }

  click(xPx: number, yPx: number, how: SelectBy): void {
    this.parts.chart.focus();
    const frame = this.parts.frame();
    const fault = faultAtPoint(frame, xPx, yPx);
    this.parts.inView.makeCurrent(yPx > axisPx ? placeAt(frame.sessions, yPx) : undefined);
    if (fault === null && how === 'one') {
      this.state.marks.select(null);
    }
    selectByClick(this.state, fault?.fault ?? -1, how);
  }

  /** The first click has selected the fault. */
  doubleClick(xPx: number, yPx: number): void {
    if (faultAtPoint(this.parts.frame(), xPx, yPx) !== null) {
      this.state.time.fitSelection();
    }
  }

  pin(xPx: number, yPx: number): void {
    const fault = faultAtPoint(this.parts.frame(), xPx, yPx);
    this.parts.pinned.unpin();
    if (fault !== null) {
      this.parts.pinned.toggle(this.state, fault);
    }
    this.parts.repaint();
  }

  dragAt(xPx: number, yPx: number): 'pan' | 'box' | 'time' {
    this.timeBefore = this.state.marks.selection;
    return xPx <= this.parts.frame().gutterPx ? 'pan' : yPx <= axisPx ? 'time' : 'box';
  }

  drag(dxPx: number, dyPx: number): void {
    this.leave();
    this.scrollTime(-dxPx);
    this.scrollLanes(-dyPx);
  }

  drawTime(corners: Corners | null): void {
    const { state } = this;
    if (corners === null) {
      state.marks.select(this.timeBefore);
      return;
    }
    this.leave();
    const { scale, gutterPx } = this.parts.frame();
    const at = (xPx: number): number => snapTime(state, timeAt(scale, Math.max(0, xPx - gutterPx)));
    state.marks.select(stretchBetween(at(corners.from.xPx), at(corners.to.xPx)));
  }

  /** The box selects its time too, all along. */
  drawBox(corners: Corners | null): void {
    this.box = corners;
    this.leave();
    if (corners !== null) {
      this.drawTime(corners);
    }
  }

  selectBox(corners: Corners, isAdding: boolean): void {
    this.parts.chart.focus();
    const session = boxedSession(this.parts.frame(), corners);
    this.parts.inView.makeCurrent(session);
    if (session !== undefined) {
      selectByBox(this.state, session, corners, isAdding);
    }
  }

  zoom(factor: number, xPx: number): void {
    const { scale, gutterPx } = this.parts.frame();
    this.state.window.zoom(factor, timeAt(scale, Math.max(0, xPx - gutterPx)));
  }

  scrollTime(dxPx: number): void {
    const { window } = this.state;
    window.pan(dxPx * nsPerPx(window.scale));
  }

  scrollLanes(dyPx: number): void {
    this.parts.scroller.scrollBy(dyPx);
  }
}
