/** `<uffd-chart>`: the lanes of faults over time, on two canvases. */
import '@vscode-elements/elements/dist/vscode-icon/index.js';
import { html, type TemplateResult } from 'lit';
import { attachPointer } from '../input/chartPointer.ts';
import { type WheelMode } from '../input/keys.ts';
import { CanvasLayer } from '../render/canvasLayer.ts';
import { CellImage } from '../render/cellImage.ts';
import { axisPx, type ChartFrame } from '../render/chartFrame.ts';
import { paintChart } from '../render/chartPainter.ts';
import { frameDelayMs } from '../render/frameDelay.ts';
import { FrameScheduler } from '../render/frameScheduler.ts';
import { paintOverlay } from '../render/overlayPainter.ts';
import { type Palette, readPalette, watchTheme } from '../render/palette.ts';
import { createPatterns, type Patterns } from '../render/patterns.ts';
import { snapTime } from '../state/snapTime.ts';
import { type StateChange } from '../state/timelineState.ts';
import { chartStyles } from '../styles/chartStyles.ts';
import { sharedStyles } from '../styles/sharedStyles.ts';
import { chartFrameOf } from './chartFrameOf.ts';
import { attachMenu } from './chartMenu.ts';
import { ChartPointing } from './chartPointing.ts';
import { placeTooltip } from './chartTooltip.ts';
import { EventSteps } from './eventSteps.ts';
import { LaneScroller } from './laneScroller.ts';
import './jumpToNow.ts';
import './minimap.ts';
import { PinnedTooltip } from './pinnedTooltip.ts';
import { SelectionInView } from './selectionInView.ts';
import './sessionHeaders.ts';
import './timeMarks.ts';
import { type TimeMarksElement } from './timeMarks.ts';
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
  private inView: SelectionInView | undefined;
  private pointing: ChartPointing | undefined;
  /** Gives up a selection that is being drawn; false when none is. */
  giveUp: () => boolean = () => false;
  private readonly events = new EventSteps();
  private palette: Palette | undefined;
  private patterns: Patterns | undefined;
  private readonly cells = new CellImage();
  private data: CanvasLayer | undefined;
  private overlay: CanvasLayer | undefined;
  private stopWatching: (() => void)[] = [];
  private readonly pinned = new PinnedTooltip();
  private readonly scheduler = new FrameScheduler({
    data: () => this.paintData(),
    overlay: () => this.paintOverlay(),
    minimap: () => this.paintMinimap(),
  });
  static override properties = { ...StateElement.properties, wheel: { attribute: false } };
  declare wheel: WheelMode;

  constructor() {
    super();
    this.wheel = 'modern';
  }

  override render(): TemplateResult {
    return html`
      <uffd-minimap .state=${this.state} .host=${this.host}></uffd-minimap>
      <div class="area">
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
          <uffd-time-marks .state=${this.state} .host=${this.host}></uffd-time-marks>
        </div>
        <div class="scroller" tabindex="-1" aria-hidden="true"><div></div></div>
        <div class="note muted" data-testid="chart-note">${this.note()}</div>
        <uffd-jump-to-now .state=${this.state} .host=${this.host}></uffd-jump-to-now>
        <div class="tooltip" role="presentation" hidden></div>
        <div
          class="tooltip pinned"
          role="note"
          aria-label="Pinned tooltip"
          data-testid="pinned-tooltip"
          hidden
        >
          <div class="lines"></div>
          <button
            tabindex="-1"
            title="Unpin (Escape)"
            aria-label="Unpin"
            data-testid="unpin"
            @pointerdown=${(event: Event) => event.stopPropagation()}
            @click=${() => {
              this.unpin();
              this.focus();
            }}
          >
            <vscode-icon name="pinned" size="14"></vscode-icon>
          </button>
        </div>
      </div>
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
          this.inView?.showFault();
          this.scheduler.request('overlay');
        } else if (change === 'timeSelection' || change === 'marks') {
          this.scheduler.request('overlay', 'minimap');
        } else if (repaintedAt.has(change)) {
          this.scheduler.request('data');
        }
        if (change === 'session') {
          this.inView?.showCurrent();
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
      this.state.window.setWidth(Math.max(1, data.widthPx - this.gutterPx));
      this.scheduler.request('data');
    };
    const { state } = this;
    const chart = this.find('.chart');
    const data = new CanvasLayer(this.find('.data') as HTMLCanvasElement, true, repaint);
    const scroller = new LaneScroller(this.find('.scroller'), () => this.scheduler.request('data'));
    const frame = (): ChartFrame => this.frame(data);
    const inView = new SelectionInView(state, this.events, scroller, frame);
    this.data = data;
    this.overlay = new CanvasLayer(this.find('.overlay') as HTMLCanvasElement, false, repaint);
    this.scroller = scroller;
    this.inView = inView;
    this.renderRoot.querySelector('uffd-minimap')!.repaint = () => this.scheduler.request('minimap');
    this.timeMarks.snap = (timeNs) => snapTime(state, timeNs);
    attachMenu(chart, state, inView, frame);
    this.pointing = new ChartPointing({
      state,
      chart,
      scroller,
      inView,
      pinned: this.pinned,
      frame,
      repaint: () => this.scheduler.request('overlay'),
    });
    this.giveUp = attachPointer(chart, this.pointing, () => this.wheel);
  }

  override focus(): void {
    this.find('.chart').focus();
  }

  /** The time that zooming by key is about: under the pointer, else the selected fault or the middle. */
  zoomCentreNs(): number {
    const { trace, selectedIndex } = this.state;
    const { scale } = this.state.window;
    const pointedNs = this.pointing?.timeNs() ?? null;
    if (pointedNs !== null) {
      return pointedNs;
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
    this.scheduler.request('overlay', 'minimap');
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

  private paintMinimap(): void {
    if (this.data !== undefined && this.data.widthPx > 0) {
      this.renderRoot.querySelector('uffd-minimap')?.paint(this.frame(this.data));
    }
  }

  private paintOverlay(): void {
    const { data, overlay, pointing } = this;
    if (data === undefined || overlay === undefined || pointing === undefined || overlay.widthPx === 0) {
      return;
    }
    const frame = this.frame(data);
    const { selectedIndex, selectedIndexes } = this.state;
    paintOverlay(overlay.context, frame, {
      ...pointing.shownIn(frame),
      primary: selectedIndex,
      selected: selectedIndexes,
    });
    const pointed = pointing.pointed(frame) ?? this.events.pointed(frame);
    placeTooltip(this.find('.tooltip:not(.pinned)'), frame, pointed);
    placeTooltip(this.find('.tooltip.pinned'), frame, this.pinned.pointed(frame));
    this.timeMarks.place(frame);
  }

  /** The time selection and the marks. */
  get timeMarks(): TimeMarksElement {
    return this.renderRoot.querySelector('uffd-time-marks')!;
  }

  // ---- events of the memory map ------------------------------------------------

  /**
   * Goes to the next event (1) or the one before (-1) and says what it is; at first to the latest.
   * @returns what it is, in words; null when there is none
   */
  goToEvent(direction: 1 | -1): string | null {
    const words = this.events.step(this.state, direction);
    this.scheduler.request('overlay');
    return words;
  }

  /** Takes back what `goToEvent` said; whether there was anything. */
  leaveEvent(): boolean {
    this.scheduler.request('overlay');
    return this.events.leave();
  }

  // ---- the pinned tooltip ------------------------------------------------------------

  /** Pins the tooltip of the fault under the pointer, else of the selected one; unpins it. */
  togglePin(): void {
    this.pinned.toggle(this.state, this.pointing?.hovered ?? null);
    this.scheduler.request('overlay');
  }

  /** @returns whether one was pinned */
  unpin(): boolean {
    this.scheduler.request('overlay');
    return this.pinned.unpin();
  }
}

customElements.define('uffd-chart', TimelineChart);

declare global {
  interface HTMLElementTagNameMap {
    'uffd-chart': TimelineChart;
  }
}
