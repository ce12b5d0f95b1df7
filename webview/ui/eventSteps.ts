/** Stepping by key through the events of the current session's memory map. */
import { rowInWords } from '../model/faultWords.ts';
import { xOf } from '../model/timeScale.ts';
import { axisEventsPx, type ChartFrame } from '../render/chartFrame.ts';
import { type TimelineState } from '../state/timelineState.ts';
import { eventLines, type Pointed } from './chartTooltip.ts';

export class EventSteps {
  /** Place in the trace's events of the one gone to, -1 for none. */
  private event = -1;

  /**
   * Goes to the next event (1) or the one before (-1); at first to the latest.
   * @returns what it is, in words; null when there is none
   */
  step({ trace: { events }, window }: TimelineState, direction: 1 | -1): string | null {
    if (events.count === 0) {
      return null;
    }
    const to = this.event === -1 ? events.count - 1 : this.event + direction;
    this.event = Math.max(0, Math.min(events.count - 1, to));
    window.centre(events.timeNs(this.event));
    return `${rowInWords(events.event(this.event))}.`;
  }

  /** Is at no event any more; whether it was at one. */
  leave(): boolean {
    const wasThere = this.event !== -1;
    this.event = -1;
    return wasThere;
  }

  /** What the tooltip says of the event, and where it points. */
  pointed(frame: ChartFrame): Pointed | null {
    const { current: session } = frame;
    if (session === null || this.event === -1 || this.event >= session.events.count) {
      return null;
    }
    const xPx = frame.gutterPx + xOf(frame.scale, session.events.timeNs(this.event));
    return { lines: eventLines(frame, { session, event: this.event }), xPx, yPx: axisEventsPx };
  }
}
