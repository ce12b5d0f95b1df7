/** Paints the minimap: the worst latency and the density of all faults over all time, what stands out in it, and the window. */
import { type TimeScale, xOf } from '../model/timeScale.ts';
import { type TimeStretch } from '../model/timeStretch.ts';
import { type HistoryOverview } from '../model/historyOverview.ts';
import { overviewBins, type SessionOverview } from '../model/sessionOverview.ts';
import { type Gaps } from '../model/gaps.ts';
import { columnShare } from './cellImage.ts';
import { gapMinWidthPx } from './gapPainter.ts';
import { type Palette } from './palette.ts';
import { type Patterns } from './patterns.ts';

/** How far from an edge of the window the pointer still means it. */
export const handlePx = 5;

/** Heights of the strips for marks above and for flagged faults below the bars. */
const topPx = 6;
const flagsPx = 5;

export interface MinimapFrame {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly gutterPx: number;
  readonly palette: Palette;
  readonly patterns: Patterns;
  /** All time. */
  readonly scale: TimeScale;
  readonly window: TimeStretch;
  readonly selection: TimeStretch | null;
  readonly marks: readonly TimeStretch[];
  readonly sessions: readonly {
    readonly overview: SessionOverview;
    /** What of it is still to come; null when all has. */
    readonly historyOverview: HistoryOverview | null;
    readonly trace: { readonly gaps: Gaps; readonly lastRowNs: number };
  }[];
  /** The live edge; null when nothing is live. */
  readonly liveNs: number | null;
}

export function paintMinimap(context: CanvasRenderingContext2D, frame: MinimapFrame): void {
  const { palette, widthPx, heightPx, gutterPx } = frame;
  context.fillStyle = palette.background;
  context.fillRect(0, 0, widthPx, heightPx);
  context.save();
  context.beginPath();
  context.rect(gutterPx, 0, widthPx - gutterPx, heightPx);
  context.clip();
  paintBars(context, frame);
  context.fillStyle = frame.patterns.gap;
  for (const { trace } of frame.sessions) {
    for (const { startNs, endNs } of trace.gaps.list) {
      const fromPx = gutterPx + xOf(frame.scale, startNs);
      const gapPx = Math.max(gapMinWidthPx, gutterPx + xOf(frame.scale, endNs) - fromPx);
      context.fillRect(fromPx, 0, gapPx, heightPx);
    }
  }
  if (frame.liveNs !== null) {
    context.fillStyle = palette.liveEdge;
    context.fillRect(Math.round(gutterPx + xOf(frame.scale, frame.liveNs)), 0, 1, heightPx);
  }
  paintWindow(context, frame);
  paintTicks(context, frame);
  context.restore();
  context.fillStyle = palette.separator;
  context.fillRect(gutterPx - 1, 0, 1, heightPx);
}

/** One bar for each pixel: its height is the worst latency, its shade how many faults; below, the flagged ones. */
function paintBars(context: CanvasRenderingContext2D, frame: MinimapFrame): void {
  const { palette, scale, gutterPx, heightPx } = frame;
  const columns = Math.max(1, Math.round(scale.widthPx));
  const counts = new Float64Array(columns);
  const worstNs = new Float64Array(columns);
  const flagged = new Uint8Array(columns);
  const add = (startNs: number, widthNs: number, faults: number, worst: number, isFlagged: boolean): void => {
    const from = Math.max(0, Math.floor(xOf(scale, startNs)));
    const until = Math.min(columns, Math.max(from + 1, Math.floor(xOf(scale, startNs + widthNs))));
    for (let column = from; column < until; column++) {
      counts[column]! += faults / (until - from);
      worstNs[column] = Math.max(worstNs[column]!, worst);
      flagged[column] ||= isFlagged ? 1 : 0;
    }
  };
  for (const { overview, historyOverview, trace } of frame.sessions) {
    const { originNs, binNs, counts: inBins, worstNs: worstInBins, flaggedCounts } = overview;
    for (let bin = 0; bin < overviewBins; bin++) {
      if (inBins[bin]! > 0) {
        add(originNs + bin * binNs, binNs, inBins[bin]!, worstInBins[bin]!, flaggedCounts[bin]! > 0);
      }
    }
    historyOverview?.forEachAfter(trace.lastRowNs, (startNs, widthNs, faults, worst) =>
      add(startNs, widthNs, faults, worst, false),
    );
  }
  const mostLog = Math.log1p(counts.reduce((most, count) => Math.max(most, count), 1));
  const basePx = heightPx - flagsPx - 1;
  context.fillStyle = palette.held.line;
  for (let column = 0; column < columns; column++) {
    if (counts[column]! > 0) {
      const barPx = Math.max(2, columnShare(worstNs[column]!) * (basePx - topPx));
      context.globalAlpha = palette.isHighContrast
        ? 1
        : 0.35 + (0.65 * Math.log1p(counts[column]!)) / mostLog;
      context.fillRect(gutterPx + column, basePx - barPx, 1, barPx);
    }
  }
  context.globalAlpha = 1;
  context.fillStyle = palette.urgent.line;
  flagged.forEach((isFlagged, column) => {
    if (isFlagged === 1) {
      context.fillRect(gutterPx + column - 0.5, heightPx - flagsPx, 2, flagsPx - 1);
    }
  });
}

/** What is outside of the window is dimmed; its edges are grips. */
function paintWindow(context: CanvasRenderingContext2D, frame: MinimapFrame): void {
  const { palette, scale, gutterPx, widthPx, heightPx, window } = frame;
  const fromPx = Math.max(gutterPx, gutterPx + xOf(scale, window.startNs));
  const toPx = Math.min(widthPx, Math.max(fromPx + 2, gutterPx + xOf(scale, window.endNs)));
  context.fillStyle = palette.background;
  context.globalAlpha = palette.isHighContrast ? 0.5 : 0.6;
  context.fillRect(gutterPx, 0, fromPx - gutterPx, heightPx);
  context.fillRect(toPx, 0, widthPx - toPx, heightPx);
  context.globalAlpha = 1;
  context.strokeStyle = palette.selection;
  context.lineWidth = 1;
  context.strokeRect(Math.round(fromPx) + 0.5, 0.5, Math.max(1, Math.round(toPx - fromPx) - 1), heightPx - 1);
  for (const xPx of [fromPx, toPx]) {
    context.fillStyle = palette.selection;
    context.beginPath();
    context.roundRect(Math.min(widthPx - 5, Math.max(gutterPx, xPx - 2.5)), heightPx / 2 - 9, 5, 18, 2);
    context.fill();
    context.fillStyle = palette.background;
    context.fillRect(Math.min(widthPx - 3, Math.max(gutterPx + 2, xPx - 0.5)), heightPx / 2 - 5, 1, 10);
  }
}

/** The selected time as a bar and the marks as ticks, on top. */
function paintTicks(context: CanvasRenderingContext2D, frame: MinimapFrame): void {
  const { palette, scale, gutterPx, selection } = frame;
  if (selection !== null) {
    const fromPx = gutterPx + xOf(scale, selection.startNs);
    context.fillStyle = palette.selection;
    context.fillRect(fromPx, 0, Math.max(2, gutterPx + xOf(scale, selection.endNs) - fromPx), 3);
  }
  context.fillStyle = palette.foreground;
  for (const { startNs } of frame.marks) {
    const xPx = Math.round(gutterPx + xOf(scale, startNs)) + 0.5;
    context.beginPath();
    context.moveTo(xPx - 3.5, 0);
    context.lineTo(xPx + 3.5, 0);
    context.lineTo(xPx, topPx);
    context.fill();
  }
}
