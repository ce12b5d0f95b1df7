/**
 * Paints the minimap: the worst latency and the density of the faults over all time, those that are
 * shown before the others, what stands out in it and is found, and the window.
 */
import { type TimeScale, xOf } from '../model/timeScale.ts';
import { type TimeStretch } from '../model/timeStretch.ts';
import { bucketCount, type LatencyOverview } from '../../native-helper/log/latencyOverview.ts';
import { matchColumns } from '../model/faultSearch.ts';
import { type FaultTable } from '../model/faultTable.ts';
import { type HistoryOverview } from '../model/historyOverview.ts';
import { type MatchedFaults } from '../model/matchedFaults.ts';
import { type SessionOverview } from '../model/sessionOverview.ts';
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
/** Height of a tick of what is found, over the feet of the bars. */
const foundPx = 10;
/** How strong the faults are that the filter leaves out. */
const hiddenShare = 0.3;

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
  readonly sessions: readonly MinimapSession[];
  /** The live edge; null when nothing is live. */
  readonly liveNs: number | null;
}

/** What the minimap shows of a session. */
export interface MinimapSession {
  readonly overview: SessionOverview;
  /** Null while all its faults are shown. */
  readonly shownOverview: SessionOverview | null;
  readonly found: MatchedFaults | null;
  /** What of it is still to come; null when all has. */
  readonly historyOverview: HistoryOverview | null;
  readonly trace: { readonly gaps: Gaps; readonly faults: FaultTable; readonly lastRowNs: number };
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
  const { palette, sessions, scale, gutterPx, heightPx } = frame;
  const shown = columnsOf(scale, sessions, (session) => shownOf(session).latencies);
  if (sessions.some(({ shownOverview }) => shownOverview !== null)) {
    const all = columnsOf(scale, sessions, ({ overview }) => overview.latencies);
    context.fillStyle = palette.muted;
    paintColumns(context, frame, all, () => hiddenShare);
  }
  const mostLog = Math.log1p(shown.counts.reduce((most, count) => Math.max(most, count), 1));
  context.fillStyle = palette.held.line;
  paintColumns(context, frame, shown, (count) =>
    palette.isHighContrast ? 1 : 0.35 + (0.65 * Math.log1p(count)) / mostLog,
  );
  const flagged = columnsOf(scale, sessions, (session) => shownOf(session).flaggedLatencies);
  context.fillStyle = palette.urgent.line;
  flagged.counts.forEach((count, column) => {
    if (count > 0) {
      context.fillRect(gutterPx + column - 0.5, heightPx - flagsPx, 2, flagsPx - 1);
    }
  });
}

function shownOf({ overview, shownOverview }: MinimapSession): SessionOverview {
  return shownOverview ?? overview;
}

/** What lies in each pixel column. */
interface Columns {
  readonly counts: Float64Array;
  readonly worstNs: Float64Array;
}

function columnsOf(
  scale: TimeScale,
  sessions: readonly MinimapSession[],
  latenciesOf: (session: MinimapSession) => LatencyOverview,
): Columns {
  const length = Math.max(1, Math.round(scale.widthPx));
  const counts = new Float64Array(length);
  const worstNs = new Float64Array(length);
  const add = (startNs: number, widthNs: number, count: number, worst: number): void => {
    const from = Math.max(0, Math.floor(xOf(scale, startNs)));
    const until = Math.min(length, Math.max(from + 1, Math.floor(xOf(scale, startNs + widthNs))));
    for (let column = from; column < until; column++) {
      counts[column]! += count / (until - from);
      worstNs[column] = Math.max(worstNs[column]!, worst);
    }
  };
  for (const session of sessions) {
    const latencies = latenciesOf(session);
    for (let bucket = 0; bucket < bucketCount; bucket++) {
      if (latencies.counts[bucket]! > 0) {
        const startNs = session.overview.startNs + bucket * latencies.bucketNs;
        add(startNs, latencies.bucketNs, latencies.counts[bucket]!, latencies.worstNs[bucket]!);
      }
    }
    if (latencies === session.overview.latencies) {
      session.historyOverview?.forEachAfter(session.trace.lastRowNs, add);
    }
  }
  return { counts, worstNs };
}

function paintColumns(
  context: CanvasRenderingContext2D,
  { gutterPx, heightPx }: MinimapFrame,
  { counts, worstNs }: Columns,
  strengthOf: (count: number) => number,
): void {
  const basePx = heightPx - flagsPx - 1;
  counts.forEach((count, column) => {
    if (count > 0) {
      const barPx = Math.max(2, columnShare(worstNs[column]!) * (basePx - topPx));
      context.globalAlpha = strengthOf(count);
      context.fillRect(gutterPx + column, basePx - barPx, 1, barPx);
    }
  });
  context.globalAlpha = 1;
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

/** What is found as ticks, the selected time as a bar and the marks as triangles, on top. */
function paintTicks(context: CanvasRenderingContext2D, frame: MinimapFrame): void {
  const { palette, scale, gutterPx, heightPx, selection } = frame;
  for (const { found, trace } of frame.sessions) {
    const columns = found === null ? [] : matchColumns(found, trace.faults, scale);
    const paint = (colour: string, tickPx: number): void => {
      context.fillStyle = colour;
      columns.forEach((isFound, column) => {
        if (isFound === 1) {
          const xPx = gutterPx + column + 0.5 - tickPx / 2;
          context.fillRect(xPx, heightPx - flagsPx - 1 - foundPx, tickPx, foundPx);
        }
      });
    };
    paint(palette.background, 4);
    paint(palette.found, 2);
  }
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
