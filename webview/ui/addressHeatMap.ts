/** `<uffd-address-heat-map>`: where in memory faults were raised, over the time of the session. */
import { html, type TemplateResult } from 'lit';
import { type AddressHeat, heatColumns, heatRows } from '../model/addressHeat.ts';
import { formatDuration } from '../model/duration.ts';
import { type Span } from '../model/faultFilter.ts';
import { pagesInWords } from '../model/filterWords.ts';
import { HeatPainter } from '../render/heatPainter.ts';
import { type Palette } from '../render/palette.ts';
import { sharedStyles } from '../styles/sharedStyles.ts';
import { type Brush, BrushChart, brushChartStyles, extentOf, type Plot } from './brushChart.ts';

/** Cells that keys and pointer move by: few enough to walk through. */
const brushColumns = 64;
const brushRows = 32;
const busiestTold = 10;

export class AddressHeatMap extends BrushChart {
  static override styles = [sharedStyles, brushChartStyles];
  protected override readonly heading = 'Addresses over time';
  protected override readonly testId = 'heat-map';
  private heat: AddressHeat | null = null;
  /** Columns until the latest fault, at least one for each step of the brush. */
  private columns = brushColumns;
  private count = 0;
  private readonly painter = new HeatPainter();

  protected override takeUp(): void {
    const { current } = this.state;
    const statistics = current?.shownStatistics ?? current?.allStatistics ?? null;
    this.heat = statistics?.heat ?? null;
    this.count = statistics?.count ?? 0;
    // The time shown is that of all faults: it stays while the filter changes.
    const faults = current?.trace.faults;
    if (this.heat !== null && faults !== undefined && faults.count > 0) {
      const lastNs = faults.raisedNs(faults.count - 1);
      const used = Math.floor((lastNs - this.heat.startNs) / this.heat.columnNs) + 1;
      this.columns = Math.max(brushColumns, Math.min(heatColumns, used));
    }
  }

  protected override cells(): { columns: number; rows: number } {
    const isEmpty = this.heat === null || this.heat.axis.pages === 0;
    return isEmpty ? { columns: 0, rows: 0 } : { columns: brushColumns, rows: brushRows };
  }

  protected override plotOf(widthPx: number, heightPx: number): Plot {
    const leftPx = Math.min(124, widthPx / 3);
    return {
      leftPx,
      topPx: 6,
      widthPx: Math.max(1, widthPx - leftPx - 12),
      heightPx: Math.max(1, heightPx - 24),
    };
  }

  protected override paint(context: CanvasRenderingContext2D, palette: Palette, plot: Plot): void {
    if (this.heat !== null && this.heat.axis.pages > 0) {
      this.painter.paint(context, palette, plot, this.heat, this.columns, this.state.current?.startNs ?? 0);
    }
  }

  /** The addresses and the time of a block, and how many faults it has. */
  private partsOf(brush: Brush, heat: AddressHeat): Block {
    const { column, row, columnCount, rowCount } = extentOf(brush);
    const fromColumn = Math.floor((column / brushColumns) * this.columns);
    const untilColumn = Math.floor(((column + columnCount) / brushColumns) * this.columns);
    const rowOf = (brushRow: number): number => Math.floor((brushRow / brushRows) * heatRows);
    const [fromRow, untilRow] = [rowOf(row), rowOf(row + rowCount)];
    const from = heat.axis.pageAt(heat.placeOfRow(fromRow));
    return {
      pages: { from, until: Math.max(from + 1, heat.axis.pageAt(heat.placeOfRow(untilRow) - 1) + 1) },
      timeNs: { from: heat.timeOfColumn(fromColumn), until: heat.timeOfColumn(untilColumn) },
      count: heat.sum(fromRow, untilRow, fromColumn, untilColumn),
    };
  }

  protected override inWords(brush: Brush): string {
    if (this.heat === null) {
      return '';
    }
    const { pages, timeNs, count } = this.partsOf(brush, this.heat);
    const startNs = this.state.current?.startNs ?? 0;
    return (
      `${pagesInWords(pages)}, ${formatDuration(timeNs.from - startNs)} – ` +
      `${formatDuration(timeNs.until - startNs)}: ${count} ${count === 1 ? 'fault' : 'faults'}`
    );
  }

  protected override summary(): string {
    const ranges = this.heat?.axis.stretches.length ?? 0;
    return ranges === 0
      ? 'No range is registered.'
      : `${this.count} ${this.count === 1 ? 'fault' : 'faults'} in ${ranges} registered ${ranges === 1 ? 'range' : 'ranges'}.`;
  }

  /** The busiest blocks: the picture has too many cells to be read out. */
  protected override table(): TemplateResult {
    const { heat } = this;
    const blocks: { readonly brush: Brush; readonly count: number }[] = [];
    if (heat !== null && this.cells().columns > 0) {
      for (let row = 0; row < brushRows; row += 4) {
        for (let column = 0; column < brushColumns; column += 4) {
          const brush = { fromColumn: column, fromRow: row, toColumn: column + 3, toRow: row + 3 };
          const { count } = this.partsOf(brush, heat);
          if (count > 0) {
            blocks.push({ brush, count });
          }
        }
      }
    }
    blocks.sort((a, b) => b.count - a.count);
    return html`<ul aria-label="Where most faults were raised">
      ${blocks.slice(0, busiestTold).map(({ brush }) => html`<li>${this.inWords(brush)}</li>`)}
    </ul>`;
  }

  protected override apply(brush: Brush | null): void {
    if (brush === null || this.heat === null) {
      this.state.setFilter({ pages: null, timeNs: null });
      return;
    }
    const { pages, timeNs } = this.partsOf(brush, this.heat);
    this.state.setFilter({ pages, timeNs });
  }

  protected override isApplied(): boolean {
    return this.state.filter.pages !== null || this.state.filter.timeNs !== null;
  }
}

interface Block {
  readonly pages: Span;
  readonly timeNs: Span;
  readonly count: number;
}

customElements.define('uffd-address-heat-map', AddressHeatMap);
