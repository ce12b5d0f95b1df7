/** `<uffd-chart>`: the lanes of faults over time, on two canvases. */
import { html, type TemplateResult } from 'lit';
import { placeAt } from '../model/chartLayout.ts';
import { faultAt } from '../model/hitTest.ts';
import { nsPerPx, timeAt, xOf } from '../model/timeScale.ts';
import { attachPointer, type Corners } from '../input/chartPointer.ts';
import { type SelectBy } from '../input/selectBy.ts';
import { CanvasLayer } from '../render/canvasLayer.ts';
import { CellImage } from '../render/cellImage.ts';
import {
  axisEventsPx,
  axisPx,
  type Box,
  type ChartFrame,
  type SessionFrame,
  trackTopPx,
} from '../render/chartFrame.ts';
import { paintChart } from '../render/chartPainter.ts';
import { frameDelayMs } from '../render/frameDelay.ts';
import { FrameScheduler } from '../render/frameScheduler.ts';
import { type FaultPlace, paintOverlay } from '../render/overlayPainter.ts';
import { type Palette, readPalette, watchTheme } from '../render/palette.ts';
import { createPatterns, type Patterns } from '../render/patterns.ts';
import { type StateChange } from '../state/timelineState.ts';
import { chartStyles } from '../styles/chartStyles.ts';
import { sharedStyles } from '../styles/sharedStyles.ts';
import { chartFrameOf } from './chartFrameOf.ts';
import { boxBetween, boxedSession, selectByBox, selectByClick } from './chartSelection.ts';
import { eventAt, eventLines, faultLines, placeTooltip, type Pointed } from './chartTooltip.ts';
import { LaneScroller } from './laneScroller.ts';
import './sessionHeaders.ts';
import { StateElement } from './stateElement.ts';

const gutterPx = 184;
const narrowGutterPx = 148;
const narrowBelowPx = 560;

const repaintedAt: ReadonlySet<StateChange> = new Set([
  'session',
  'sessions',
  'rows',
  'otherRows',
  'window',
  'shown',
]);

export class TimelineChart extends StateElement {
  static override styles = [sharedStyles, chartStyles];

  protected override readonly ignored = [
    'rows',
    'window',
    'selection',
    'form',
    'results',
    'ledger',
    'filter',
  ] as const;
  private scroller: LaneScroller | undefined;
  private pointer: { readonly xPx: number; readonly yPx: number } | null = null;
  private hovered: FaultPlace | null = null;
  private box: Corners | null = null;
  /** Place in the trace's events of the one gone to by key, -1 for none. */
  private event = -1;
  /** The session that was current last. */
  private currentId: number | null = null;
  private palette: Palette | undefined;
  private patterns: Patterns | undefined;
  private readonly cells = new CellImage();
  private data: CanvasLayer | undefined;
  private overlay: CanvasLayer | undefined;
  private stopWatching: (() => void)[] = [];
  private readonly scheduler = new FrameScheduler({
    data: () => this.paintData(),
    overlay: () => this.paintOverlay(),
  });

  override render(): TemplateResult {
    return html`
      <div
        class="chart"
        data-testid="chart"
        tabindex="0"
        role="application"
        aria-roledescription="timeline"
        aria-label="Faults over time, a lane per thread. Arrow keys move between faults, question mark lists the keys."
      >
        <canvas class="data" aria-hidden="true"></canvas>
        <canvas class="overlay" aria-hidden="true"></canvas>
        <uffd-session-headers .state=${this.state} .host=${this.host}></uffd-session-headers>
      </div>
      <div class="scroller" tabindex="-1" aria-hidden="true"><div></div></div>
      <div class="note muted" data-testid="chart-note">${this.note()}</div>
      <div class="tooltip" role="presentation" hidden></div>
    `;
  }

