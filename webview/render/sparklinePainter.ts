/** Paints the strip's last minute: latencies on a logarithmic scale, and below them the faults open and held. */
import { formatDuration } from '../model/duration.ts';
import { type StripBucketDto } from '../stripProtocol.ts';
import { type Palette } from './palette.ts';

interface Size {
  readonly widthPx: number;
  readonly heightPx: number;
}

const scalePx = 62;
const depthPx = 22;
/** Lines are told apart by their dashes, too. */
const lines = [
  { key: 'maxNs', name: 'max', dash: [2, 3] },
  { key: 'p95Ns', name: 'p95', dash: [6, 3] },
  { key: 'p50Ns', name: 'p50', dash: [] },
] as const;

export function paintSparkline(
  context: CanvasRenderingContext2D,
  palette: Palette,
  { widthPx, heightPx }: Size,
  buckets: readonly StripBucketDto[],
): void {
  context.fillStyle = palette.background;
  context.fillRect(0, 0, widthPx, heightPx);
  const known = buckets.flatMap(({ p50Ns, maxNs }) =>
    p50Ns === null || maxNs === null ? [] : [p50Ns, maxNs],
  );
  const plotPx = { left: scalePx, top: 6, width: widthPx - scalePx - 34, height: heightPx - depthPx - 16 };
  context.font = palette.codeFont;
  context.textBaseline = 'middle';
  context.strokeStyle = palette.grid;
  context.lineWidth = 1;
  if (known.length > 0) {
    const low = Math.floor(Math.log10(Math.max(100, Math.min(...known))));
    const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...known))));
    const yOf = (ns: number): number =>
      plotPx.top + plotPx.height * (1 - (Math.log10(Math.max(1, ns)) - low) / (high - low));
    context.textAlign = 'right';
    for (let decade = low; decade <= high; decade++) {
      const yPx = Math.round(yOf(10 ** decade));
      context.fillStyle = palette.grid;
      context.fillRect(plotPx.left, yPx, plotPx.width, 1);
      context.fillStyle = palette.muted;
      context.fillText(
        formatDuration(10 ** decade)
          .replace('.00', '')
          .replace('.0', ''),
        scalePx - 6,
        yPx,
      );
    }
    for (const line of lines) {
      paintLine(context, palette, buckets, line, plotPx, yOf);
    }
  }
  paintDepth(context, palette, buckets, { ...plotPx, top: heightPx - depthPx - 2, height: depthPx });
}

interface PlotPx {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

function paintLine(
  context: CanvasRenderingContext2D,
  palette: Palette,
  buckets: readonly StripBucketDto[],
  { key, name, dash }: (typeof lines)[number],
  plotPx: PlotPx,
  yOf: (ns: number) => number,
): void {
  const stepPx = plotPx.width / buckets.length;
  const colour = { maxNs: palette.urgent.line, p95Ns: palette.asleep.line, p50Ns: palette.held.line }[key];
  context.beginPath();
  let lastYPx = NaN;
  buckets.forEach((bucket, n) => {
    const ns = bucket[key];
    if (ns === null) {
      return;
    }
    const xPx = plotPx.left + n * stepPx;
    lastYPx = yOf(ns);
    // A line only between neighbours: where no fault ended, there is no latency.
    if (n === 0 || buckets[n - 1]![key] === null) {
      context.moveTo(xPx, lastYPx);
    }
    context.lineTo(xPx, lastYPx);
    context.lineTo(xPx + stepPx, lastYPx);
  });
  context.setLineDash(dash);
  context.lineWidth = key === 'p50Ns' ? 2 : 1.5;
  context.strokeStyle = colour;
  context.stroke();
  context.setLineDash([]);
  if (buckets.slice(-2).some((bucket) => bucket[key] !== null)) {
    context.textAlign = 'left';
    context.fillStyle = palette.foreground;
    context.fillText(name, plotPx.left + plotPx.width + 5, lastYPx);
  }
}

/** Threads asleep as bars; those in held faults filled. */
function paintDepth(
  context: CanvasRenderingContext2D,
  palette: Palette,
  buckets: readonly StripBucketDto[],
  { left, top, width, height }: PlotPx,
): void {
  const most = Math.max(1, ...buckets.map(({ open }) => open));
  const stepPx = width / buckets.length;
  context.textAlign = 'right';
  context.fillStyle = palette.muted;
  context.fillText('open', scalePx - 6, top + height / 2);
  buckets.forEach(({ open, held }, n) => {
    const barPx = (count: number): number => (count === 0 ? 0 : Math.max(2, (count / most) * height));
    const bar = (count: number): readonly [number, number, number, number] => [
      left + n * stepPx,
      top + height - barPx(count),
      Math.max(1, stepPx),
      barPx(count),
    ];
    context.fillStyle = palette.superseded.line;
    context.fillRect(...bar(open));
    context.fillStyle = palette.urgent.line;
    context.fillRect(...bar(held));
  });
  context.fillStyle = palette.separator;
  context.fillRect(left, top + height, width, 1);
}
