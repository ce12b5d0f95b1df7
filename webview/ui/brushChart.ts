/**
 * A small chart of cells of which a block can be marked, by pointer or keyboard, and becomes a part of
 * the filter: arrow keys move, with Shift they extend, Enter applies, Escape clears.
 */
import { css, html, type TemplateResult } from 'lit';
import { CanvasLayer } from '../render/canvasLayer.ts';
import { FrameScheduler } from '../render/frameScheduler.ts';
import { type Palette, readPalette, watchTheme } from '../render/palette.ts';
import { type StateChange } from '../state/timelineState.ts';
import { StateElement } from './stateElement.ts';

/** A block of cells, ends included; the second corner is where the cursor is. */
export interface Brush {
  readonly fromColumn: number;
  readonly fromRow: number;
  readonly toColumn: number;
  readonly toRow: number;
}

export interface Plot {
  readonly leftPx: number;
  readonly topPx: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

export const brushChartStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    min-width: 0;
    min-height: 0;
  }
  header {
    display: flex;
    flex: none;
    gap: 4px 12px;
    align-items: baseline;
    padding: 6px 12px 2px;
    overflow: hidden;
    white-space: nowrap;
  }
  header span {
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .plot {
    position: relative;
    flex: 1;
    min-height: 60px;
    margin: 0 2px 2px;
    cursor: crosshair;
    touch-action: none;
  }
  .plot:focus-visible {
    outline: 1px solid var(--vscode-focusBorder);
    outline-offset: -1px;
  }
  canvas {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
  }
`;

const repaintedAt: ReadonlySet<StateChange> = new Set(['session', 'rows', 'filter', 'shown', 'window']);
/** Rows and slices of the filter come up to 60 times a second; numbers that change as often cannot be read. */
const refreshMs = 100;

export abstract class BrushChart extends StateElement {
  protected override readonly ignored: readonly StateChange[] = [
    'rows',
    'window',
    'selection',
    'form',
    'results',
    'preflight',
    'preview',
    'ledger',
  ];
  protected brush: Brush | null = null;
  private palette: Palette | undefined;
  private canvas: CanvasLayer | undefined;
  private stopWatching: (() => void)[] = [];
  private refreshTimer: ReturnType<typeof setTimeout> | undefined;
  private readonly scheduler = new FrameScheduler({ chart: () => this.paintNow() });

  protected abstract readonly heading: string;
  protected abstract readonly testId: string;
  /** How many cells there are, across and down; 0 while there is nothing to show. */
  protected abstract cells(): { readonly columns: number; readonly rows: number };
  protected abstract plotOf(widthPx: number, heightPx: number): Plot;
  protected abstract paint(context: CanvasRenderingContext2D, palette: Palette, plot: Plot): void;
  /** A block in words. */
  protected abstract inWords(brush: Brush): string;
  /** All of it in words, in one line. */
  protected abstract summary(): string;
  /** The same as the picture for those who do not see it. */
  protected abstract table(): TemplateResult;
  /** Makes a block a part of the filter; null takes that part out. */
  protected abstract apply(brush: Brush | null): void;
  /** Brings the data up to date, before it is asked for. */
  protected abstract takeUp(): void;

  override render(): TemplateResult {
    this.takeUp();
    const { brush, heading, testId } = this;
    return html`<header>
        <h3>${heading}</h3>
        <span class="muted" data-testid="${testId}-summary" title=${this.summary()}
          >${brush === null ? this.summary() : this.inWords(brush)}</span
        >
      </header>
      <div
        class="plot"
        tabindex="0"
        role="application"
        aria-roledescription="chart"
        aria-label="${heading}. ${this.summary()} Arrow keys move, Shift extends, Enter filters, Escape clears."
        data-testid=${testId}
        @keydown=${this.onKey}
        @pointerdown=${this.onGrab}
        @pointermove=${this.onDrag}
        @pointerup=${this.onDrop}
        @pointercancel=${this.onCancel}
      >
        <canvas aria-hidden="true"></canvas>
      </div>
      <div class="visually-hidden" role="status">${brush === null ? '' : this.inWords(brush)}</div>
      <div class="visually-hidden">${this.table()}</div>`;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.stopWatching = [
      this.state.subscribe((change) => {
        if (repaintedAt.has(change)) {
          this.refreshTimer ??= setTimeout(() => {
            this.refreshTimer = undefined;
            this.requestUpdate();
          }, refreshMs);
        }
      }),
      watchTheme(() => {
        this.palette = undefined;
        this.scheduler.request('chart');
      }),
    ];
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stopWatching.forEach((stop) => stop());
    clearTimeout(this.refreshTimer);
    this.refreshTimer = undefined;
    this.scheduler.dispose();
    this.canvas?.dispose();
  }

  override firstUpdated(): void {
    const canvas = this.renderRoot.querySelector('canvas')!;
    this.canvas = new CanvasLayer(canvas, true, () => this.scheduler.request('chart'));
  }

  override updated(): void {
    this.scheduler.request('chart');
  }

  override focus(): void {
    this.renderRoot.querySelector<HTMLElement>('.plot')?.focus();
  }

  private paintNow(): void {
    const { canvas } = this;
    if (canvas === undefined || canvas.widthPx === 0) {
      return;
    }
    this.palette ??= readPalette(this);
    const { context, widthPx, heightPx } = canvas;
    context.fillStyle = this.palette.background;
    context.fillRect(0, 0, widthPx, heightPx);
    const plot = this.plotOf(widthPx, heightPx);
    this.paint(context, this.palette, plot);
    if (this.brush !== null) {
      paintBrush(context, this.palette, this.boxOf(this.brush, plot));
    }
  }

  /** Where a block of cells is painted. */
  protected boxOf(brush: Brush, plot: Plot): Plot {
    const { columns, rows } = this.cells();
    const { column, row, columnCount, rowCount } = extentOf(brush);
    return {
      leftPx: plot.leftPx + (column / columns) * plot.widthPx,
      topPx: plot.topPx + (row / rows) * plot.heightPx,
      widthPx: (columnCount / columns) * plot.widthPx,
      heightPx: (rowCount / rows) * plot.heightPx,
    };
  }

  private mark(brush: Brush | null): void {
    this.brush = brush;
    this.requestUpdate();
  }

  // ---- keyboard --------------------------------------------------------------------

  private readonly onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.altKey || event.metaKey) {
      return;
    }
    const { columns, rows } = this.cells();
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    const edge = { Home: 0, End: columns - 1 }[event.key];
    const { brush } = this;
    if (columns > 0 && (step !== undefined || edge !== undefined)) {
      const at = brush ?? middle(columns, rows);
      const isFirst = brush === null && edge === undefined;
      const toColumn = edge ?? clamp(at.toColumn + (isFirst ? 0 : step![0]!), columns);
      const toRow = clamp(at.toRow + (isFirst || step === undefined ? 0 : step[1]!), rows);
      const isExtending = event.shiftKey && brush !== null;
      this.mark({
        fromColumn: isExtending ? at.fromColumn : toColumn,
        fromRow: isExtending ? at.fromRow : toRow,
        toColumn,
        toRow,
      });
    } else if (event.key === 'Enter' && brush !== null) {
      this.finish(brush);
    } else if (event.key === 'Escape' && brush !== null) {
      this.mark(null);
    } else if (event.key === 'Escape' && this.isApplied()) {
      this.apply(null);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };

  /** Whether a block of this chart is a part of the filter. */
  protected abstract isApplied(): boolean;

  private finish(brush: Brush): void {
    this.apply(brush);
    this.mark(null);
  }

  // ---- pointer ---------------------------------------------------------------------

  private isDragging = false;

  private cellAt(event: PointerEvent): { readonly column: number; readonly row: number } | null {
    const { columns, rows } = this.cells();
    const { canvas } = this;
    if (columns === 0 || canvas === undefined) {
      return null;
    }
    const bounds = this.renderRoot.querySelector('canvas')!.getBoundingClientRect();
    const plot = this.plotOf(canvas.widthPx, canvas.heightPx);
    const share = (px: number, length: number): number => px / Math.max(1, length);
    return {
      column: clamp(
        Math.floor(columns * share(event.clientX - bounds.left - plot.leftPx, plot.widthPx)),
        columns,
      ),
      row: clamp(Math.floor(rows * share(event.clientY - bounds.top - plot.topPx, plot.heightPx)), rows),
    };
  }

  private readonly onGrab = (event: PointerEvent): void => {
    const cell = event.button === 0 ? this.cellAt(event) : null;
    if (cell !== null) {
      (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
      this.isDragging = true;
      const { column, row } = cell;
      this.mark({ fromColumn: column, fromRow: row, toColumn: column, toRow: row });
    }
  };

  private readonly onDrag = (event: PointerEvent): void => {
    const cell = this.isDragging ? this.cellAt(event) : null;
    if (cell !== null && this.brush !== null) {
      this.mark({ ...this.brush, toColumn: cell.column, toRow: cell.row });
    }
  };

  private readonly onDrop = (): void => {
    if (this.isDragging && this.brush !== null) {
      this.finish(this.brush);
    }
    this.isDragging = false;
  };

  private readonly onCancel = (): void => {
    this.isDragging = false;
    this.mark(null);
  };
}

/** A block by its first cell and size. */
export function extentOf({ fromColumn, fromRow, toColumn, toRow }: Brush): {
  readonly column: number;
  readonly row: number;
  readonly columnCount: number;
  readonly rowCount: number;
} {
  return {
    column: Math.min(fromColumn, toColumn),
    row: Math.min(fromRow, toRow),
    columnCount: Math.abs(toColumn - fromColumn) + 1,
    rowCount: Math.abs(toRow - fromRow) + 1,
  };
}

function middle(columns: number, rows: number): Brush {
  const [column, row] = [columns >> 1, rows >> 1];
  return { fromColumn: column, fromRow: row, toColumn: column, toRow: row };
}

function clamp(at: number, count: number): number {
  return Math.max(0, Math.min(count - 1, at));
}

function paintBrush(context: CanvasRenderingContext2D, palette: Palette, box: Plot): void {
  context.strokeStyle = palette.selection;
  context.lineWidth = 2;
  context.strokeRect(
    box.leftPx + 1,
    box.topPx + 1,
    Math.max(2, box.widthPx - 2),
    Math.max(2, box.heightPx - 2),
  );
}