  private note(): string {
    if (this.state.sessions.length !== 1 || this.state.trace.faults.count > 0) {
      return '';
    }
    return this.state.isLive ? 'Attached. No thread has faulted yet.' : 'No thread faulted in this session.';
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.stopWatching = [
      this.state.subscribe((change) => {
        if (change === 'selection') {
          this.scrollToSelection();
          this.scheduler.request('overlay');
        } else if (repaintedAt.has(change)) {
          this.scheduler.request('data');
        }
        if (change === 'session') {
          this.showCurrent();
        }
        if (change === 'rows' && this.note() !== this.find('.note').textContent) {
          this.requestUpdate();
        }
      }),
      watchTheme(() => {
        this.palette = undefined;
        this.scheduler.request('data');
      }),
    ];
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const stop of this.stopWatching) {
      stop();
    }
    this.scheduler.dispose();
    this.data?.dispose();
    this.overlay?.dispose();
  }

  override firstUpdated(): void {
    const repaint = (): void => {
      this.patterns = undefined;
      this.state.window.setWidth(Math.max(1, (this.data?.widthPx ?? 1) - this.gutterPx));
      this.scheduler.request('data');
    };
    this.data = new CanvasLayer(this.find('.data') as HTMLCanvasElement, true, repaint);
    this.overlay = new CanvasLayer(this.find('.overlay') as HTMLCanvasElement, false, repaint);
    this.scroller = new LaneScroller(this.find('.scroller'), () => this.scheduler.request('data'));
    attachPointer(this.find('.chart'), {
      hover: (xPx, yPx) => this.point({ xPx, yPx }),
      leave: () => this.point(null),
      click: (xPx, yPx, how) => this.selectAt(xPx, yPx, how),
      doubleClick: (xPx, yPx) => this.fitAt(xPx, yPx),
      drag: (dxPx, dyPx) => {
        this.point(null);
        this.state.window.pan(-dxPx * nsPerPx(this.state.window.scale));
        this.scroller?.scrollBy(-dyPx);
      },
      drawBox: (corners) => this.drawBox(corners),
      selectBox: (corners, isAdding) => this.selectBox(corners, isAdding),
      zoom: (factor, xPx) =>
        this.state.window.zoom(factor, timeAt(this.state.window.scale, Math.max(0, xPx - this.gutterPx))),
      scrollTime: (dxPx) => this.state.window.pan(dxPx * nsPerPx(this.state.window.scale)),
      scrollLanes: (dyPx) => this.scroller?.scrollBy(dyPx),
    });
  }

  override focus(): void {
    this.find('.chart').focus();
  }

  /** The time that zooming by key is about: under the pointer, else the selected fault or the middle. */
  zoomCentreNs(): number {
    const { trace, selectedIndex } = this.state;
    const { scale } = this.state.window;
    if (this.pointer !== null && this.pointer.xPx >= this.gutterPx) {
      return timeAt(scale, this.pointer.xPx - this.gutterPx);
    }
    const middleNs = (scale.startNs + scale.endNs) / 2;
    if (selectedIndex === -1) {
      return middleNs;
    }
    const raisedNs = trace.faults.raisedNs(selectedIndex);
    return raisedNs >= scale.startNs && raisedNs <= scale.endNs ? raisedNs : middleNs;
  }

  private find(selector: string): HTMLElement {
    return this.renderRoot.querySelector<HTMLElement>(selector)!;
  }

  private get gutterPx(): number {
    return (this.data?.widthPx ?? Infinity) < narrowBelowPx ? narrowGutterPx : gutterPx;
  }

  // ---- painting --------------------------------------------------------------

  private frame(data: CanvasLayer): ChartFrame {
    if (this.palette === undefined) {
      this.palette = readPalette(this);
      this.patterns = undefined;
    }
    this.patterns ??= createPatterns(data.context, this.palette, data.pixelRatio);
    return chartFrameOf(
      this.state,
      {
        widthPx: data.widthPx,
        heightPx: data.heightPx,
        gutterPx: this.gutterPx,
        palette: this.palette,
        patterns: this.patterns,
        cells: this.cells,
      },
      this.scroller?.topPx ?? 0,
    );
  }

  private paintData(): void {
    const { data, state } = this;
    if (data === undefined || data.widthPx === 0) {
      return;
    }
    state.window.moveWithLiveEdge();
    let frame = this.frame(data);
    if (this.scroller?.update(frame.contentPx, data.heightPx - axisPx) === true) {
      frame = this.frame(data);
    }
    paintChart(data.context, frame);
    this.renderRoot.querySelector('uffd-session-headers')?.place(frame);
    this.scheduler.request('overlay');
    if (frame.isLive && !document.hidden) {
      const isMoving =
        state.window.isFollowing ||
        frame.sessions.some(({ faults }) => faults.open.size > 0) ||
        frame.nowNs < frame.scale.endNs;
      if (isMoving) {
        const isMotionReduced = document.body.classList.contains('vscode-reduce-motion');
        this.scheduler.requestAfter(frameDelayMs(frame.scale, frame.nowNs, isMotionReduced), 'data');
      }
    }
  }

  private paintOverlay(): void {
    const { data, overlay } = this;
    if (data === undefined || overlay === undefined || overlay.widthPx === 0) {
      return;
    }
    const frame = this.frame(data);
    const { pointer } = this;
    const isOverLanes = pointer !== null && pointer.xPx > frame.gutterPx && pointer.yPx > axisPx;
    this.hovered = isOverLanes ? this.faultAtPoint(frame, pointer.xPx, pointer.yPx) : null;
    const { selectedIndex, selectedIndexes } = this.state;
    paintOverlay(overlay.context, frame, {
      xPx: pointer?.xPx ?? null,
      hovered: this.hovered,
      primary: selectedIndex,
      selected: selectedIndexes,
      box: this.drawnBox(frame),
    });
    placeTooltip(this.find('.tooltip'), frame, this.pointed(frame));
  }

  /** The box that is being drawn, as far as it selects. */
  private drawnBox(frame: ChartFrame): Box | null {
    const session = this.box === null ? undefined : boxedSession(frame, this.box);
    return this.box === null || session === undefined ? null : boxBetween(this.box, session);
  }

  private faultAtPoint(frame: ChartFrame, xPx: number, yPx: number): FaultPlace | null {
    const session = placeAt(frame.sessions, yPx);
    if (session === undefined) {
      return null;
    }
    const { lanes, layout, scale, nowNs, shown, gutterPx, lanesTopPx } = session;
    const fault = faultAt(lanes, layout, scale, xPx - gutterPx, yPx - lanesTopPx, nowNs, shown);
    return fault === -1 ? null : { session, fault };
  }

  // ---- scrolling the lanes -----------------------------------------------------

  private scrollToSelection(): void {
    const i = this.state.selectedIndex;
    const session = this.data === undefined ? null : this.frame(this.data).current;
    if (i !== -1 && session !== null && session.layout.laneCount > 0) {
      const { lanes } = session;
      this.scroller?.reveal(trackTopPx(session, lanes.lane(i), lanes.track(i)), 32);
    }
  }

  /** Scrolls, if need be, to the session that is the current one now. */
  private showCurrent(): void {
    const id = this.state.current?.id ?? null;
    if (id === this.currentId) {
      return;
    }
    this.currentId = id;
    this.event = -1;
    const session = this.data === undefined ? null : this.frame(this.data).current;
    if (session !== null) {
      this.scroller?.reveal(session.topPx, session.bottomPx - session.topPx);
    }
  }

  // ---- events of the memory map ------------------------------------------------

  /**
   * Goes to the next event (1) or the one before (-1) and says what it is; at first to the latest.
   * @returns its place in the trace's events, -1 when there is none
   */
  goToEvent(direction: 1 | -1): number {
    const { events } = this.state.trace;
    if (events.count === 0) {
      return -1;
    }
    const to = this.event === -1 ? events.count - 1 : this.event + direction;
    this.event = Math.max(0, Math.min(events.count - 1, to));
    this.state.window.centre(events.timeNs(this.event));
    this.scheduler.request('overlay');
    return this.event;
  }

  /** Takes back what `goToEvent` said; whether there was anything. */
  leaveEvent(): boolean {
    const wasThere = this.event !== -1;
    this.event = -1;
    this.scheduler.request('overlay');
    return wasThere;
  }

  /** What the tooltip says, and where it points. */
  private pointed(frame: ChartFrame): Pointed | null {
    const { pointer } = this;
    if (pointer !== null && this.hovered !== null) {
      return { lines: faultLines(this.hovered.session, this.hovered.fault), ...pointer };
    }
    const event = pointer === null ? null : eventAt(frame, pointer.xPx, pointer.yPx);
    if (pointer !== null && event !== null) {
      return { lines: eventLines(frame, event), ...pointer };
    }
    const { current: session } = frame;
    if (session === null || this.event === -1 || this.event >= session.events.count) {
      return null;
    }
    const xPx = frame.gutterPx + xOf(frame.scale, session.events.timeNs(this.event));
    return { lines: eventLines(frame, { session, event: this.event }), xPx, yPx: axisEventsPx };
  }

  // ---- pointing ------------------------------------------------------------------

  private point(place: { readonly xPx: number; readonly yPx: number } | null): void {
    this.pointer = place;
    this.scheduler.request('overlay');
  }

  private selectAt(xPx: number, yPx: number, how: SelectBy): void {
    if (this.data === undefined) {
      return;
    }
    this.focus();
    const frame = this.frame(this.data);
    const fault = xPx > this.gutterPx && yPx > axisPx ? this.faultAtPoint(frame, xPx, yPx) : null;
    this.makeCurrent(yPx > axisPx ? placeAt(frame.sessions, yPx) : undefined);
    selectByClick(this.state, fault?.fault ?? -1, how);
  }

  /** Who acts in a session's lanes means that session from then on. */
  private makeCurrent(place: SessionFrame | undefined): void {
    const session = this.state.sessions.find(({ id }) => id === place?.id);
    if (session !== undefined) {
      // It is seen already: what is under the pointer stays there.
      this.currentId = session.id;
      this.event = session === this.state.current ? this.event : -1;
      this.state.show(session);
    }
  }

  private drawBox(corners: Corners | null): void {
    this.box = corners;
    this.point(null);
  }

  private selectBox(corners: Corners, isAdding: boolean): void {
    if (this.data !== undefined) {
      this.focus();
      const session = boxedSession(this.frame(this.data), corners);
      this.makeCurrent(session);
      if (session !== undefined) {
        selectByBox(this.state, session, corners, isAdding);
      }
    }
  }

  /** A double click has selected the fault with its first click. */
  private fitAt(xPx: number, yPx: number): void {
    if (this.data !== undefined && this.faultAtPoint(this.frame(this.data), xPx, yPx) !== null) {
      this.state.fitSelection();
    }
  }
}

customElements.define('uffd-chart', TimelineChart);

declare global {
  interface HTMLElementTagNameMap {
    'uffd-chart': TimelineChart;
  }
}
