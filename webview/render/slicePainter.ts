/** Paints faults: slices with their phases and marks, and cells where they are too narrow for that. */
import { endOpen, endSuperseded } from '../model/faultTable.ts';
import { ageInWords, hexAddress } from '../model/faultWords.ts';
import { nsPerPx, timeAt, xOf } from '../model/timeScale.ts';
import { fillCells, TrackCells } from '../model/trackCells.ts';
import { type Box, boxOf, type SessionFrame, sliceHeightPx } from './chartFrame.ts';
import * as glyph from './glyphs.ts';

/** Narrowest slices that show marks, and text. */
const marksFromPx = 10;
const textFromPx = 46;
/** Narrowest slice that shows that it is stale, and that sign's distance from a finished slice's end. */
const staleFromPx = 22;
const staleBesidePx = 22;

/** Of the track that is being taken up. */
const trackCells = new TrackCells();

/** Paints the faults of several tracks of one session. */
export class SlicePainter {
  private readonly context: CanvasRenderingContext2D;
  private readonly frame: SessionFrame;
  private readonly wide: number[] = [];
  private readonly sleepers: number[] = [];

  constructor(context: CanvasRenderingContext2D, frame: SessionFrame) {
    this.context = context;
    this.frame = frame;
    frame.cells.begin(frame.scale.widthPx);
  }

  /** Takes up the visible faults of a track that are over. */
  addTrack(lane: number, t: number, topPx: number): void {
    const { faults, lanes, scale, shown, cells, palette, overview, lastRowNs } = this.frame;
    const { of, tracks } = lanes.list[lane]!;
    const only = shown === null ? null : { has: (i: number) => shown.has(i), levels: shown.levels(lane, t) };
    fillCells(trackCells, tracks[t]!, faults, scale, only);
    if (t === 0 && of.by === 'thread' && shown === null) {
      overview?.fill(trackCells, of.tid, lastRowNs, scale);
    }
    cells.add(trackCells, nsPerPx(scale), topPx, palette);
    for (const i of trackCells.wide) {
      if (shown === null || shown.has(i)) {
        this.wide.push(i);
      }
    }
  }

  /** Takes up the faults whose threads sleep, of lanes `first` to `end`. */
  addSleepers(first: number, end: number): void {
    const { faults, lanes, scale, shown, nowNs } = this.frame;
    const fromNs = timeAt(scale, -1);
    for (const i of faults.open) {
      const lane = lanes.lane(i);
      const isSeen = faults.raisedNs(i) <= scale.endNs && faults.endOrNow(i, nowNs) >= fromNs;
      if (isSeen && lane >= first && lane < end && (shown === null || shown.has(i))) {
        this.sleepers.push(i);
      }
    }
  }

  /** Paints all that was taken up, the narrow ones first, so that sleepers stay on top. */
  paint(): void {
    const { cells, gutterPx } = this.frame;
    cells.draw(this.context, gutterPx, sliceHeightPx);
    for (const i of this.wide) {
      this.paintSlice(i);
    }
    for (const i of this.sleepers) {
      this.paintSlice(i);
    }
  }

  private paintSlice(i: number): void {
    const { context } = this;
    const { faults, palette, gutterPx, widthPx } = this.frame;
    const whole = boxOf(this.frame, i);
    // Beyond the edges nothing is seen; huge coordinates would only cost precision.
    const leftPx = Math.max(whole.xPx, gutterPx - 20);
    const rightPx = Math.min(whole.xPx + whole.widthPx, widthPx + 20);
    const box: Box = { ...whole, xPx: leftPx, widthPx: Math.max(1, rightPx - leftPx) };
    if (box.widthPx < marksFromPx && faults.end(i) !== endOpen) {
      // There may be very many of these, and rounding their corners costs most.
      this.paintPhases(i, box);
      this.paintOutline(i, box);
      return;
    }
    context.save();
    context.beginPath();
    context.roundRect(box.xPx, box.yPx, box.widthPx, box.heightPx, Math.min(3, box.widthPx / 3));
    context.clip();
    this.paintPhases(i, box);
    context.restore();
    this.paintOutline(i, box);
    if (box.widthPx >= marksFromPx) {
      this.paintMarks(i, box);
    }
    if (faults.isHeld(i) && box.widthPx >= glyph.sizePx + 6) {
      glyph.warning(
        context,
        Math.max(box.xPx, gutterPx) + 4,
        box.yPx + 4,
        palette.urgent.line,
        palette.background,
      );
    }
    if (box.widthPx >= textFromPx) {
      this.paintText(i, box);
    }
  }

