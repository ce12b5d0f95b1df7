/** Paints the latency histogram: bars of all faults, over them those of the filtered ones, and percentiles. */
import { formatDuration } from '../model/duration.ts';
import { latencyBin, type LatencyHistogram, percentileNs } from '../../native-helper/log/latencyBins.ts';
import { type Palette } from './palette.ts';

/** Every fault in the window is in some bar: the rarest, which are the slowest, must be seen. */
const leastBarPx = 2;
const percentiles = [
  { share: 0.5, name: 'p50', dash: [] },
  { share: 0.95, name: 'p95', dash: [5, 3] },
  { share: 0.99, name: 'p99', dash: [2, 3] },
];
const decadesNs = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11];

export interface HistogramPlot {
  readonly leftPx: number;
  readonly topPx: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** @param from the first bin shown @param count how many */
export function paintHistogram(
  context: CanvasRenderingContext2D,
  palette: Palette,
  plot: HistogramPlot,
  histograms: { readonly all: LatencyHistogram; readonly shown: LatencyHistogram },
  { from, count }: { readonly from: number; readonly count: number },
): void {
  const { leftPx, topPx, widthPx, heightPx } = plot;
  const bottomPx = topPx + heightPx;
  const binPx = widthPx / count;
  const most = histograms.all.bins.reduce((a, b) => Math.max(a, b), 1);
  const barPx = (n: number): number =>
    n === 0 ? 0 : Math.max(leastBarPx, Math.round((n / most) * (heightPx - 14)));
  context.font = palette.codeFont;
  context.textBaseline = 'alphabetic';
  context.textAlign = 'center';
  for (const ns of decadesNs) {
    const bin = latencyBin(ns) - from;
    if (bin > 0 && bin < count - 1) {
      const xPx = Math.round(leftPx + bin * binPx);
      context.fillStyle = palette.grid;
      context.fillRect(xPx, topPx, 1, heightPx);
      context.fillStyle = palette.muted;
      context.fillText(formatDuration(ns).replace('.00', '').replace('.0', ''), xPx, bottomPx + 13);
    }
  }
  for (let n = 0; n < count; n++) {
    const xPx = leftPx + n * binPx;
    const barWidthPx = Math.max(1, binPx - 1);
    const allPx = barPx(histograms.all.bins[from + n]!);
    const shownPx = barPx(histograms.shown.bins[from + n]!);
    if (allPx > 0) {
      context.fillStyle = palette.superseded.fill;
      context.fillRect(xPx, bottomPx - allPx, barWidthPx, allPx);
      context.strokeStyle = palette.superseded.line;
      context.lineWidth = 1;
      context.strokeRect(
        xPx + 0.5,
        bottomPx - allPx + 0.5,
        Math.max(0, barWidthPx - 1),
        Math.max(0, allPx - 1),
      );
    }
    context.fillStyle = palette.held.line;
    context.fillRect(xPx, bottomPx - shownPx, barWidthPx, shownPx);
  }
  context.fillStyle = palette.separator;
  context.fillRect(leftPx, bottomPx, widthPx, 1);
  if (histograms.shown.count > 0) {
    paintPercentiles(context, palette, plot, histograms.shown, from, binPx);
  }
}

function paintPercentiles(
  context: CanvasRenderingContext2D,
  palette: Palette,
  { leftPx, topPx, heightPx, widthPx }: HistogramPlot,
  histogram: LatencyHistogram,
  from: number,
  binPx: number,
): void {
  context.textAlign = 'left';
  // From the right, so that each name has its place left of the next one's.
  let freeUntilPx = leftPx + widthPx;
  for (const { share, name, dash } of percentiles.toReversed()) {
    const xPx = Math.round(leftPx + (latencyBin(percentileNs(histogram, share)) - from + 0.5) * binPx) + 0.5;
    context.setLineDash(dash);
    context.strokeStyle = palette.foreground;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(xPx, topPx + 10);
    context.lineTo(xPx, topPx + heightPx);
    context.stroke();
    const textPx = Math.min(xPx + 3, freeUntilPx - context.measureText(name).width);
    context.fillStyle = palette.foreground;
    context.fillText(name, textPx, topPx + 9);
    freeUntilPx = textPx - 4;
  }
  context.setLineDash([]);
}
