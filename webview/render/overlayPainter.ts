/** Paints the overlay canvas: pointer line, hovered and selected faults, the box being drawn. It never repaints data. */
import { formatMoment } from '../model/duration.ts';
import { timeAt } from '../model/timeScale.ts';
import { axisLabelsPx, axisPx, type Box, boxOf, type ChartFrame, type SessionFrame } from './chartFrame.ts';

/** Narrowest slice that is outlined when selected; a narrower one is filled. */
const outlineFromPx = 3;

/** A fault and whose it is. */
export interface FaultPlace {
  readonly session: SessionFrame;
  readonly fault: number;
}

export interface Pointing {
  /** Where the pointer is, in pixels of the canvas; null when it is elsewhere. */
  readonly xPx: number | null;
  /** The fault under the pointer; null when there is none. */
  readonly hovered: FaultPlace | null;
  /** In the current session: index of the fault whose details show, -1 for none, and of all that are selected. */
  readonly primary: number;
  readonly selected: readonly number[];
  /** The box being drawn; null when none is. */
  readonly box: Box | null;
}

export function paintOverlay(context: CanvasRenderingContext2D, frame: ChartFrame, pointing: Pointing): void {
  const { palette, widthPx, heightPx, gutterPx } = frame;
  context.clearRect(0, 0, widthPx, heightPx);
  context.save();
  context.beginPath();
  context.rect(gutterPx, axisPx, widthPx - gutterPx, heightPx - axisPx);
  context.clip();
  const { hovered } = pointing;
  const { current } = frame;
  if (hovered !== null && (hovered.session !== current || hovered.fault !== pointing.primary)) {
    outline(context, hovered.session, hovered.fault, palette.hover, 1);
  }
  if (current !== null && current.layout.laneCount > 0) {
    paintSelected(context, current, pointing);
    if (pointing.primary !== -1) {
      outline(context, current, pointing.primary, palette.selection, 2);
    }
  }
  if (pointing.box !== null) {
    paintBox(context, frame, pointing.box);
  }
  context.restore();
  if (pointing.xPx !== null && pointing.xPx > gutterPx) {
    paintPointerLine(context, frame, pointing.xPx);
  }
}

/** Outlines the faults selected beside the primary one; of those that share a pixel, only one. */
function paintSelected(context: CanvasRenderingContext2D, frame: SessionFrame, pointing: Pointing): void {
  const { faults, scale, palette, nowNs } = frame;
  const painted = new Set<number>();
  for (const i of pointing.selected) {
    if (i === pointing.primary || faults.raisedNs(i) > scale.endNs) {
      continue;
    }
    if (faults.endOrNow(i, nowNs) < scale.startNs) {
      continue;
    }
    const box = boxOf(frame, i);
    const leftPx = Math.round(box.xPx);
    const isNarrow = box.widthPx <= outlineFromPx;
    const place = Math.round(box.yPx) * frame.widthPx + leftPx;
    if (isNarrow && painted.has(place)) {
      continue;
    }
    painted.add(place);
    if (isNarrow) {
      context.fillStyle = palette.selection;
      context.fillRect(leftPx - 1, box.yPx - 1.5, box.widthPx + 2, box.heightPx + 3);
    } else {
      outline(context, frame, i, palette.selection, 1.5);
    }
  }
}

function paintBox(context: CanvasRenderingContext2D, { palette }: ChartFrame, box: Box): void {
  context.fillStyle = palette.selection;
  context.globalAlpha = palette.isHighContrast ? 0 : 0.15;
  context.fillRect(box.xPx, box.yPx, box.widthPx, box.heightPx);
  context.globalAlpha = 1;
  context.strokeStyle = palette.selection;
  context.lineWidth = 1;
  context.setLineDash([5, 3]);
  context.strokeRect(
    Math.round(box.xPx) + 0.5,
    Math.round(box.yPx) + 0.5,
    Math.round(box.widthPx),
    Math.round(box.heightPx),
  );
  context.setLineDash([]);
}

function outline(
  context: CanvasRenderingContext2D,
  frame: SessionFrame,
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
  context.roundRect(middlePx - labelPx / 2, axisLabelsPx - 10, labelPx, 20, 3);
  context.fill();
  context.fillStyle = palette.background;
  context.fillText(label, middlePx, axisLabelsPx);
}
