/** Paints the main canvas: axis, lanes with their labels, and the faults in them. */
import { ageInWords } from '../model/faultWords.ts';
import { laneName } from '../model/laneName.ts';
import { placeOfColour } from '../model/sessionColours.ts';
import { ticksOf } from '../model/ticks.ts';
import { xOf } from '../model/timeScale.ts';
import {
  axisLabelsPx,
  axisPx,
  type ChartFrame,
  type SessionFrame,
  sliceHeightPx,
  trackTopPx,
  visiblePart,
} from './chartFrame.ts';
import { type Extent, paintEvents } from './eventPainter.ts';
import { paintGaps } from './gapPainter.ts';
import * as glyph from './glyphs.ts';
import { SlicePainter } from './slicePainter.ts';

const tickGapPx = 120;
/** Before the name of a thread that the kernel did not tell. */
export const inferredSign = '≈ ';

/** Width of a session's stripe at the left edge of its lanes. */
const stripePx = 4;

export function paintChart(context: CanvasRenderingContext2D, frame: ChartFrame): void {
  const { palette, widthPx, heightPx, gutterPx, sessions } = frame;
  const visible = sessions.filter((session) => visiblePart(session) !== undefined);
  context.fillStyle = palette.background;
  context.fillRect(0, 0, widthPx, heightPx);
  inside(context, gutterPx, 0, widthPx - gutterPx, heightPx, () => {
    paintOutside(context, frame, visible);
    paintAxis(context, frame);
    sessions.forEach((session) => {
      paintGaps(context, session, linesOf(frame, session));
      paintEvents(context, session, linesOf(frame, session));
    });
  });
  inside(context, 0, axisPx, widthPx, heightPx - axisPx, () => {
    visible.forEach((session) => paintLanes(context, session));
    if (sessions.length > 1) {
      visible.forEach((session) => paintStripe(context, session));
    }
  });
  context.fillStyle = palette.separator;
  context.fillRect(0, axisPx - 1, widthPx, 1);
  context.fillRect(gutterPx - 1, 0, 1, heightPx);
}

/** Where lines through a session are painted: from top to bottom when it is alone. */
function linesOf(frame: ChartFrame, session: SessionFrame): Extent {
  return frame.sessions.length === 1
    ? { topPx: axisPx, bottomPx: frame.heightPx }
    : (visiblePart(session) ?? { topPx: 0, bottomPx: 0 });
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

/** The time before anything began and the time to come; in each session, before its start and after its end. */
function paintOutside(
  context: CanvasRenderingContext2D,
  frame: ChartFrame,
  visible: readonly SessionFrame[],
): void {
  const { palette, scale, gutterPx, widthPx, heightPx } = frame;
  const shade = (startNs: number, endNs: number, topPx: number, bottomPx: number): void => {
    const startPx = gutterPx + xOf(scale, startNs);
    const endPx = gutterPx + xOf(scale, endNs);
    context.fillStyle = palette.outside;
    if (startPx > gutterPx) {
      context.fillRect(gutterPx, topPx, startPx - gutterPx, bottomPx - topPx);
    }
    if (endPx < widthPx) {
      context.fillRect(endPx, topPx, widthPx - endPx, bottomPx - topPx);
    }
  };
  const firstNs = Math.min(...frame.sessions.map(({ startNs }) => startNs));
  shade(frame.sessions.length === 0 ? 0 : firstNs, frame.nowNs, 0, heightPx);
  for (const session of frame.sessions.length > 1 ? visible : []) {
    const { topPx, bottomPx } = linesOf(frame, session);
    shade(session.startNs, session.nowNs, topPx, bottomPx);
    if (!session.isLive && frame.isLive) {
      context.fillStyle = palette.muted;
      context.fillRect(Math.round(gutterPx + xOf(scale, session.nowNs)), topPx, 1, bottomPx - topPx);
    }
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

function paintLanes(context: CanvasRenderingContext2D, session: SessionFrame): void {
  const { lanes, layout, lanesTopPx, gutterPx, widthPx, heightPx, palette } = session;
  const slices = new SlicePainter(context, session);
  const bottomPx = heightPx - lanesTopPx;
  const first = Math.max(0, layout.laneAt(axisPx - lanesTopPx));
  let end = first;
  for (; end < layout.laneCount && layout.laneTopPx(end) < bottomPx; end++) {
    lanes.list[end]!.tracks.forEach((_, t) => {
      const topPx = trackTopPx(session, end, t);
      if (topPx < heightPx && topPx + sliceHeightPx > axisPx) {
        slices.addTrack(end, t, topPx);
      }
    });
  }
  slices.addSleepers(first, end);
  inside(context, gutterPx, axisPx, widthPx - gutterPx, heightPx - axisPx, () => slices.paint());
  const sleeping = sleepersByLane(session);
  for (let lane = first; lane < end; lane++) {
    const topPx = lanesTopPx + layout.laneTopPx(lane);
    paintLabel(context, session, lane, topPx, sleeping.get(lane));
    context.fillStyle = palette.separator;
    context.fillRect(0, topPx + layout.laneHeightPx(lane) - 1, widthPx, 1);
  }
}

function paintStripe(context: CanvasRenderingContext2D, session: SessionFrame): void {
  const { palette, colour, lanesTopPx, bottomPx } = session;
  context.fillStyle = palette.sessions[placeOfColour(colour)]!;
  context.fillRect(0, lanesTopPx, stripePx, bottomPx - lanesTopPx);
}

/** For each lane with a sleeping thread, the fault it has slept in longest; held ones first. */
function sleepersByLane({ faults, lanes }: SessionFrame): Map<number, number> {
  const sleepers = new Map<number, number>();
  for (const i of faults.open) {
    const lane = lanes.lane(i);
    const known = sleepers.get(lane);
    if (known === undefined || (faults.isHeld(i) && !faults.isHeld(known))) {
      sleepers.set(lane, i);
    }
  }
  return sleepers;
}

function paintLabel(
  context: CanvasRenderingContext2D,
  session: SessionFrame,
  lane: number,
  topPx: number,
  sleeper: number | undefined,
): void {
  const { faults, layout, palette, gutterPx, nowNs } = session;
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
  const { of, isInferred } = session.lanes.list[lane]!;
  const name = `${isInferred && of.by === 'thread' ? inferredSign : ''}${laneName(of, session)}`;
  context.fillText(shortened(context, name, namePx - 12), 12, middlePx);
}

/** A name that fits `widthPx`: what is left out is before its thread id or offset, which tells most. */
function shortened(context: CanvasRenderingContext2D, name: string, widthPx: number): string {
  const tail = /(?: [^ ]*|\+0x[0-9a-f]+)?$/.exec(name)![0];
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
