/**
 * timeline-live: the timeline page alone in Chromium, with ten million faults of a session that goes on at
 * 100,000 faults a second, and at last ten times as fast for ten seconds. The page keeps ten million, so
 * that old ones go all the time. `UFFD_BENCH_LIVE_SECONDS` says for how long, 60 seconds by default.
 */
import { launchChromium } from '../workbench/chromium.ts';
import { measurement, percentile, type Measure, type Measurement } from './measurement.ts';
import { faultNs, makeFlood } from './page/faultFlood.ts';
import {
  heapMegabytes,
  type Loaded,
  openFlooded,
  rendererMegabytes,
  rendererPid,
} from './page/floodedPage.ts';
import { type Fed, feedRows } from './page/rowFeed.ts';
import { mainThreadCpuMs } from './processCost.ts';

const faultsBefore = 10_000_000;
const seconds = Number(process.env['UFFD_BENCH_LIVE_SECONDS'] ?? 60);
/** As the helper sends them: every 16 ms, or when a batch is full. */
const steady = { words: '100,000 rows/s', batchRows: 1600, faultNs, seconds };
const burst = { words: '1,000,000 rows/s', batchRows: 4096, faultNs: faultNs / 10, seconds: 10 };
const seed = 6;
const reference = 'reference: goal';

/** What the page was fed, and how it fared. */
interface Live extends Fed {
  readonly rows: number;
  readonly lostRows: number;
  /** Share of a core that its main thread took. */
  readonly share: number;
  readonly tookMs: number;
}

export const timelineLive: Measure = async () => {
  const browser = await launchChromium();
  try {
    const loaded = await openFlooded(browser, faultsBefore, true);
    await loaded.timeline.has('following', 'true');
    await heapMegabytes(loaded.timeline.page);
    const megabytesBefore = rendererMegabytes();
    const slow = await goOn(loaded, 0, steady);
    const heap = await heapMegabytes(loaded.timeline.page);
    const megabytesAfter = rendererMegabytes();
    const fast = await goOn(loaded, slow.rows, burst);
    const note = `${seconds} s of ${steady.words} on top of 10 million`;
    return [
      ...measurementsOf(slow, note),
      measurement(slow.share * 100, '% of a core', 50, `main thread of the page, ${note}; ${reference}`),
      measurement(percentile(slow.framesMs, 0.95), 'ms', 16.8, `frame p95, ${note}; ${reference}`),
      measurement(
        megabytesAfter,
        'MB',
        megabytesBefore,
        `renderer memory after ${note}; reference: before, with 10 million`,
      ),
      measurement(heap, 'MB', 20, `JavaScript heap after ${note}; ${reference}`),
      ...measurementsOf(fast, `then ${burst.seconds} s of ${burst.words}`),
      measurement(
        fast.tookMs - burst.seconds * 1000,
        'ms',
        1000,
        `from the end of ${burst.words} until all were shown; reference: a second`,
      ),
    ];
  } finally {
    await browser.close();
  }
};

function measurementsOf({ rows, lostRows, lagsMs, longestTaskMs }: Live, note: string): Measurement[] {
  return [
    measurement(lostRows, 'rows', rows, `lost, ${note}; reference: sent; goal: 0`),
    measurement(percentile(lagsMs, 0.5), 'ms', 50, `sent → visible p50, ${note}; ${reference}`),
    measurement(percentile(lagsMs, 0.95), 'ms', 50, `sent → visible p95, ${note}; ${reference}`),
    measurement(longestTaskMs, 'ms', 50, `longest task, ${note}, 0 = none of 50 ms; ${reference}`),
  ];
}

/** The session goes on; `rowsSince` rows came after those it was loaded with. */
async function goOn({ timeline, rows }: Loaded, rowsSince: number, rate: typeof steady): Promise<Live> {
  const flood = makeFlood(seed, rate.batchRows, rate.batchRows * rate.faultNs);
  const everyMs = flood.batchNs / 1e6;
  const batches = Math.ceil((rate.seconds * 1000) / everyMs);
  const afterSequence = rows + rowsSince;
  // The page's clock has gone on since it was loaded, and so have its faults.
  const pageMs = await timeline.page.evaluate(() => performance.now());
  const afterNs = rows * faultNs + Math.ceil(pageMs) * 1e6;
  const renderer = rendererPid();
  const cpuBeforeMs = mainThreadCpuMs(renderer);
  const beganMs = performance.now();
  const fed = await feedRows(timeline, { flood, batches, afterSequence, afterNs, nowNs: 0, everyMs }, pageMs);
  const tookMs = performance.now() - beganMs;
  const share = (mainThreadCpuMs(renderer) - cpuBeforeMs) / tookMs;
  const shown = Number(await timeline.root.getAttribute('data-faults'));
  const sent = batches * flood.batchRows;
  return { ...fed, rows: sent, lostRows: afterSequence + sent - shown, share, tookMs };
}
