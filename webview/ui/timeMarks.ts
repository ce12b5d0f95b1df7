/**
 * `<uffd-time-marks>`: the selected stretch of time with its two edges and what is in it, and the
 * marks, over the chart. Its places follow the chart's frames.
 */
import '@vscode-elements/elements/dist/vscode-icon/index.js';
import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { titleWithKey } from '../input/keys.ts';
import { formatDuration, formatMoment } from '../model/duration.ts';
import { stretchInShort } from '../model/stretchWords.ts';
import { nsPerPx, timeAt, xOf } from '../model/timeScale.ts';
import { isSameStretch, stretchBetween, type TimeStretch } from '../model/timeStretch.ts';
import { type ChartFrame } from '../render/chartFrame.ts';
import { StretchStatistics } from '../state/stretchStatistics.ts';
import { type TimeMark } from '../state/timeMarks.ts';
import { sharedStyles } from '../styles/sharedStyles.ts';
import { timeMarksStyles } from '../styles/timeMarksStyles.ts';
import { shownByTheChart, StateElement } from './stateElement.ts';
import { askFor } from './commandEvent.ts';

type Edge = 'start' | 'end';

/** By how many pixels the arrow keys move an edge; with Shift, ten times as far. */
const keyStepPx = 1;

export class TimeMarksElement extends StateElement {
  static override styles = [sharedStyles, timeMarksStyles];
  static override properties = { ...StateElement.properties, naming: { state: true } };
  /** Finds the fault's edge that a moment snaps to. */
  snap: (timeNs: number) => number = (timeNs) => timeNs;
  /** The mark whose name is being typed. */
  declare private naming: TimeStretch | null;
  protected override readonly showsTime = true;
  protected override readonly ignored = shownByTheChart;
  private frame: Pick<ChartFrame, 'scale' | 'gutterPx' | 'widthPx'> | undefined;
  private statistics: StretchStatistics | undefined;

  constructor() {
    super();
    this.naming = null;
    // What is pressed here is no drag of the chart below.
    for (const type of ['pointerdown', 'dblclick'] as const) {
      this.addEventListener(type, (event) => event.stopPropagation());
    }
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.statistics = new StretchStatistics(this.state, () => this.requestUpdate());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.statistics?.dispose();
  }

  /** In one line, for people; null without a time selection. */
  get selectionInWords(): string | null {
    const { selection } = this.state.marks;
    return selection === null ? null : stretchInShort(selection, this.statistics?.statistics ?? null);
  }

  /** What the statistics are of, once they are counted. */
  get counted() {
    const { selection } = this.state.marks;
    const statistics = this.statistics?.statistics ?? null;
    return selection === null || statistics === null ? null : { stretch: selection, statistics };
  }

  /** Lets the name of the selected stretch's mark be typed. */
  async nameCurrent(): Promise<void> {
    this.naming = this.state.marks.current;
    await this.updateComplete;
    const input = this.renderRoot.querySelector('input');
    input?.focus();
    input?.select();
  }

  /** Puts everything where the frame shows it; called with each frame that is painted. */
  place(frame: ChartFrame): void {
    this.frame = frame;
    this.updated();
  }

  override render(): TemplateResult {
    const { selection, list } = this.state.marks;
    return html`
      ${repeat(
        list,
        ({ startNs, endNs }) => `${startNs}-${endNs}`,
        (mark) => this.mark(mark),
      )}
      ${selection === null ? nothing : this.selection(selection)}
    `;
  }

