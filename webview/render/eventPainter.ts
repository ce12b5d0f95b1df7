/** Paints the events of the memory map: a sign on the axis and a line through the lanes. */
import { timeAt, xOf } from '../model/timeScale.ts';
import { axisEventsPx, axisPx, type ChartFrame } from './chartFrame.ts';
import * as glyph from './glyphs.ts';

/** Signs closer than this would hide each other: the first stands for them. */
const signGapPx = 6;

export function paintEvents(context: CanvasRenderingContext2D, frame: ChartFrame): void {
  const { events, scale, gutterPx, heightPx, palette } = frame;
  const signsPx: number[] = [];
  for (let n = events.firstFrom(timeAt(scale, -signGapPx)); n < events.count;) {
    const xPx = Math.round(gutterPx + xOf(scale, events.timeNs(n)));
    if (xPx > frame.widthPx + signGapPx) {
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
    context.moveTo(xPx + 0.5, axisPx);
    context.lineTo(xPx + 0.5, heightPx);
  }
  context.globalAlpha = palette.isHighContrast ? 1 : 0.6;
  context.stroke();
  context.globalAlpha = 1;
  context.setLineDash([]);
  for (const xPx of signsPx) {
    glyph.mapEvent(context, xPx + 0.5, axisEventsPx, palette.event, palette.background);
  }
}
