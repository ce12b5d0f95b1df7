/**
 * timeline-peer: the timeline page and speedscope side by side, in the same Chromium with the same faults. Each
 * gets them in the form it likes best: the page from its host, and all threads below each other; speedscope
 * from a file of its own format, of which it shows one thread at a time. The references are speedscope's.
 */
import type { Locator } from 'playwright-core';
import { launchChromium } from '../workbench/chromium.ts';
import { measurement, percentile, type Measure, type Measurement } from './measurement.ts';
import { makeFlood } from './page/faultFlood.ts';
import { heapMegabytes, openFlooded, rendererMegabytes } from './page/floodedPage.ts';
import { speedscopeProfile, withSpeedscope } from './page/speedscopePage.ts';
import { type Smoothness, zoomAndPan } from './page/zoomAndPan.ts';

const sizes = [
  { faults: 100_000, words: '100,000 faults' },
  { faults: 1_000_000, words: '1 million faults' },
] as const;
const gestureMs = 8000;
/** 120 steps of either are a zoom by some ten million. */
const wheel = { ours: { inPx: -11.3, outPx: 11.3 }, theirs: { inPx: -5, outPx: 5.75 } };

interface Figures extends Smoothness {
  readonly pictureMs: number;
  readonly loadMs: number;
  readonly loadTaskMs: number;
  readonly heapMb: number;
  readonly rendererMb: number;
}

export const timelinePeer: Measure = async () => {
  const measurements: Measurement[] = [];
  for (const { faults, words } of sizes) {
    const [ours, theirs] = [await measureOurs(faults), await measureTheirs(faults)];
    const compare = (what: string, unit: string, of: (figures: Figures) => number): Measurement =>
      measurement(of(ours), unit, of(theirs), `${what}, ${words}; reference: speedscope`);
    measurements.push(
      compare('load to first picture', 'ms', ({ pictureMs }) => pictureMs),
      compare('load until every fault is there', 'ms', ({ loadMs }) => loadMs),
      compare('longest task while loading, 0 = none of 50 ms', 'ms', ({ loadTaskMs }) => loadTaskMs),
      compare('frame p95, zoom and pan', 'ms', ({ framesMs }) => percentile(framesMs, 0.95)),
      compare('frame p99, zoom and pan', 'ms', ({ framesMs }) => percentile(framesMs, 0.99)),
      compare('longest frame, zoom and pan', 'ms', ({ framesMs }) => Math.max(...framesMs)),
      compare('JavaScript heap', 'MB', ({ heapMb }) => heapMb),
      compare('renderer memory', 'MB', ({ rendererMb }) => rendererMb),
    );
  }
  return measurements;
};

async function measureOurs(faults: number): Promise<Figures> {
  const browser = await launchChromium();
  try {
    const { timeline, pictureMs, loadMs, longestTaskMs: loadTaskMs } = await openFlooded(browser, faults);
    const heapMb = await heapMegabytes(timeline.page);
    const rendererMb = rendererMegabytes();
    await timeline.page.keyboard.press('0');
    const smoothness = await move(timeline.byId('chart'), wheel.ours);
    return { pictureMs, loadMs, loadTaskMs, heapMb, rendererMb, ...smoothness };
  } finally {
    await browser.close();
  }
}

async function measureTheirs(faults: number): Promise<Figures> {
  const flood = makeFlood(5);
  const profile = speedscopeProfile(flood, Math.ceil(faults / flood.batchRows));
  const browser = await launchChromium();
  try {
    return await withSpeedscope(browser, profile, async ({ page, pictureMs, longestTaskMs }) => {
      const heapMb = await heapMegabytes(page);
      const rendererMb = rendererMegabytes();
      // The canvases are the picture of all threads, the minimap and the chart.
      const smoothness = await move(page.locator('canvas').last(), wheel.theirs);
      const load = { pictureMs, loadMs: pictureMs, loadTaskMs: longestTaskMs };
      return { ...load, heapMb, rendererMb, ...smoothness };
    });
  } finally {
    await browser.close();
  }
}

function move(chart: Locator, steps: typeof wheel.ours): Promise<Smoothness> {
  return chart.evaluate(zoomAndPan, { forMs: gestureMs, ...steps });
}
