/** `<uffd-latency-histogram>`: how many faults of the window shown had which latency. */
import { html, type TemplateResult } from 'lit';
import { formatDuration } from '../model/duration.ts';
import { latencyInWords } from '../model/filterWords.ts';
import {
  binEndNs,
  binStartNs,
  latencyBins,
  type LatencyHistogram,
  percentileNs,
} from '../../native-helper/log/latencyBins.ts';
import { paintHistogram } from '../render/histogramPainter.ts';
import { type Palette } from '../render/palette.ts';
import { sharedStyles } from '../styles/sharedStyles.ts';
import { type Brush, BrushChart, brushChartStyles, extentOf, type Plot } from './brushChart.ts';

const noLatencies: LatencyHistogram = { bins: new Uint32Array(latencyBins), count: 0, maxNs: 0 };
/** Bins left empty on both sides, and the least number shown. */
const marginBins = 2;
const leastBins = 16;

export class LatencyHistogramChart extends BrushChart {
  static override styles = [sharedStyles, brushChartStyles];
  protected override readonly heading = 'Latency';
  protected override readonly testId = 'histogram';
  private all = noLatencies;
  private shown = noLatencies;
  private from = 0;
  private count = 0;

  protected override takeUp(): void {
    const { current, window } = this.state;
    const { startNs, endNs } = window.scale;
    const { allStatistics: all = null, shownStatistics: shown = null } = current ?? {};
    this.all =
      all === null || current === null
        ? noLatencies
        : all.latencies.within(startNs, endNs, current.trace.faults, all);
    this.shown =
      shown === null || current === null
        ? this.all
        : shown.latencies.within(startNs, endNs, current.trace.faults, shown);
    const { bins } = this.all;
    const first = bins.findIndex((n) => n > 0);
    if (first === -1) {
      this.count = 0;
      return;
    }
    const last = bins.findLastIndex((n) => n > 0);
    this.count = Math.max(leastBins, last - first + 1 + 2 * marginBins);
    this.from = Math.max(0, Math.min(first - marginBins, latencyBins - this.count));
    this.count = Math.min(this.count, latencyBins - this.from);
  }

  protected override cells(): { columns: number; rows: number } {
    return { columns: this.count, rows: 1 };
  }

  protected override plotOf(widthPx: number, heightPx: number): Plot {
    return { leftPx: 10, topPx: 4, widthPx: Math.max(1, widthPx - 20), heightPx: Math.max(1, heightPx - 22) };
  }

  protected override paint(context: CanvasRenderingContext2D, palette: Palette, plot: Plot): void {
    if (this.count > 0) {
      paintHistogram(
        context,
        palette,
        plot,
        { all: this.all, shown: this.shown },
        { from: this.from, count: this.count },
      );
    }
  }

  private spanOf(brush: Brush): { readonly from: number; readonly until: number } {
    const { column, columnCount } = extentOf(brush);
    return {
      from: binStartNs(this.from + column),
      until: binEndNs(this.from + column + columnCount - 1),
    };
  }

  protected override inWords(brush: Brush): string {
    const { column, columnCount } = extentOf(brush);
    const count = this.shown.bins
      .subarray(this.from + column, this.from + column + columnCount)
      .reduce((sum, n) => sum + n, 0);
    return `${latencyInWords(this.spanOf(brush))}: ${count} ${count === 1 ? 'fault' : 'faults'}`;
  }

  protected override summary(): string {
    const { count, maxNs } = this.shown;
    if (count === 0) {
      return 'No fault ended in the time shown.';
    }
    const within = (share: number): string => formatDuration(percentileNs(this.shown, share));
    return (
      `p50 ${within(0.5)} · p95 ${within(0.95)} · p99 ${within(0.99)} · ` +
      `max ${formatDuration(maxNs)}, of ${count} ${count === 1 ? 'fault' : 'faults'} in the time shown.`
    );
  }

  protected override table(): TemplateResult {
    const bins = Array.from(this.shown.bins, (count, bin) => ({ count, bin })).filter(
      ({ count }) => count > 0,
    );
    return html`<table aria-label="Faults by latency">
      <thead>
        <tr>
          <th>Latency</th>
          <th>Faults</th>
        </tr>
      </thead>
      <tbody>
        ${bins.map(
          ({ count, bin }) =>
            html`<tr>
              <td>${latencyInWords({ from: binStartNs(bin), until: binEndNs(bin) })}</td>
              <td>${count}</td>
            </tr>`,
        )}
      </tbody>
    </table>`;
  }

  protected override apply(brush: Brush | null): void {
    this.state.setFilter({ latencyNs: brush === null ? null : this.spanOf(brush) });
  }

  protected override isApplied(): boolean {
    return this.state.filter.latencyNs !== null;
  }
}

customElements.define('uffd-latency-histogram', LatencyHistogramChart);
