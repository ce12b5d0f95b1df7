/** Paints the main canvas: axis, lanes with their labels, and the faults in them. */
import { ageInWords } from '../model/faultWords.ts';
import { ticksOf } from '../model/ticks.ts';
import { xOf } from '../model/timeScale.ts';
import { axisLabelsPx, axisPx, type ChartFrame, trackTopPx } from './chartFrame.ts';
import { paintEvents } from './eventPainter.ts';
import * as glyph from './glyphs.ts';
import { SlicePainter } from './slicePainter.ts';

const tickGapPx = 120;
/** Before the name of a thread that the kernel did not tell. */
export const inferredSign = '≈ ';

export function paintChart(context: CanvasRenderingContext2D, frame: ChartFrame): void {
  const { palette, widthPx, heightPx, gutterPx } = frame;
  context.fillStyle = palette.background;
  context.fillRect(0, 0, widthPx, heightPx);
  inside(context, gutterPx, 0, widthPx - gutterPx, heightPx, () => {
    paintOutside(context, frame);
    paintAxis(context, frame);
    paintEvents(context, frame);
  });
  inside(context, 0, axisPx, widthPx, heightPx - axisPx, () => paintLanes(context, frame));
  context.fillStyle = palette.separator;
  context.fillRect(0, axisPx - 1, widthPx, 1);
  context.fillRect(gutterPx - 1, 0, 1, heightPx);
}

function inside(
  context: CanvasRenderingContext2D,
  xPx: number,
  yPx: number,
  widthPx: number,
  heightPx: number,
  paint: () => void,
): void {
  context.save();
  context.beginPath();
  context.rect(xPx, yPx, widthPx, heightPx);
  context.clip();
  paint();
  context.restore();
}

/** The time before the session began and the time to come. */
function paintOutside(context: CanvasRenderingContext2D, frame: ChartFrame): void {
  const { palette, scale, gutterPx, widthPx, heightPx } = frame;
  const startPx = gutterPx + xOf(scale, 0);
  const nowPx = gutterPx + xOf(scale, frame.nowNs);
  context.fillStyle = palette.outside;
  if (startPx > gutterPx) {
    context.fillRect(gutterPx, 0, startPx - gutterPx, heightPx);
  }
  if (nowPx < widthPx) {
    context.fillRect(nowPx, 0, widthPx - nowPx, heightPx);
  }
}

function paintAxis(context: CanvasRenderingContext2D, frame: ChartFrame): void {
  const { palette, scale, gutterPx, heightPx } = frame;
  context.font = palette.labelFont;
  context.textBaseline = 'middle';
  context.textAlign = 'left';
  for (const tick of ticksOf(scale, tickGapPx)) {
    const xPx = Math.round(gutterPx + tick.xPx);
    context.fillStyle = palette.grid;
    context.fillRect(xPx, 0, 1, heightPx);
    context.fillStyle = palette.muted;
    context.fillText(tick.label, xPx + 5, axisLabelsPx);
  }
  const nowPx = Math.round(gutterPx + xOf(scale, frame.nowNs));
  context.fillStyle = frame.isLive ? palette.liveEdge : palette.muted;
  context.fillRect(nowPx, 0, frame.isLive ? 2 : 1, heightPx);
  context.beginPath();
  context.moveTo(nowPx - 5, 0);
  context.lineTo(nowPx + 6, 0);
  context.lineTo(nowPx + 0.5, 7);
  context.fill();
}

function paintLanes(context: CanvasRenderingContext2D, frame: ChartFrame): void {
  const { faults, layout, scrollTopPx, gutterPx, widthPx, heightPx, palette } = frame;
  const slices = new SlicePainter(context, frame);
  const bottomPx = scrollTopPx + heightPx - axisPx;
  const first = Math.max(0, layout.laneAt(scrollTopPx));
  let end = first;
  for (; end < layout.laneCount && layout.laneTopPx(end) < bottomPx; end++) {
    faults.lanes[end]!.tracks.forEach((track, t) => {
      const topPx = trackTopPx(frame, end, t);
      if (topPx < heightPx && topPx + layout.laneHeightPx(end) > axisPx) {
        slices.addTrack(track, topPx);
      }
    });
  }
  inside(context, gutterPx, axisPx, widthPx - gutterPx, heightPx - axisPx, () => slices.paint());
  const sleeping = sleepersByLane(frame);
  for (let lane = first; lane < end; lane++) {
    const topPx = axisPx - scrollTopPx + layout.laneTopPx(lane);
    paintLabel(context, frame, lane, topPx, sleeping.get(lane));
    context.fillStyle = palette.separator;
    context.fillRect(0, topPx + layout.laneHeightPx(lane) - 1, widthPx, 1);
  }
}

/** For each lane with a sleeping thread, the fault it has slept in longest; held ones first. */
function sleepersByLane({ faults }: ChartFrame): Map<number, number> {
  const sleepers = new Map<number, number>();
  for (const i of faults.open) {
    const lane = faults.lane[i]!;
    const known = sleepers.get(lane);
    if (known === undefined || (faults.isHeld(i) && !faults.isHeld(known))) {
      sleepers.set(lane, i);
    }
  }
  return sleepers;
}

function paintLabel(
  context: CanvasRenderingContext2D,
  frame: ChartFrame,
  lane: number,
  topPx: number,
  sleeper: number | undefined,
): void {
  const { faults, layout, palette, gutterPx, nowNs } = frame;
  const middlePx = topPx + Math.min(layout.laneHeightPx(lane), 32) / 2;
  context.font = palette.labelFont;
  context.textBaseline = 'middle';
  let namePx = gutterPx - 12;
  if (sleeper !== undefined) {
    const isHeld = faults.isHeld(sleeper);
    const tone = isHeld ? palette.urgent : palette.asleep;
    const text = ageInWords(faults, sleeper, nowNs);
    namePx -= context.measureText(text).width + 8;
    context.textAlign = 'right';
    context.fillStyle = palette.isHighContrast ? palette.foreground : tone.line;
    context.fillText(text, gutterPx - 10, middlePx);
    if (isHeld) {
      namePx -= glyph.sizePx + 6;
      glyph.warning(context, namePx + 2, middlePx - 7, tone.line, palette.background);
    }
  }
  context.textAlign = 'left';
  context.fillStyle = palette.foreground;
  const { tid, isInferred } = faults.lanes[lane]!;
  const name = `${isInferred ? inferredSign : ''}${frame.threadName(tid)}`;
  context.fillText(shortened(context, name, namePx - 12), 12, middlePx);
}

/** A thread's name that fits `widthPx`: its middle is left out, for the thread id at its end tells most. */
function shortened(context: CanvasRenderingContext2D, name: string, widthPx: number): string {
  const tail = name.slice(Math.max(0, name.lastIndexOf(' ')));
  let text = name;
  for (
    let kept = name.length - tail.length - 1;
    kept >= 0 && context.measureText(text).width > widthPx;
    kept--
  ) {
    text = `${name.slice(0, kept)}…${tail}`;
  }
  return text;
}