  private mark(mark: TimeMark): TemplateResult {
    const isCurrent = mark === this.state.marks.current;
    const name = mark.name ?? formatDuration(mark.endNs - mark.startNs);
    const title = `${mark.name ?? 'Temporary mark'}, ${formatDuration(mark.endNs - mark.startNs)} from ${formatMoment(mark.startNs)}`;
    return html`<div class="band mark ${isCurrent ? 'current' : ''}"></div>
      ${
        isSameStretch(this.naming, mark)
          ? html`<input
              class="flag"
              data-testid="mark-name"
              aria-label="Name of the mark"
              maxlength="60"
              .value=${mark.name ?? ''}
              @keydown=${this.onNameKey}
              @blur=${this.onNamed}
            />`
          : html`<button
              class="flag ${mark.name === null ? 'temporary' : ''}"
              tabindex="-1"
              data-testid="mark"
              title=${title}
              aria-label=${title}
              aria-pressed=${String(isCurrent)}
              @click=${() => this.choose(mark)}
              @dblclick=${() => void this.nameCurrent()}
            >
              <vscode-icon name=${mark.name === null ? 'pinned' : 'bookmark'} size="14"></vscode-icon
              ><span>${name}</span>
            </button>`
      }`;
  }

  private selection(selection: TimeStretch): TemplateResult {
    const { current } = this.state.marks;
    const isKept = current !== null && current.name !== null;
    const words = stretchInShort(selection, this.statistics?.statistics ?? null);
    return html`<div class="band selection"></div>
      ${this.edge('start', selection.startNs)} ${this.edge('end', selection.endNs)}
      <div class="label" role="group" aria-label="Time selection" data-testid="time-selection">
        <span title=${words}>${words}</span>
        ${this.button('fitSelection', 'zoom-in')}
        ${this.button(isKept ? 'removeMark' : 'keepMark', isKept ? 'trash' : 'bookmark')}
        <button
          tabindex="-1"
          title="Clear Time Selection (Escape)"
          aria-label="Clear Time Selection"
          data-testid="time-clear"
          @click=${() => this.clear()}
        >
          <vscode-icon name="close" size="14"></vscode-icon>
        </button>
      </div>`;
  }

  private button(command: 'fitSelection' | 'removeMark' | 'keepMark', icon: string): TemplateResult {
    const title = command === 'fitSelection' ? 'Fit Selected Time' : titleWithKey(command);
    return html`<button
      tabindex="-1"
      title=${title}
      aria-label=${title}
      data-testid="time-${command}"
      @click=${() => {
        if (command === 'fitSelection') {
          this.state.time.fitTime();
        } else {
          askFor(this, command);
        }
      }}
    >
      <vscode-icon name=${icon} size="14"></vscode-icon>
    </button>`;
  }

  private edge(edge: Edge, timeNs: number): TemplateResult {
    return html`<div
      class="edge ${edge}"
      role="slider"
      tabindex="0"
      data-testid="time-${edge}"
      aria-label=${edge === 'start' ? 'Start of the time selection' : 'End of the time selection'}
      aria-valuenow=${Math.round(timeNs)}
      aria-valuemin="0"
      aria-valuemax=${Math.round(Math.max(timeNs, this.state.edgeNs()))}
      aria-valuetext=${formatMoment(timeNs)}
      @keydown=${(event: KeyboardEvent) => this.onEdgeKey(event, edge)}
      @pointerdown=${(event: PointerEvent) => this.grab(event)}
      @pointermove=${(event: PointerEvent) => this.drag(event, edge)}
    ></div>`;
  }

  // ---- places --------------------------------------------------------------------

