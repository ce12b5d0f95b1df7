/** Paints the address heat map: one image of all cells, scaled to the plot; more faults, more of the colour. */
import { type AddressHeat, heatColumns, heatRows } from '../model/addressHeat.ts';
import { formatDuration } from '../model/duration.ts';
import { type Palette } from './palette.ts';

export interface HeatPlot {
  readonly leftPx: number;
  readonly topPx: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** Share of the colour that a cell with one fault has: it must be seen. */
const leastShare = 0.3;

export class HeatPainter {
  private readonly image = new ImageData(heatColumns, heatRows);
  private readonly cells = new OffscreenCanvas(heatColumns, heatRows);

  /** @param columns how many columns are shown @param startNs the session's start, from which times are told */
  paint(
    context: CanvasRenderingContext2D,
    palette: Palette,
    plot: HeatPlot,
    heat: AddressHeat,
    columns: number,
    startNs: number,
  ): void {
    this.fill(heat, palette);
    this.cells.getContext('2d')?.putImageData(this.image, 0, 0);
    const { leftPx, topPx, widthPx, heightPx } = plot;
    context.imageSmoothingEnabled = false;
    context.drawImage(this.cells, 0, 0, columns, heatRows, leftPx, topPx, widthPx, heightPx);
    context.strokeStyle = palette.separator;
    context.lineWidth = 1;
    context.strokeRect(leftPx - 0.5, topPx - 0.5, widthPx + 1, heightPx + 1);
    context.font = palette.codeFont;
    context.fillStyle = palette.muted;
    context.textAlign = 'left';
    context.textBaseline = 'alphabetic';
    const untilNs = heat.timeOfColumn(columns);
    context.fillText(formatDuration(heat.startNs - startNs), leftPx, topPx + heightPx + 13);
    context.textAlign = 'right';
    context.fillText(formatDuration(untilNs - startNs), leftPx + widthPx, topPx + heightPx + 13);
    this.paintRanges(context, palette, plot, heat);
  }

  /** Where ranges begin, with their addresses as far as there is room. */
  private paintRanges(
    context: CanvasRenderingContext2D,
    palette: Palette,
    { leftPx, topPx, widthPx, heightPx }: HeatPlot,
    { axis }: AddressHeat,
  ): void {
    context.textAlign = 'right';
    context.textBaseline = 'top';
    let freeFromPx = -Infinity;
    for (const { place } of axis.stretches) {
      const yPx = Math.round(topPx + (place / axis.pages) * heightPx);
      if (place > 0) {
        context.fillStyle = palette.separator;
        context.fillRect(leftPx - 4, yPx, widthPx + 4, 1);
      }
      if (yPx >= freeFromPx) {
        context.fillStyle = palette.muted;
        context.fillText(axis.wordsAt(place), leftPx - 6, yPx + 1);
        freeFromPx = yPx + 14;
      }
    }
  }

  private fill({ counts }: AddressHeat, palette: Palette): void {
    const ground = rgbOf(palette.background);
    const ink = rgbOf(palette.isHighContrast ? palette.foreground : palette.held.line);
    const most = counts.reduce((a, b) => Math.max(a, b), 1);
    const { data } = this.image;
    for (let cell = 0; cell < counts.length; cell++) {
      const count = counts[cell]!;
      const share = count === 0 ? 0 : leastShare + (1 - leastShare) * (Math.log2(count) / Math.log2(most + 1));
      for (let channel = 0; channel < 3; channel++) {
        data[4 * cell + channel] = ground[channel]! + share * (ink[channel]! - ground[channel]!);
      }
      data[4 * cell + 3] = 255;
    }
  }
}

/** Red, green and blue of a CSS colour. */
function rgbOf(colour: string): Uint8ClampedArray {
  const context = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  if (context === null) {
    return new Uint8ClampedArray(4);
  }
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  return context.getImageData(0, 0, 1, 1).data;
}
