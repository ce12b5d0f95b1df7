/**
 * `<uffd-minimap>`: all of the sessions' time at a glance, and the chart's window in it as a brush
 * that can be moved, resized and drawn anew. Painted with the chart's frames.
 */
import { html, type TemplateResult } from 'lit';
import { formatDuration, formatMoment } from '../model/duration.ts';
import { type TimeScale, timeAt, xOf } from '../model/timeScale.ts';
import { CanvasLayer } from '../render/canvasLayer.ts';
import { type ChartFrame } from '../render/chartFrame.ts';
import { handlePx, paintMinimap } from '../render/minimapPainter.ts';
import { minimapStyles } from '../styles/minimapStyles.ts';
import { sharedStyles } from '../styles/sharedStyles.ts';
import { shownByTheChart, StateElement } from './stateElement.ts';

/** What a press on the minimap does. */
type Grip = 'move' | 'start' | 'end' | 'draw';

/** Movement that makes a press beside the window a new window. */
const drawFromPx = 3;
/** By what share of the window the arrow keys move or resize it. */
const keyShare = 0.1;

export class Minimap extends StateElement {
  static override styles = [sharedStyles, minimapStyles];
  /** Asks for a frame. */
  repaint: () => void = () => undefined;
  protected override readonly ignored = shownByTheChart;
  private layer: CanvasLayer | undefined;
  private scale: TimeScale | undefined;
  private gutterPx = 0;
  private grip: {
    readonly grip: Grip;
    readonly atNs: number;
    readonly xPx: number;
    readonly scale: TimeScale;
  } | null = null;

  override render(): TemplateResult {
    return html`<canvas aria-hidden="true"></canvas>
      <div
        class="brush"
        role="slider"
        tabindex="0"
        data-testid="minimap"
        aria-label="Window of the timeline; arrow keys move it, with Shift they resize it"
        aria-orientation="horizontal"
      ></div>
      <span class="title muted" aria-hidden="true">Overview</span>`;
  }

  override firstUpdated(): void {
    this.layer = new CanvasLayer(this.renderRoot.querySelector('canvas')!, true, () => this.repaint());
    const brush = this.brush;
    brush.addEventListener('pointerdown', (event) => this.press(event));
    brush.addEventListener('pointermove', (event) => this.move(event));
    for (const type of ['pointerup', 'pointercancel'] as const) {
      brush.addEventListener(type, () => {
        this.grip = null;
      });
    }
    brush.addEventListener('dblclick', () => this.state.fitAll());
    brush.addEventListener('keydown', (event) => this.onKey(event));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.layer?.dispose();
  }

  private get brush(): HTMLElement {
    return this.renderRoot.querySelector<HTMLElement>('.brush')!;
  }

  /** Paints everything anew; part of the chart's frame. */
  paint(frame: ChartFrame): void {
    const { layer, state } = this;
    if (layer === undefined || layer.widthPx === 0) {
      return;
    }
    this.gutterPx = frame.gutterPx;
    if (this.grip === null) {
      // While the brush is dragged, what it is dragged over stands still.
      this.scale = state.wholeScale(layer.widthPx - frame.gutterPx);
    }
    const { startNs, endNs } = state.window.scale;
    paintMinimap(layer.context, {
      widthPx: layer.widthPx,
      heightPx: layer.heightPx,
      gutterPx: frame.gutterPx,
      palette: frame.palette,
      patterns: frame.patterns,
      scale: this.scale!,
      window: { startNs, endNs },
      selection: state.marks.selection,
      marks: state.marks.list,
      sessions: state.sessions,
      liveNs: state.isAnyLive ? frame.nowNs : null,
    });
    this.describe(startNs, endNs);
  }

  private describe(startNs: number, endNs: number): void {
    const { brush } = this;
    const { scale } = this;
    brush.style.left = `${this.gutterPx}px`;
    brush.setAttribute('aria-valuemin', String(Math.round(scale!.startNs)));
    brush.setAttribute('aria-valuemax', String(Math.round(scale!.endNs)));
    brush.setAttribute('aria-valuenow', String(Math.round(startNs)));
    const words = `From ${formatMoment(startNs)}, ${formatDuration(endNs - startNs)} long, of ${formatDuration(scale!.endNs - scale!.startNs)}`;
    // Said once a second at most while it is followed.
    if (document.activeElement !== document.body || brush.getAttribute('aria-valuetext') === null) {
      brush.setAttribute('aria-valuetext', words);
    }
  }

  // ---- dragging ------------------------------------------------------------------

  private gripAt(xPx: number, scale: TimeScale): Grip {
    const { startNs, endNs } = this.state.window.scale;
    const fromPx = xOf(scale, startNs);
    const toPx = xOf(scale, endNs);
    const reachPx = handlePx;
    if (Math.abs(xPx - fromPx) <= reachPx && xPx <= (fromPx + toPx) / 2) {
      return 'start';
    }
    if (Math.abs(xPx - toPx) <= reachPx) {
      return 'end';
    }
    return xPx > fromPx && xPx < toPx ? 'move' : 'draw';
  }

  private xOf(event: PointerEvent): number {
    return event.clientX - this.brush.getBoundingClientRect().left;
  }

  private press(event: PointerEvent): void {
    const { scale } = this;
    if (event.button === 0 && scale !== undefined) {
      this.brush.setPointerCapture(event.pointerId);
      const xPx = this.xOf(event);
      this.grip = {
        grip: this.gripAt(xPx, scale),
        atNs: timeAt(scale, xPx),
        xPx,
        scale: this.state.window.scale,
      };
    }
  }

  private move(event: PointerEvent): void {
    const { grip, scale } = this;
    const xPx = this.xOf(event);
    if (scale === undefined) {
      return;
    }
    if (grip === null) {
      const at = this.gripAt(xPx, scale);
      this.brush.dataset['grip'] = at;
      return;
    }
    const timeNs = timeAt(scale, xPx);
    const { startNs, endNs } = grip.scale;
    switch (grip.grip) {
      case 'move':
        this.state.window.show(startNs + timeNs - grip.atNs, endNs + timeNs - grip.atNs);
        break;
      case 'start':
        this.show(timeNs, endNs);
        break;
      case 'end':
        this.show(startNs, timeNs);
        break;
      case 'draw':
        if (Math.abs(xPx - grip.xPx) >= drawFromPx) {
          this.show(grip.atNs, timeNs);
        }
    }
  }

  private show(oneNs: number, otherNs: number): void {
    const startNs = Math.min(oneNs, otherNs);
    this.state.window.show(startNs, Math.max(oneNs, otherNs, startNs + 100));
  }

  // ---- keys ------------------------------------------------------------------------

  private onKey(event: KeyboardEvent): void {
    const { window } = this.state;
    const { startNs, endNs } = window.scale;
    const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    const isChord = event.ctrlKey || event.altKey || event.metaKey;
    if (steps !== undefined && !isChord) {
      const byNs = steps * keyShare * (endNs - startNs);
      if (event.shiftKey) {
        this.show(startNs, endNs + byNs);
      } else {
        window.pan(byNs);
      }
      event.preventDefault();
    }
  }
}

customElements.define('uffd-minimap', Minimap);

declare global {
  interface HTMLElementTagNameMap {
    'uffd-minimap': Minimap;
  }
}
