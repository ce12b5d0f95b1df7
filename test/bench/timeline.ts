/**
 * timeline-load, timeline-frame, timeline-hit: the timeline page alone in Chromium, at 100,000 to
 * ten million faults from a seeded generator. The references are the goals of the design.
 */
import { unpackRows } from '../../native-helper/log/packedRows.ts';
import { faultAt } from '../../webview/model/hitTest.ts';
import { LaneLayout } from '../../webview/model/laneLayout.ts';
import { Trace } from '../../webview/model/trace.ts';
import { SeededRandom } from '../unit/helper/seededRandom.ts';
import { launchChromium } from '../workbench/chromium.ts';
import { measurement, percentile, type Measure, type Measurement } from './measurement.ts';
import { batchNs, batchRows, laterBatch, makeFlood } from './page/faultFlood.ts';
import { heapMegabytes, openFlooded, rendererMegabytes } from './page/floodedPage.ts';
import { zoomAndPan } from './page/zoomAndPan.ts';

const sizes = [
  { faults: 100_000, words: '100,000 faults', goalMs: 500 },
  { faults: 1_000_000, words: '1 million faults', goalMs: 800 },
  { faults: 10_000_000, words: '10 million faults', goalMs: 2500 },
] as const;
const goalTaskMs = 50;
const gesture = { forMs: 8000, inPx: -40, outPx: 40 };

/** From the start of the navigation until the whole is drawn, as overview and then with every fault. */
export const timelineLoad: Measure = async () => {
  const measurements: Measurement[] = [];
  // The first Chromium of all is read from the disk.
  await (await launchChromium()).close();
  for (const { faults, words, goalMs } of sizes) {
    const browser = await launchChromium();
    try {
      const { pictureMs, loadMs, longestTaskMs, timeline } = await openFlooded(browser, faults);
      const heap = await heapMegabytes(timeline.page);
      measurements.push(
        measurement(pictureMs, 'ms', goalMs, `load to first full picture, ${words}; reference: goal`),
        measurement(loadMs, 'ms', goalMs, `load until every fault is there, ${words}; reference: goal`),
        measurement(
          longestTaskMs,
          'ms',
          goalTaskMs,
          `longest task while loading ${words}, 0 = none of 50 ms`,
        ),
        measurement(heap, 'MB', 20, `JavaScript heap, ${words}; reference: goal`),
        measurement(
          rendererMegabytes(),
          'MB',
          600,
          `renderer memory, ${words}; reference: goal at 10 million`,
        ),
      );
    } finally {
      await browser.close();
    }
  }
  return measurements;
};

/** Zooms in and out by wheel and pans, an event per frame, for some seconds. */
export const timelineFrame: Measure = async () => {
  const measurements: Measurement[] = [];
  for (const { faults, words } of sizes.slice(1)) {
    const browser = await launchChromium();
    try {
      const { timeline } = await openFlooded(browser, faults);
      await timeline.page.keyboard.press('0');
      const { framesMs, longestTaskMs } = await timeline.byId('chart').evaluate(zoomAndPan, gesture);
      measurements.push(
        measurement(
          percentile(framesMs, 0.95),
          'ms',
          16.8,
          `frame p95, zoom and pan, ${words}; reference: goal`,
        ),
        measurement(
          percentile(framesMs, 0.99),
          'ms',
          33.4,
          `frame p99, zoom and pan, ${words}; reference: goal`,
        ),
        measurement(
          longestTaskMs,
          'ms',
          goalTaskMs,
          `longest task, zoom and pan, ${words}, 0 = none of 50 ms`,
        ),
      );
    } finally {
      await browser.close();
    }
  }
  return measurements;
};

/** Which fault is under the pointer, at every zoom. */
export const timelineHit: Measure = async () => {
  const trace = new Trace();
  const flood = makeFlood(5);
  const batches = Math.ceil(10_000_000 / batchRows);
  for (let n = 0; n < batches; n++) {
    trace.append(unpackRows(laterBatch(flood, n)));
  }
  const layout = new LaneLayout(trace.lanes.list);
  const random = new SeededRandom(9);
  const lastNs = batches * batchNs;
  const timesUs: number[] = [];
  const rounds = 20_000;
  for (let round = 0; round < 2 * rounds; round++) {
    const spanNs = 10 ** (3 + random.below(8000) / 1000);
    const startNs = random.below(1000) * (lastNs / 1000) - spanNs / 2;
    const scale = { startNs, endNs: startNs + spanNs, widthPx: 1100 };
    const [xPx, yPx] = [random.below(1100), random.below(layout.heightPx)];
    const beganMs = performance.now();
    faultAt(trace.lanes, layout, scale, xPx, yPx, lastNs);
    // The first half warms up.
    if (round >= rounds) {
      timesUs.push((performance.now() - beganMs) * 1000);
    }
  }
  const note = 'hit test at 10 million faults, any zoom; reference: goal';
  return Promise.resolve([
    measurement(percentile(timesUs, 0.5), 'µs', 10, `p50, ${note}`),
    measurement(percentile(timesUs, 0.95), 'µs', 10, `p95, ${note}`),
  ]);
};
