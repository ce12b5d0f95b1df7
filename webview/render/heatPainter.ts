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

/** Least edge of a painted cell: where there are more, several counts are added up, so that none is lost. */
const leastCellPx = 3;

export class HeatPainter {
  private readonly cells = new OffscreenCanvas(1, 1);

  /** @param columns how many columns are shown @param startNs the session's start, from which times are told */
  paint(
    context: CanvasRenderingContext2D,
    palette: Palette,
    plot: HeatPlot,
    heat: AddressHeat,
    columns: number,
    startNs: number,
  ): void {
    this.cells.width = fitting(columns, plot.widthPx);
    this.cells.height = fitting(heatRows, plot.heightPx);
    this.cells.getContext('2d')?.putImageData(this.imageOf(heat, columns, palette), 0, 0);
    const { leftPx, topPx, widthPx, heightPx } = plot;
    context.imageSmoothingEnabled = false;
    context.drawImage(this.cells, leftPx, topPx, widthPx, heightPx);
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

  private imageOf(heat: AddressHeat, columns: number, palette: Palette): ImageData {
    const { width, height } = this.cells;
    const counts = new Uint32Array(width * height);
    for (let row = 0; row < heatRows; row++) {
      const to = Math.floor((row * height) / heatRows) * width;
      for (let column = 0; column < columns; column++) {
        counts[to + Math.floor((column * width) / columns)]! += heat.counts[row * heatColumns + column]!;
      }
    }
    const ground = rgbOf(palette.background);
    const ink = rgbOf(palette.isHighContrast ? palette.foreground : palette.held.line);
    const most = counts.reduce((a, b) => Math.max(a, b), 1);
    const image = new ImageData(width, height);
    counts.forEach((count, cell) => {
      const share =
        count === 0 ? 0 : leastShare + (1 - leastShare) * (Math.log2(count) / Math.log2(most + 1));
      for (let channel = 0; channel < 3; channel++) {
        image.data[4 * cell + channel] = ground[channel]! + share * (ink[channel]! - ground[channel]!);
      }
      image.data[4 * cell + 3] = 255;
    });
    return image;
  }
}

/** How many of `count` cells have room. */
function fitting(count: number, lengthPx: number): number {
  return Math.max(1, Math.min(count, Math.floor(lengthPx / leastCellPx)));
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
