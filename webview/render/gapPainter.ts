/** Paints the gaps of a session: hatched, with how many faults are not shown. */
import { inGroups } from '../model/duration.ts';
import { xOf } from '../model/timeScale.ts';
import { type SessionFrame } from './chartFrame.ts';
import { type Extent } from './eventPainter.ts';

/** Narrowest gap that is painted: it must be seen at any zoom. */
export const gapMinWidthPx = 3;

export function paintGaps(
  context: CanvasRenderingContext2D,
  session: SessionFrame,
  { topPx, bottomPx }: Extent,
): void {
  const { gaps, scale, gutterPx, widthPx, palette, patterns } = session;
  for (const { startNs, endNs, count } of gaps.list) {
    const fromPx = Math.max(gutterPx - gapMinWidthPx, gutterPx + xOf(scale, startNs));
    const toPx = Math.min(widthPx, Math.max(fromPx + gapMinWidthPx, gutterPx + xOf(scale, endNs)));
    if (fromPx > widthPx || toPx < gutterPx) {
      continue;
    }
    context.fillStyle = patterns.gap;
    context.fillRect(fromPx, topPx, toPx - fromPx, bottomPx - topPx);
    context.fillStyle = palette.muted;
    context.fillRect(fromPx, topPx, 1, bottomPx - topPx);
    context.fillRect(toPx - 1, topPx, 1, bottomPx - topPx);
    const words = gapWords(count);
    context.font = palette.labelFont;
    const textPx = context.measureText(words).width + 10;
    if (textPx < toPx - fromPx) {
      const middlePx = (fromPx + toPx) / 2;
      const yPx = bottomPx - 14;
      context.fillStyle = palette.background;
      context.fillRect(middlePx - textPx / 2, yPx - 9, textPx, 18);
      context.fillStyle = palette.foreground;
      context.textAlign = 'center';
      context.textBaseline = 'middle';
      context.fillText(words, middlePx, yPx);
    }
  }
}

export function gapWords(count: number): string {
  return count === 1 ? '1 fault not shown' : `${inGroups(count)} faults not shown`;
}
