/** A part of the page that draws itself from the page's state, anew whenever that changes. */
import { LitElement, type PropertyDeclarations } from 'lit';
import { type HostSync } from '../state/hostSync.ts';
import { type StateChange, type TimelineState } from '../state/timelineState.ts';

/** Rows come up to 60 times a second; people read slower. */
const rowsRedrawMs = 100;

/** Type of the event by which a part gives the focus back to the chart. */
export const leaveEventType = 'uffd-leave';

/** What does not concern a part that the chart's frames repaint, beside the time selection and the marks. */
export const shownByTheChart: readonly StateChange[] = [
  'rows',
  'otherRows',
  'window',
  'selection',
  'ledger',
  'form',
  'results',
  'preflight',
  'preview',
];

export abstract class StateElement extends LitElement {
  static override properties: PropertyDeclarations = {
    state: { attribute: false },
    host: { attribute: false },
  };
  declare state: TimelineState;
  declare host: HostSync;
  /** Changes that this element does not show. */
  protected readonly ignored: readonly StateChange[] = [];
  /** Whether it shows sessions beside the current one. */
  protected readonly showsAllSessions: boolean = false;
  /** Whether it shows which faults pass the filter, and how many. */
  protected readonly showsFiltered: boolean = false;
  /** Whether it shows the time selection or the marks. */
  protected readonly showsTime: boolean = false;
  /** Whether it shows the search. */
  protected readonly showsSearch: boolean = false;
  private unsubscribe: (() => void) | undefined;
  private rowsTimer: ReturnType<typeof setTimeout> | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.unsubscribe = this.state.subscribe((change) => this.stateChanged(change));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.unsubscribe?.();
    clearTimeout(this.rowsTimer);
    this.rowsTimer = undefined;
  }

  /** The focused control goes away: asks the page to put the focus on the chart. */
  protected leaveToChart(): void {
    this.dispatchEvent(new Event(leaveEventType, { bubbles: true, composed: true }));
  }

  private stateChanged(change: StateChange): void {
    const isOfOthers = change === 'otherRows' || change === 'sessions';
    const isOfTime = change === 'timeSelection' || change === 'marks';
    const isUnseen =
      (isOfOthers && !this.showsAllSessions) ||
      (isOfTime && !this.showsTime) ||
      (change === 'shown' && !this.showsFiltered) ||
      (change === 'search' && !this.showsSearch);
    if (isUnseen || this.ignored.includes(change)) {
      return;
    }
    if (change !== 'rows' && change !== 'otherRows' && change !== 'shown') {
      this.requestUpdate();
      return;
    }
    this.rowsTimer ??= setTimeout(() => {
      this.rowsTimer = undefined;
      this.requestUpdate();
    }, rowsRedrawMs);
  }
}
