/** The timeline page alone in a browser, flooded with faults as its host would feed it. */
import type { Browser, Page } from 'playwright-core';
import { liveView } from '../../ui/page/sampleTrace.ts';
import { TimelinePage } from '../../ui/page/timelinePage.ts';
import { ownMegabytes } from '../processCost.ts';
import { startedWith } from '../startedProcesses.ts';
import { floodOverview, floodThreads, makeFlood } from './faultFlood.ts';
import { feedRows } from './rowFeed.ts';

export interface Loaded {
  readonly timeline: TimelinePage;
  /** Faults that it was fed. */
  readonly rows: number;
  /** From the start of the navigation until the overview is drawn in all lanes. */
  readonly pictureMs: number;
  /** From the start of the navigation until all is drawn, and the longest task of the page on the way. */
  readonly loadMs: number;
  readonly longestTaskMs: number;
}

const seed = 5;

/**
 * Opens the page and feeds it `faults` faults, rounded up to whole batches; it shows all of them.
 * @param isLive whether the session goes on: then its clock runs, and the page follows
 */
export async function openFlooded(browser: Browser, faults: number, isLive = false): Promise<Loaded> {
  const flood = makeFlood(seed);
  const batches = Math.ceil(faults / flood.batchRows);
  const nowNs = batches * flood.batchNs;
  const end = isLive ? {} : ({ endText: 'The target exited.', endReason: 'targetExited' } as const);
  const timeline = await TimelinePage.open(browser, {
    view: { ...liveView, ...end, nowNs },
    rows: [],
    nowNs,
    revision: batches * flood.batchRows,
    overview: floodOverview(flood, batches),
  });
  timeline.page.setDefaultTimeout(120_000);
  const pictureMs = await timeline.page.evaluate(untilPicture, floodThreads);
  const feed = { flood, batches, afterSequence: 0, afterNs: 0, nowNs, everyMs: 0 };
  const { endMs, longestTaskMs } = await feedRows(timeline, feed, 0);
  return { timeline, rows: batches * flood.batchRows, pictureMs, loadMs: endMs, longestTaskMs };
}

/** Runs in the page. */
async function untilPicture(lanes: number): Promise<number> {
  const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));
  while (document.querySelector('uffd-timeline')?.getAttribute('data-lanes') !== String(lanes)) {
    await frame();
  }
  await frame();
  return frame();
}

/** Pid of the page's process: the renderer with the most memory of those that this process has started. */
export function rendererPid(): number {
  const sizes = startedWith('--type=renderer').map((pid) => ({ pid, megabytes: ownMegabytes(pid) }));
  return sizes.reduce((most, size) => (size.megabytes > most.megabytes ? size : most)).pid;
}

/** Megabytes of the page's own memory. */
export function rendererMegabytes(): number {
  return ownMegabytes(rendererPid());
}

/** Megabytes of the JavaScript heap, without buffers, after what nobody needs has been collected. */
export async function heapMegabytes(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return usedSize / 1e6;
}