  override updated(): void {
    const { frame } = this;
    if (frame === undefined) {
      return;
    }
    const { selection, list } = this.state.marks;
    const leftPx = frame.gutterPx;
    const at = (timeNs: number): number => leftPx + xOf(frame.scale, timeNs);
    const within = (xPx: number): number => Math.max(leftPx, Math.min(frame.widthPx, xPx));
    const isSeen = ({ startNs, endNs }: TimeStretch): boolean =>
      at(endNs) >= leftPx && at(startNs) <= frame.widthPx;
    const band = (element: HTMLElement, stretch: TimeStretch): void => {
      const fromPx = within(at(stretch.startNs));
      element.hidden = !isSeen(stretch);
      element.style.left = `${fromPx}px`;
      element.style.width = `${Math.max(1, within(at(stretch.endNs)) - fromPx)}px`;
      element.classList.toggle('begins', at(stretch.startNs) >= leftPx);
      element.classList.toggle('ends', at(stretch.endNs) <= frame.widthPx);
    };
    this.elements('.mark').forEach((element, n) => band(element, list[n]!));
    this.elements('.flag').forEach((element, n) => {
      element.hidden = !isSeen(list[n]!);
      const fromPx = within(at(list[n]!.startNs));
      element.style.left = `${Math.max(leftPx, Math.min(fromPx, frame.widthPx - element.offsetWidth))}px`;
    });
    if (selection === null) {
      return;
    }
    this.elements('.selection').forEach((element) => band(element, selection));
    for (const edge of ['start', 'end'] as const) {
      const xPx = at(edge === 'start' ? selection.startNs : selection.endNs);
      this.elements(`.edge.${edge}`).forEach((element) => {
        element.hidden = xPx < leftPx || xPx > frame.widthPx;
        element.style.left = `${xPx}px`;
      });
    }
    this.elements('.label').forEach((element) => {
      element.hidden = !isSeen(selection);
      element.style.maxWidth = `${Math.max(0, frame.widthPx - leftPx - 4)}px`;
      const middlePx = (within(at(selection.startNs)) + within(at(selection.endNs))) / 2;
      const fromPx = middlePx - element.offsetWidth / 2;
      element.style.left = `${Math.max(leftPx + 2, Math.min(frame.widthPx - element.offsetWidth - 2, fromPx))}px`;
    });
  }

  private elements(selector: string): NodeListOf<HTMLElement> {
    return this.renderRoot.querySelectorAll<HTMLElement>(selector);
  }

  // ---- moving an edge --------------------------------------------------------------

  private grab(event: PointerEvent): void {
    if (event.button === 0 && event.currentTarget instanceof HTMLElement) {
      event.currentTarget.setPointerCapture(event.pointerId);
    }
  }

  private drag(event: PointerEvent, edge: Edge): void {
    const { frame } = this;
    const isHeld =
      event.currentTarget instanceof HTMLElement && event.currentTarget.hasPointerCapture(event.pointerId);
    if (frame !== undefined && isHeld) {
      const xPx = event.clientX - this.getBoundingClientRect().left;
      this.move(edge, this.snap(timeAt(frame.scale, xPx - frame.gutterPx)));
    }
    event.stopPropagation();
  }

  private onEdgeKey(event: KeyboardEvent, edge: Edge): void {
    const { selection } = this.state.marks;
    const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    if (steps === undefined || selection === null || this.frame === undefined) {
      return;
    }
    event.preventDefault();
    const byNs = steps * keyStepPx * (event.shiftKey ? 10 : 1) * nsPerPx(this.frame.scale);
    this.move(edge, (edge === 'start' ? selection.startNs : selection.endNs) + byNs);
  }

  /** An edge stays on its side of the other. */
  private move(edge: Edge, timeNs: number): void {
    const { selection } = this.state.marks;
    if (selection !== null) {
      this.state.marks.select(
        edge === 'start'
          ? stretchBetween(Math.min(timeNs, selection.endNs), selection.endNs)
          : stretchBetween(selection.startNs, Math.max(timeNs, selection.startNs)),
      );
    }
  }

  // ---- marks ---------------------------------------------------------------------------

  private choose(mark: TimeMark): void {
    this.state.marks.select(mark);
    this.leaveToChart();
  }

  private clear(): void {
    this.state.marks.select(null);
    this.leaveToChart();
  }

  private readonly onNameKey = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' || event.key === 'Escape') {
      event.preventDefault();
      if (event.key === 'Escape') {
        this.naming = null;
      }
      this.leaveToChart();
    }
  };

  private readonly onNamed = (event: Event): void => {
    const name = event.target instanceof HTMLInputElement ? event.target.value.trim() : '';
    if (this.naming !== null && name !== '') {
      this.state.marks.keep(name);
    }
    this.naming = null;
  };
}

customElements.define('uffd-time-marks', TimeMarksElement);

declare global {
  interface HTMLElementTagNameMap {
    'uffd-time-marks': TimeMarksElement;
  }
}
