/** Paints the overlay canvas: pointer line, hovered fault and selected fault. It never repaints data. */
import { formatMoment } from '../model/duration.ts';
import { timeAt } from '../model/timeScale.ts';
import { axisPx, boxOf, type ChartFrame } from './chartFrame.ts';

export interface Pointing {
  /** Where the pointer is, in pixels of the canvas; null when it is elsewhere. */
  readonly xPx: number | null;
  /** Fault indexes, -1 for none. */
  readonly hovered: number;
  readonly selected: number;
}

export function paintOverlay(context: CanvasRenderingContext2D, frame: ChartFrame, pointing: Pointing): void {
  const { palette, widthPx, heightPx, gutterPx } = frame;
  context.clearRect(0, 0, widthPx, heightPx);
  context.save();
  context.beginPath();
  context.rect(gutterPx, axisPx, widthPx - gutterPx, heightPx - axisPx);
  context.clip();
  if (pointing.hovered !== -1 && pointing.hovered !== pointing.selected) {
    outline(context, frame, pointing.hovered, palette.hover, 1);
  }
  if (pointing.selected !== -1) {
    outline(context, frame, pointing.selected, palette.selection, 2);
  }
  context.restore();
  if (pointing.xPx !== null && pointing.xPx > gutterPx) {
    paintPointerLine(context, frame, pointing.xPx);
  }
}

function outline(
  context: CanvasRenderingContext2D,
  frame: ChartFrame,
  i: number,
  colour: string,
  lineWidthPx: number,
): void {
  const box = boxOf(frame, i);
  const leftPx = Math.max(box.xPx, frame.gutterPx - 20);
  const rightPx = Math.min(box.xPx + box.widthPx, frame.widthPx + 20);
  // A ring of background between slice and outline keeps the two apart in every theme.
  for (const [style, width, growPx] of [
    [frame.palette.background, lineWidthPx + 2, lineWidthPx / 2 + 0.5],
    [colour, lineWidthPx, lineWidthPx / 2 + 1],
  ] as const) {
    context.strokeStyle = style;
    context.lineWidth = width;
    context.beginPath();
    context.roundRect(
      leftPx - growPx,
      box.yPx - growPx,
      Math.max(1, rightPx - leftPx) + 2 * growPx,
      box.heightPx + 2 * growPx,
      4,
    );
    context.stroke();
  }
}

function paintPointerLine(context: CanvasRenderingContext2D, frame: ChartFrame, xPx: number): void {
  const { palette, scale, gutterPx, widthPx, heightPx } = frame;
  context.fillStyle = palette.muted;
  context.fillRect(Math.round(xPx), axisPx, 1, heightPx - axisPx);
  const label = formatMoment(timeAt(scale, xPx - gutterPx));
  context.font = palette.labelFont;
  context.textBaseline = 'middle';
  context.textAlign = 'center';
  const labelPx = context.measureText(label).width + 12;
  const middlePx = Math.min(widthPx - labelPx / 2 - 2, Math.max(gutterPx + labelPx / 2 + 2, xPx));
  context.fillStyle = palette.foreground;
  context.beginPath();
  context.roundRect(middlePx - labelPx / 2, 4, labelPx, axisPx - 9, 3);
  context.fill();
  context.fillStyle = palette.background;
  context.fillText(label, middlePx, axisPx / 2);
}
