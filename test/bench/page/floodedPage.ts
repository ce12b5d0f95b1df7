/** The timeline page alone in a browser, flooded with faults as its host would feed it. */
import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { mostRowsUnderWay } from '../../../extension/timeline/pageFeed.ts';
import { liveView } from '../../ui/page/sampleTrace.ts';
import { TimelinePage } from '../../ui/page/timelinePage.ts';
import { descendantsOf } from '../../workbench/processTree.ts';
import {
  batchNs,
  batchRows,
  checkFlood,
  floodBatch,
  floodOverview,
  floodThreads,
  patched,
} from './faultFlood.ts';

export interface Loaded {
  readonly timeline: TimelinePage;
  /** From the start of the navigation until the overview is drawn in all lanes. */
  readonly pictureMs: number;
  /** From the start of the navigation until all is drawn, and the longest task of the page on the way. */
  readonly loadMs: number;
  readonly longestTaskMs: number;
}

const seed = 5;

/** Opens the page and feeds it `faults` faults, rounded up to whole batches; it shows all of them. */
export async function openFlooded(browser: Browser, faults: number): Promise<Loaded> {
  const first = floodBatch(seed);
  checkFlood(first);
  const batches = Math.ceil(faults / batchRows);
  const nowNs = batches * batchNs;
  const view = { ...liveView, endText: 'The target exited.', endReason: 'targetExited', nowNs } as const;
  const overview = floodOverview(first, batches);
  const timeline = await TimelinePage.open(browser, {
    view,
    rows: [],
    nowNs,
    revision: batches * batchRows,
    overview,
  });
  timeline.page.setDefaultTimeout(120_000);
  const pictureMs = await timeline.page.evaluate(untilPicture, floodThreads);
  const result = await timeline.page.evaluate(feedFlood, {
    first: Buffer.from(first).toString('base64'),
    batches,
    batchRows,
    batchNs,
    patched,
    mostRowsUnderWay,
  });
  return { timeline, pictureMs, ...result };
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

/** Runs in the page. */
async function feedFlood(given: {
  readonly first: string;
  readonly batches: number;
  readonly batchRows: number;
  readonly batchNs: number;
  readonly patched: { readonly sequence: number; readonly timeNs: number; readonly faultId: number };
  readonly mostRowsUnderWay: number;
}): Promise<{ readonly loadMs: number; readonly longestTaskMs: number }> {
  const first = Uint8Array.from(atob(given.first), (character) => character.charCodeAt(0)).buffer;
  let longestTaskMs = 0;
  const observer = new PerformanceObserver((list) => {
    longestTaskMs = Math.max(longestTaskMs, ...list.getEntries().map(({ duration }) => duration));
  });
  observer.observe({ type: 'longtask', buffered: true });
  const { received } = window.fakeHost;
  await new Promise<void>((resolve) => {
    let sent = 0;
    const send = (taken: number): void => {
      for (; sent < given.batches && sent * given.batchRows - taken < given.mostRowsUnderWay; sent++) {
        const batch = first.slice(0);
        const header = new DataView(batch);
        const add = (offset: number, more: number): void =>
          header.setFloat64(offset, header.getFloat64(offset, true) + more, true);
        add(given.patched.sequence, sent * given.batchRows);
        add(given.patched.timeNs, sent * given.batchNs);
        add(given.patched.faultId, sent * given.batchRows);
        const params = {
          sessionId: 1,
          batch,
          afterSequence: sent * given.batchRows,
          nowNs: given.batches * given.batchNs,
        };
        window.postMessage({ jsonrpc: '2.0', method: 'rows/didAppend', params }, '*', [batch]);
      }
    };
    // The page tells what it has taken up, and so makes room for more.
    received.push = (...messages) => {
      for (const { method, params } of messages) {
        const { sequence } = (params ?? {}) as { readonly sequence: number };
        if (method === 'rows/taken') {
          send(sequence);
          if (sequence >= given.batches * given.batchRows) {
            resolve();
          }
        }
      }
      return 0;
    };
    send(0);
  });
  const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));
  await frame();
  await frame();
  const loadMs = performance.now();
  await frame();
  observer.disconnect();
  return { loadMs, longestTaskMs };
}

/** Megabytes of the page's own memory: the private memory of the greatest renderer of this process. */
export function rendererMegabytes(): number {
  const sizes = descendantsOf(process.pid).map((pid) => {
    try {
      const isRenderer = readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--type=renderer');
      const line = /^RssAnon:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
      return isRenderer && line !== null ? Number(line[1]) / 1000 : 0;
    } catch {
      // It has ended in the meantime.
      return 0;
    }
  });
  return Math.max(...sizes);
}

/** Megabytes of the JavaScript heap, without buffers. */
export async function heapMegabytes({ page }: TimelinePage): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return usedSize / 1e6;
}
