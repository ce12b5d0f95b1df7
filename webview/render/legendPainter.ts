/** Sample slices for the list of signs, painted by the chart's own painter so that they cannot differ. */
import { type EventRow, rowsFrom } from '../../native-helper/log/eventRows.ts';
import { LaneLayout } from '../model/laneLayout.ts';
import { Trace } from '../model/trace.ts';
import { type SessionFrame, trackTopPx } from './chartFrame.ts';
import { inferredSign } from './chartPainter.ts';
import { CellImage } from './cellImage.ts';
import * as glyph from './glyphs.ts';
import { type Palette, readPalette } from './palette.ts';
import { createPatterns, type Patterns } from './patterns.ts';
import { SlicePainter } from './slicePainter.ts';

export const legendWidthPx = 120;
export const legendHeightPx = 26;

const nowNs = 100;
const pageBytes = 4096;
const row = (kind: EventRow['kind'], timeNs: number, more: Partial<EventRow> = {}): EventRow => ({
  kind,
  actor: 'user',
  timeNs,
  faultId: 1,
  address: 0x10000n,
  lengthBytes: kind === 'raised' || kind === 'read' ? 0 : pageBytes,
  tid: 1,
  flags: 0n,
  errno: 0,
  out: 0n,
  ...more,
});

const dontWake = { flags: 1n };
interface Sample {
  readonly words: string;
  readonly rows: readonly EventRow[];
  /** The session ended because its process was gone. */
  readonly isProcessGone?: boolean;
  /** What is painted when it is no fault. */
  readonly paint?: (context: CanvasRenderingContext2D, palette: Palette, patterns: Patterns) => void;
}

const samples: readonly Sample[] = [
  { words: 'Held now: its thread sleeps until you act', rows: [row('raised', 4), row('read', 20)] },
  {
    words: 'Resolved, but its thread still sleeps: wake it',
    rows: [row('raised', 4), row('read', 20), row('copy', 50, dontWake)],
  },
  {
    words: 'Over: waiting to be read, ▾ read, held, ▪ resolved, asleep, woken',
    rows: [row('raised', 4), row('read', 25), row('copy', 65, dontWake), row('wake', 96)],
  },
  { words: 'Handed back: woken without a page', rows: [row('raised', 4), row('read', 20), row('wake', 96)] },
  {
    words: 'Superseded: its thread raised another fault',
    rows: [row('raised', 4), row('read', 20), row('raised', 96, { faultId: 2 }), row('wake', 96.01)],
  },
  {
    words: 'Ended with the process, or the memory of it',
    rows: [row('raised', 4), row('read', 20), row('wake', 96, { actor: 'detach' })],
    isProcessGone: true,
  },
  {
    words: 'Stale: its page was removed or unmapped',
    rows: [row('raised', 4), row('read', 20), row('remove', 50)],
  },
  {
    words: 'The memory map changed: fork, remap, remove, unmap or a registration',
    rows: [],
    paint: (context, palette) => glyph.mapEvent(context, 12.5, 13, palette.event, palette.background),
  },
  {
    words: 'A gap: rows were dropped, so faults are missing here',
    rows: [],
    paint: (context, palette, patterns) => {
      context.fillStyle = patterns.gap;
      context.fillRect(4, 2, 60, 22);
      context.fillStyle = palette.muted;
      context.fillRect(4, 2, 1, 22);
      context.fillRect(63, 2, 1, 22);
    },
  },
  {
    words: 'The thread was inferred from /proc: the kernel did not name it',
    rows: [],
    paint: (context, palette) => {
      context.font = palette.labelFont;
      context.textBaseline = 'middle';
      context.fillStyle = palette.foreground;
      context.fillText(`${inferredSign}worker 4242`, 4, 13);
    },
  },
  {
    words: 'Too narrow for phases: the slowest fault per pixel, the taller the slower',
    rows: [0, 2, 3, 4, 5, 7, 8, 9, 11, 12, 14, 15].flatMap((step, n) => [
      row('raised', 20 + step * 4),
      row('read', 20 + step * 4),
      row('copy', 20 + step * 4 + [0.4, 1.5, 0.8, 2.9, 1][n % 5]!),
    ]),
  },
];

export const legendWords = samples.map((sample) => sample.words);

/** Paints sample `n`, with the theme of `element`. */
export function paintLegend(canvas: HTMLCanvasElement, n: number, element: HTMLElement): void {
  const context = canvas.getContext('2d');
  const sample = samples[n];
  if (context === null || sample === undefined) {
    return;
  }
  const trace = new Trace();
  // Times of the last sample are spread over milliseconds, so that its columns differ in height.
  const unitNs = n === samples.length - 1 ? 1e5 : 1;
  trace.load(
    rowsFrom(
      1,
      sample.rows.map((each) => ({ ...each, timeNs: each.timeNs * unitNs })),
    ),
  );
  trace.faults.isProcessGone = sample.isProcessGone === true;
  const palette = readPalette(element);
  const frame: SessionFrame = {
    widthPx: legendWidthPx,
    heightPx: legendHeightPx,
    gutterPx: 0,
    scale: { startNs: 0, endNs: nowNs * unitNs, widthPx: legendWidthPx },
    palette,
    patterns: createPatterns(context, palette, devicePixelRatio),
    cells: new CellImage(),
    id: 0,
    colour: 0,
    topPx: 0,
    lanesTopPx: 0,
    bottomPx: legendHeightPx,
    layout: new LaneLayout(trace.lanes.list),
    faults: trace.faults,
    lanes: trace.lanes,
    shown: null,
    overview: null,
    lastRowNs: 0,
    events: trace.events,
    gaps: trace.gaps,
    startNs: 0,
    nowNs: nowNs * unitNs,
    isLive: true,
    threadName: String,
    codeName: String,
  };
  context.scale(devicePixelRatio, devicePixelRatio);
  context.fillStyle = palette.background;
  context.fillRect(0, 0, legendWidthPx, legendHeightPx);
  if (sample.paint !== undefined) {
    sample.paint(context, palette, frame.patterns);
    return;
  }
  const slices = new SlicePainter(context, frame);
  slices.addTrack(0, 0, trackTopPx(frame, 0, 0));
  slices.addSleepers(0, 1);
  slices.paint();
}
