/** `<uffd-chart>`: the lanes of faults over time, on two canvases. */
import '@vscode-elements/elements/dist/vscode-icon/index.js';
import { html, type TemplateResult } from 'lit';
import { placeAt } from '../model/chartLayout.ts';
import { type LaneOf } from '../model/faultLane.ts';
import { rowInWords } from '../model/faultWords.ts';
import { faultAt } from '../model/hitTest.ts';
import { nsPerPx, timeAt, xOf } from '../model/timeScale.ts';
import { snapped, stretchBetween, type TimeStretch } from '../model/timeStretch.ts';
import { attachPointer, type Corners } from '../input/chartPointer.ts';
import { type WheelMode } from '../input/keys.ts';
import { type SelectBy } from '../input/selectBy.ts';
import { CanvasLayer } from '../render/canvasLayer.ts';
import { CellImage } from '../render/cellImage.ts';
import {
  axisEventsPx,
  axisPx,
  type Box,
  boxOf,
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
import { type SessionTimeline } from '../state/sessionTimeline.ts';
import { type StateChange } from '../state/timelineState.ts';
import { chartStyles } from '../styles/chartStyles.ts';
import { sharedStyles } from '../styles/sharedStyles.ts';
import { chartFrameOf } from './chartFrameOf.ts';
import { boxBetween, boxedSession, selectByBox, selectByClick } from './chartSelection.ts';
import { eventAt, eventLines, faultLines, placeTooltip, type Pointed } from './chartTooltip.ts';
import { describeMenu, type MenuSection, openMenu } from './contextMenu.ts';
import { LaneScroller } from './laneScroller.ts';
import './jumpToNow.ts';
import './minimap.ts';
import './sessionHeaders.ts';
import './timeMarks.ts';
import { type TimeMarksElement } from './timeMarks.ts';
import { StateElement } from './stateElement.ts';

const gutterPx = 184;
/** How near a fault's edge an end of the time selection snaps to it. */
const snapPx = 15;
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
  /** The fault whose tooltip is pinned, and whose it is. */
  private pinned: { readonly session: SessionTimeline; readonly faultId: number } | null = null;
  private isMenuByKey = false;
  private giveUpDrag: () => boolean = () => false;
  /** The time selection before the one that is being drawn. */
  private timeBefore: TimeStretch | null = null;
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
          this.scrollToSelection();
          this.scheduler.request('overlay');
        } else if (change === 'timeSelection' || change === 'marks') {
          this.scheduler.request('overlay', 'minimap');
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
    this.renderRoot.querySelector('uffd-minimap')!.repaint = () => this.scheduler.request('minimap');
    this.find('.chart').addEventListener('contextmenu', (event) => this.onMenu(event));
    this.timeMarks.snap = (timeNs) => this.snap(timeNs);
    this.giveUpDrag = attachPointer(
      this.find('.chart'),
      {
        hover: (xPx, yPx) => this.point({ xPx, yPx }),
        leave: () => this.point(null),
        click: (xPx, yPx, how) => this.selectAt(xPx, yPx, how),
        doubleClick: (xPx, yPx) => this.fitAt(xPx, yPx),
        drag: (dxPx, dyPx) => {
          this.point(null);
          this.state.window.pan(-dxPx * nsPerPx(this.state.window.scale));
          this.scroller?.scrollBy(-dyPx);
        },
        pin: (xPx, yPx) => this.pinAt(xPx, yPx),
        dragAt: (xPx, yPx) => {
          this.timeBefore = this.state.marks.selection;
          return xPx <= this.gutterPx ? 'pan' : yPx <= axisPx ? 'time' : 'box';
        },
        drawTime: (corners) => this.drawTime(corners),
        drawBox: (corners) => this.drawBox(corners),
        selectBox: (corners, isAdding) => this.selectBox(corners, isAdding),
        zoom: (factor, xPx) =>
          this.state.window.zoom(factor, timeAt(this.state.window.scale, Math.max(0, xPx - this.gutterPx))),
        scrollTime: (dxPx) => this.state.window.pan(dxPx * nsPerPx(this.state.window.scale)),
        scrollLanes: (dyPx) => this.scroller?.scrollBy(dyPx),
      },
      () => this.wheel,
    );
  }

  /** The menu is about the fault under the pointer, which it selects, else about the time selected there. */
  private onMenu(event: MouseEvent): void {
    const { data, state } = this;
    if (data === undefined) {
      return;
    }
    const frame = this.frame(data);
    // By key it is about what is selected, and belongs beside that.
    const isByKey = event.button !== 2 && !event.ctrlKey;
    const box = this.find('.chart').getBoundingClientRect();
    if (isByKey) {
      event.preventDefault();
      event.stopPropagation();
      const place = this.placeOfSelection(frame);
      this.isMenuByKey = true;
      openMenu(this.find('.chart'), box.left + place.xPx, box.top + place.yPx);
      this.isMenuByKey = false;
      return;
    }
    const xPx = event.clientX - box.left;
    const yPx = event.clientY - box.top;
    const fault = this.isMenuByKey || yPx <= axisPx ? null : this.faultAtPoint(frame, xPx, yPx);
    if (fault !== null && xPx > frame.gutterPx) {
      this.makeCurrent(fault.session);
      const id = fault.session.faults.id(fault.fault);
      if (!state.selectedIds.includes(id)) {
        state.select(id);
      }
      this.describe('fault');
      return;
    }
    const lane = this.isMenuByKey ? undefined : laneAtLabel(frame, xPx, yPx);
    if (lane !== undefined) {
      this.describe('lane', lane);
      return;
    }
    const { selection } = state.marks;
    const timeNs = timeAt(frame.scale, xPx - frame.gutterPx);
    const isInTime = selection !== null && timeNs >= selection.startNs && timeNs <= selection.endNs;
    if (this.isMenuByKey && state.selectedIndex !== -1) {
      this.describe('fault');
    } else {
      this.describe(isInTime || (this.isMenuByKey && selection !== null) ? 'time' : 'chart');
    }
  }

  private describe(section: MenuSection, lane?: LaneOf): void {
    const root = document.querySelector('uffd-timeline');
    if (root !== null) {
      describeMenu(root as HTMLElement, this.state, section, lane);
    }
  }

  private placeOfSelection(frame: ChartFrame): { readonly xPx: number; readonly yPx: number } {
    const i = this.state.selectedIndex;
    const { selection } = this.state.marks;
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
    placeTooltip(this.find('.tooltip:not(.pinned)'), frame, this.pointed(frame));
    placeTooltip(this.find('.tooltip.pinned'), frame, this.pinnedTo(frame));
    this.timeMarks.place(frame);
  }

  /** The time selection and the marks. */
  get timeMarks(): TimeMarksElement {
    return this.renderRoot.querySelector('uffd-time-marks')!;
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
   * @returns what it is, in words; null when there is none
   */
  goToEvent(direction: 1 | -1): string | null {
    const { events } = this.state.trace;
    if (events.count === 0) {
      return null;
    }
    const to = this.event === -1 ? events.count - 1 : this.event + direction;
    this.event = Math.max(0, Math.min(events.count - 1, to));
    this.state.window.centre(events.timeNs(this.event));
    this.scheduler.request('overlay');
    return `${rowInWords(events.event(this.event))}.`;
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
    if (fault === null && how === 'one') {
      this.state.marks.select(null);
    }
    selectByClick(this.state, fault?.fault ?? -1, how);
  }

  // ---- selecting time --------------------------------------------------------------

  /** A moment at the nearest edge of a fault within reach, in the lanes that show. */
  private snap(timeNs: number): number {
    const { sessions, window } = this.state;
    const reachNs = snapPx * nsPerPx(window.scale);
    let bestNs = timeNs;
    for (const { trace, isCollapsed } of sessions) {
      if (!isCollapsed || sessions.length === 1) {
        const tracks = trace.lanes.list.flatMap((lane) => lane.tracks);
        const edgeNs = snapped(timeNs, reachNs, tracks, trace.faults);
        const isNearer = Math.abs(edgeNs - timeNs) < Math.abs(bestNs - timeNs) || bestNs === timeNs;
        bestNs = edgeNs !== timeNs && isNearer ? edgeNs : bestNs;
      }
    }
    return bestNs;
  }

  private drawTime(corners: Corners | null): void {
    const { marks, window } = this.state;
    if (corners === null) {
      marks.select(this.timeBefore);
      return;
    }
    this.point(null);
    const at = (xPx: number): number => this.snap(timeAt(window.scale, Math.max(0, xPx - this.gutterPx)));
    marks.select(stretchBetween(at(corners.from.xPx), at(corners.to.xPx)));
  }

  // ---- the pinned tooltip ------------------------------------------------------------

  /** Pins the tooltip of the fault under the pointer, else of the selected one; unpins it. */
  togglePin(): void {
    const { state, hovered } = this;
    if (this.unpin()) {
      return;
    }
    const session = state.sessions.find(({ id }) => id === hovered?.session.id);
    if (session !== undefined && hovered !== null) {
      this.pinned = { session, faultId: hovered.session.faults.id(hovered.fault) };
    } else if (state.current !== null && state.selectedId !== null) {
      this.pinned = { session: state.current, faultId: state.selectedId };
    }
    this.scheduler.request('overlay');
  }

  /** @returns whether one was pinned */
  unpin(): boolean {
    const wasPinned = this.pinned !== null;
    this.pinned = null;
    this.scheduler.request('overlay');
    return wasPinned;
  }

  /** Gives up a selection that is being drawn. */
  giveUp(): boolean {
    return this.giveUpDrag();
  }

  private pinAt(xPx: number, yPx: number): void {
    const fault = this.data === undefined ? null : this.faultAtPoint(this.frame(this.data), xPx, yPx);
    this.unpin();
    if (fault !== null) {
      this.hovered = fault;
      this.togglePin();
    }
  }

  private pinnedTo(frame: ChartFrame): Pointed | null {
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

  /** The box selects its time too, all along. */
  private drawBox(corners: Corners | null): void {
    this.box = corners;
    this.point(null);
    if (corners !== null) {
      this.drawTime(corners);
    }
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

/** What the faults have in common of the lane whose label is at a point. */
function laneAtLabel({ gutterPx, sessions }: ChartFrame, xPx: number, yPx: number): LaneOf | undefined {
  const session = xPx <= gutterPx && yPx > axisPx ? placeAt(sessions, yPx) : undefined;
  const lane = session?.layout.laneAt(yPx - session.lanesTopPx) ?? -1;
  return session?.lanes.list[lane]?.of;
}

customElements.define('uffd-chart', TimelineChart);

declare global {
  interface HTMLElementTagNameMap {
    'uffd-chart': TimelineChart;
  }
}