  private paintPhases(i: number, box: Box): void {
    const { context } = this;
    const { faults, palette, patterns, scale, gutterPx } = this.frame;
    const rightPx = box.xPx + box.widthPx;
    const at = (timeNs: number): number =>
      Number.isNaN(timeNs) ? rightPx : Math.min(rightPx, Math.max(box.xPx, gutterPx + xOf(scale, timeNs)));
    const fill = (fromPx: number, toPx: number, style: string | CanvasPattern | null): void => {
      if (toPx > fromPx && style !== null) {
        context.fillStyle = style;
        context.fillRect(fromPx, box.yPx, toPx - fromPx, box.heightPx);
      }
    };
    if (faults.end(i) === endSuperseded) {
      fill(box.xPx, rightPx, palette.superseded.fill);
      return;
    }
    const isOpen = faults.end(i) === endOpen;
    const readPx = at(faults.readNs(i));
    const resolvedPx = at(faults.resolvedNs(i));
    const heldFromPx = Number.isNaN(faults.readNs(i)) ? resolvedPx : readPx;
    fill(box.xPx, heldFromPx, palette.waiting.fill);
    fill(box.xPx, heldFromPx, patterns.waiting);
    if (faults.isHeld(i)) {
      fill(heldFromPx, rightPx, palette.urgent.fill);
      fill(heldFromPx, rightPx, patterns.urgent);
    } else {
      const isHandedBack = faults.phase(i) === 'handedBack';
      fill(heldFromPx, resolvedPx, isHandedBack ? palette.background : palette.held.fill);
      fill(heldFromPx, resolvedPx, isHandedBack ? null : patterns.held);
    }
    fill(resolvedPx, rightPx, palette.asleep.fill);
    fill(resolvedPx, rightPx, isOpen || palette.isHighContrast ? patterns.asleep : null);
  }

  private paintOutline(i: number, box: Box): void {
    const { context } = this;
    const { faults, palette } = this.frame;
    const end = faults.end(i);
    const isHeld = faults.isHeld(i);
    const isHandedBack = faults.phase(i) === 'handedBack';
    if (end !== endOpen && !isHandedBack && end !== endSuperseded && !palette.isHighContrast) {
      return;
    }
    const tone = isHeld
      ? palette.urgent
      : end === endOpen
        ? Number.isNaN(faults.resolvedNs(i))
          ? palette.waiting
          : palette.asleep
        : end === endSuperseded
          ? palette.superseded
          : palette.held;
    context.strokeStyle = tone.line;
    context.lineWidth = end === endOpen ? 2 : 1;
    context.setLineDash(isHandedBack ? [4, 3] : end === endSuperseded ? [1.5, 2.5] : []);
    const inset = context.lineWidth / 2;
    context.beginPath();
    context.roundRect(
      box.xPx + inset,
      box.yPx + inset,
      Math.max(0.5, box.widthPx - 2 * inset),
      box.heightPx - 2 * inset,
      Math.min(2.5, box.widthPx / 3),
    );
    context.stroke();
    context.setLineDash([]);
  }

