/** Fill patterns, so that no state is told by colour alone. */
import { type Palette } from './palette.ts';

export interface Patterns {
  /** Held now: dense diagonal stripes. */
  readonly urgent: CanvasPattern | string;
  /** Held, over: thin diagonal stripes, in high contrast only. */
  readonly held: CanvasPattern | null;
  /** Waiting to be read: level lines, in high contrast only. */
  readonly waiting: CanvasPattern | null;
  /** Rows that are missing: wide diagonal stripes. */
  readonly gap: CanvasPattern | string;
  /** Resolved, asleep: dots. */
  readonly asleep: CanvasPattern | string;
}

const tilePx = 8;

/** Draws the pattern tiles for a palette at a device pixel ratio. */
export function createPatterns(
  context: CanvasRenderingContext2D,
  palette: Palette,
  pixelRatio: number,
): Patterns {
  const tile = (
    colour: string,
    draw: (tile: OffscreenCanvasRenderingContext2D) => void,
  ): CanvasPattern | null => {
    const canvas = new OffscreenCanvas(tilePx * pixelRatio, tilePx * pixelRatio);
    const tileContext = canvas.getContext('2d');
    if (tileContext === null) {
      return null;
    }
    tileContext.scale(pixelRatio, pixelRatio);
    tileContext.strokeStyle = colour;
    tileContext.fillStyle = colour;
    draw(tileContext);
    const pattern = context.createPattern(canvas, 'repeat');
    pattern?.setTransform(new DOMMatrix().scale(1 / pixelRatio));
    return pattern;
  };
  const stripes = (widthPx: number) => (context: OffscreenCanvasRenderingContext2D) => {
    context.lineWidth = widthPx;
    context.beginPath();
    for (const offset of [-tilePx, 0, tilePx]) {
      context.moveTo(offset - 2, tilePx + 2);
      context.lineTo(offset + tilePx + 2, -2);
    }
    context.stroke();
  };
  const lines = (context: OffscreenCanvasRenderingContext2D): void => {
    context.fillRect(0, 2, tilePx, 1);
    context.fillRect(0, 6, tilePx, 1);
  };
  const dots = (context: OffscreenCanvasRenderingContext2D): void => {
    context.fillRect(1, 1, 2, 2);
    context.fillRect(5, 5, 2, 2);
  };
  const { isHighContrast } = palette;
  return {
    urgent: tile(palette.urgent.line, stripes(isHighContrast ? 3 : 2)) ?? palette.urgent.fill,
    held: isHighContrast ? tile(palette.held.line, stripes(1)) : null,
    waiting: isHighContrast ? tile(palette.waiting.line, lines) : null,
    gap: tile(palette.muted, stripes(1)) ?? palette.muted,
    asleep: tile(palette.asleep.line, dots) ?? palette.asleep.fill,
  };
}
