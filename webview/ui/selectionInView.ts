/** Scrolls the lanes to what is selected elsewhere: a fault, or another session. */
import { type ChartFrame, type SessionFrame, trackTopPx } from '../render/chartFrame.ts';
import { type TimelineState } from '../state/timelineState.ts';
import { type EventSteps } from './eventSteps.ts';
import { type LaneScroller } from './laneScroller.ts';

export class SelectionInView {
  /** The session that was current last. */
  private currentId: number | null = null;
  private readonly state: TimelineState;
  private readonly events: EventSteps;
  private readonly scroller: LaneScroller;
  private readonly frame: () => ChartFrame;

  /** @param events those of the current session: they are left with it */
  constructor(state: TimelineState, events: EventSteps, scroller: LaneScroller, frame: () => ChartFrame) {
    this.state = state;
    this.events = events;
    this.scroller = scroller;
    this.frame = frame;
  }

  /** Scrolls, if need be, to the selected fault. */
  showFault(): void {
    const i = this.state.selectedIndex;
    const session = this.frame().current;
    if (i !== -1 && session !== null && session.layout.laneCount > 0) {
      const { lanes } = session;
      this.scroller.reveal(trackTopPx(session, lanes.lane(i), lanes.track(i)), 32);
    }
  }

  /** Scrolls, if need be, to the session that is the current one now. */
  showCurrent(): void {
    const id = this.state.current?.id ?? null;
    if (id === this.currentId) {
      return;
    }
    this.currentId = id;
    this.events.leave();
    const session = this.frame().current;
    if (session !== null) {
      this.scroller.reveal(session.topPx, session.bottomPx - session.topPx);
    }
  }

  /** Who acts in a session's lanes means that session from then on. */
  makeCurrent(place: SessionFrame | undefined): void {
    const session = this.state.sessions.find(({ id }) => id === place?.id);
    if (session !== undefined) {
      // It is seen already: what is under the pointer stays there.
      this.currentId = session.id;
      if (session !== this.state.current) {
        this.events.leave();
      }
      this.state.show(session);
    }
  }
}
