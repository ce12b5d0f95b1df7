/**
 * The picture of all faults too narrow for a rectangle of their own, in one image per frame: a
 * column of a track tells of the slowest fault in it, by its phase (colour) and its latency (the
 * taller the slower, 1 µs to 1 s, logarithmic); how busy the column was is its shade.
 */
import { mainPhases } from '../model/faultTable.ts';
import { type TrackCells } from '../model/trackCells.ts';
import { type Palette, shadeCount } from './palette.ts';

/** Rows of the image for a track: steps of latency. */
const trackRows = 10;
const lowestShare = 0.3;

/** Height of a column as a share of the slice's height. */
export function columnShare(latencyNs: number): number {
  const decades = Math.log10(Math.max(1, latencyNs / 1e3));
  return lowestShare + (1 - lowestShare) * Math.min(1, decades / 6);
}

/**
 * In high contrast the phases differ by pattern too: whether a pixel is set. Each sets some pixel of
 * every column.
 */
const patternsByPhase: Readonly<Record<(typeof mainPhases)[number], (x: number, y: number) => boolean>> = {
  waiting: (_x, y) => y % 3 !== 2,
  held: () => true,
  asleep: (x, y) => (x + y) % 2 === 0,
  superseded: (_x, y) => y % 3 === 0,
};

export class CellImage {
  private readonly canvas = new OffscreenCanvas(1, 1);
  private readonly context = this.canvas.getContext('2d')!;
  private data = new ImageData(1, 1);
  private pixels = new Uint32Array(this.data.data.buffer);
  private widthPx = 0;
  private readonly topsPx: number[] = [];

  /** Begins an image. */
  begin(widthPx: number): void {
    this.widthPx = Math.max(1, Math.ceil(widthPx));
    this.topsPx.length = 0;
  }

  /** Adds a track whose slices have their top at `topPx`. */
  add(cells: TrackCells, columnNs: number, topPx: number, palette: Palette): void {
    const track = this.topsPx.push(topPx) - 1;
    this.makeRoom(track + 1);
    const { widthPx, pixels } = this;
    const firstRow = track * trackRows;
    pixels.fill(0, firstRow * widthPx, (firstRow + trackRows) * widthPx);
    for (let x = 0; x < cells.widthPx; x++) {
      if (cells.worst[x] === -1) {
        continue;
      }
      const phase = cells.phase[x]!;
      const rows = Math.max(1, Math.round(trackRows * columnShare(cells.worstNs[x]!)));
      const share = palette.isHighContrast ? 1 : Math.min(1, cells.busyNs[x]! / columnNs);
      const colour = palette.shades[phase * shadeCount + Math.round(share * (shadeCount - 1))]!;
      const isSet = palette.isHighContrast ? patternsByPhase[mainPhases[phase]!] : undefined;
      for (let row = trackRows - rows; row < trackRows; row++) {
        if (isSet === undefined || isSet(x, row)) {
          pixels[(firstRow + row) * widthPx + x] = colour;
        }
      }
    }
  }

  /** Draws what was added, with the left edge at `leftPx` and tracks of this height. */
  draw(context: CanvasRenderingContext2D, leftPx: number, trackHeightPx: number): void {
    const tracks = this.topsPx.length;
    if (tracks === 0) {
      return;
    }
    this.context.putImageData(this.data, 0, 0, 0, 0, this.widthPx, tracks * trackRows);
    context.imageSmoothingEnabled = false;
    this.topsPx.forEach((topPx, track) => {
      context.drawImage(
        this.canvas,
        0,
        track * trackRows,
        this.widthPx,
        trackRows,
        leftPx,
        topPx,
        this.widthPx,
        trackHeightPx,
      );
    });
  }

  private makeRoom(tracks: number): void {
    const heightPx = tracks * trackRows;
    if (this.data.width === this.widthPx && this.data.height >= heightPx) {
      return;
    }
    const isWider = this.data.width !== this.widthPx;
    const before = this.pixels;
    this.data = new ImageData(this.widthPx, isWider ? heightPx : 2 * heightPx);
    this.pixels = new Uint32Array(this.data.data.buffer);
    if (!isWider) {
      this.pixels.set(before);
    }
    this.canvas.width = this.widthPx;
    this.canvas.height = this.data.height;
  }
}