  private paintMarks(i: number, box: Box): void {
    const { context } = this;
    const { faults, palette, scale, gutterPx, widthPx } = this.frame;
    const rightPx = box.xPx + box.widthPx;
    const mark = (timeNs: number, paint: typeof glyph.readMark): void => {
      const xPx = gutterPx + xOf(scale, timeNs);
      if (xPx >= box.xPx - 1 && xPx <= rightPx + 1) {
        paint(
          context,
          Math.min(rightPx - 1, Math.max(box.xPx + 1, xPx)),
          box.yPx,
          box.heightPx,
          palette.foreground,
        );
      }
    };
    mark(faults.readNs(i), glyph.readMark);
    mark(faults.resolvedNs(i), glyph.resolvedMark);
    const middlePx = box.yPx + box.heightPx / 2;
    switch (faults.phase(i)) {
      case 'handedBack':
        glyph.handedBack(context, rightPx - 4, middlePx, palette.held.line);
        break;
      case 'superseded':
        glyph.cross(context, rightPx - 8, middlePx, palette.superseded.line);
        break;
      case 'endedWithProcess':
        glyph.stop(context, rightPx - 8, middlePx, palette.muted, palette.background);
        break;
      case 'woken':
        context.fillStyle = palette.woken;
        context.fillRect(rightPx - 2, box.yPx, 2, box.heightPx);
        break;
      default:
    }
    if (faults.staleness(i) !== null && box.widthPx >= staleFromPx) {
      const xPx = Math.min(rightPx, widthPx) - (faults.end(i) === endOpen ? 10 : staleBesidePx);
      glyph.stale(context, xPx, middlePx, palette.foreground, palette.background);
    }
  }

  /** Duration and address, as much as fits into the longest phase that is seen. */
  private paintText(i: number, box: Box): void {
    const { context } = this;
    const { faults, palette, nowNs } = this.frame;
    const isHeld = faults.isHeld(i);
    const isOpen = faults.end(i) === endOpen;
    const [fromPx, untilPx] = this.longestSeen(i, box);
    const leftPx = fromPx + 7 + (isHeld && fromPx < box.xPx + glyph.sizePx ? glyph.sizePx + 2 : 0);
    const rightPx = untilPx - (isOpen ? 6 : 14) - (faults.staleness(i) === null ? 0 : 16);
    const words = [
      ...(isHeld ? ['held'] : isOpen ? ['asleep'] : []),
      ageInWords(faults, i, nowNs),
      `· ${hexAddress(faults.address(i))}`,
    ];
    const fewestWords = words.length - 1;
    context.font = palette.labelFont;
    context.textBaseline = 'middle';
    context.textAlign = 'left';
    while (words.length >= fewestWords && context.measureText(words.join(' ')).width > rightPx - leftPx) {
      words.pop();
    }
    if (words.length < fewestWords) {
      return;
    }
    const text = words.join(' ');
    if (isOpen || palette.isHighContrast) {
      context.fillStyle = palette.background;
      context.beginPath();
      context.roundRect(leftPx - 4, box.yPx + 3, context.measureText(text).width + 8, box.heightPx - 6, 3);
      context.fill();
    }
    context.fillStyle = palette.foreground;
    context.fillText(text, leftPx, box.yPx + box.heightPx / 2 + 0.5);
  }

  /** Left and right edge of the longest phase of a slice, as far as it is seen. */
  private longestSeen(i: number, box: Box): readonly [number, number] {
    const { faults, scale, gutterPx, widthPx } = this.frame;
    const leftPx = Math.max(box.xPx, gutterPx);
    const rightPx = Math.min(box.xPx + box.widthPx, widthPx);
    const edges = [faults.readNs(i), faults.resolvedNs(i)]
      .filter((timeNs) => !Number.isNaN(timeNs))
      .map((timeNs) => Math.min(rightPx, Math.max(leftPx, gutterPx + xOf(scale, timeNs))));
    const phases = [leftPx, ...edges].map((fromPx, n) => [fromPx, edges[n] ?? rightPx] as const);
    return phases.reduce((best, phase) => (phase[1] - phase[0] > best[1] - best[0] ? phase : best));
  }
}
