/** Paints the events of a session's memory map: a sign on the axis and a line through its lanes. */
import { timeAt, xOf } from '../model/timeScale.ts';
import { axisEventsPx, type SessionFrame } from './chartFrame.ts';
import * as glyph from './glyphs.ts';

/** Signs closer than this would hide each other: the first stands for them. */
const signGapPx = 6;

/** From where to where lines are painted. */
export interface Extent {
  readonly topPx: number;
  readonly bottomPx: number;
}

export function paintEvents(
  context: CanvasRenderingContext2D,
  session: SessionFrame,
  { topPx, bottomPx }: Extent,
): void {
  const { events, scale, gutterPx, palette } = session;
  const signsPx: number[] = [];
  for (let n = events.firstFrom(timeAt(scale, -signGapPx)); n < events.count;) {
    const xPx = Math.round(gutterPx + xOf(scale, events.timeNs(n)));
    if (xPx > session.widthPx + signGapPx) {
      break;
    }
    signsPx.push(xPx);
    n = Math.max(n + 1, events.firstFrom(timeAt(scale, xPx - gutterPx + signGapPx)));
  }
  context.strokeStyle = palette.event;
  context.lineWidth = 1;
  context.setLineDash([2, 3]);
  context.beginPath();
  for (const xPx of signsPx) {
    context.moveTo(xPx + 0.5, topPx);
    context.lineTo(xPx + 0.5, bottomPx);
  }
  context.globalAlpha = palette.isHighContrast ? 1 : 0.6;
  context.stroke();
  context.globalAlpha = 1;
  context.setLineDash([]);
  for (const xPx of signsPx) {
    glyph.mapEvent(context, xPx + 0.5, axisEventsPx, palette.event, palette.background);
  }
}
