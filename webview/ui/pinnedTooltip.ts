/** The tooltip that stays: of which fault it is, and where it points. */
import { boxOf, type ChartFrame } from '../render/chartFrame.ts';
import { type FaultPlace } from '../render/overlayPainter.ts';
import { type SessionTimeline } from '../state/sessionTimeline.ts';
import { type TimelineState } from '../state/timelineState.ts';
import { faultLines, type Pointed } from './chartTooltip.ts';

export class PinnedTooltip {
  private pinned: { readonly session: SessionTimeline; readonly faultId: number } | null = null;

  /** Pins the tooltip of the fault under the pointer, else of the selected one; unpins it. */
  toggle(state: TimelineState, hovered: FaultPlace | null): void {
    if (this.unpin()) {
      return;
    }
    const session = state.sessions.find(({ id }) => id === hovered?.session.id);
    if (session !== undefined && hovered !== null) {
      this.pinned = { session, faultId: hovered.session.faults.id(hovered.fault) };
    } else if (state.current !== null && state.selectedId !== null) {
      this.pinned = { session: state.current, faultId: state.selectedId };
    }
  }

  /** @returns whether one was pinned */
  unpin(): boolean {
    const wasPinned = this.pinned !== null;
    this.pinned = null;
    return wasPinned;
  }

  /** What it says, and where it points; null while its fault is not seen. */
  pointed(frame: ChartFrame): Pointed | null {
    const { pinned } = this;
    const session = frame.sessions.find(({ id }) => id === pinned?.session.id);
    const fault = pinned === null ? -1 : (session?.faults.indexOf(pinned.faultId) ?? -1);
    if (session === undefined || fault === -1 || session.layout.laneCount === 0) {
      return null;
    }
    const box = boxOf(session, fault);
    const isSeen = box.xPx + box.widthPx >= frame.gutterPx && box.xPx <= frame.widthPx;
    const xPx = Math.max(frame.gutterPx, box.xPx);
    return isSeen ? { lines: faultLines(session, fault), xPx, yPx: box.yPx + box.heightPx - 10 } : null;
  }
}
