/**
 * Feeds the page alone with served faults as its host would: packed batches, and never more rows under way
 * than the host's feed sends. At once, or each batch when it is due. The part that runs in the page also
 * takes the time until a fault is seen.
 */
import { mostRowsUnderWay } from '../../../extension/timeline/pageFeed.ts';
import type { TimelinePage } from '../../ui/page/timelinePage.ts';
import { type Flood, patched } from './faultFlood.ts';

export interface RowFeed {
  readonly flood: Flood;
  readonly batches: number;
  /** Rows and nanoseconds of the session before the first of these. */
  readonly afterSequence: number;
  readonly afterNs: number;
  /** What the session's clock says at least. */
  readonly nowNs: number;
  /** A batch is due this long after the one before; 0: all are due at once. */
  readonly everyMs: number;
}

export interface Fed {
  /** Of the page's clock, which began with the navigation: the last rows had been painted. */
  readonly endMs: number;
  /** By batch: from when it was due until a frame with its rows had been painted. */
  readonly lagsMs: readonly number[];
  /** From one frame to the next. */
  readonly framesMs: readonly number[];
  /** Longest task of the page's main thread since `sinceMs`; 0: none of 50 ms. */
  readonly longestTaskMs: number;
}

/**
 * Feeds a page that has taken up all before these rows, and waits until it shows them.
 * @param sinceMs from when on tasks count, of the page's clock
 */
export function feedRows(timeline: TimelinePage, feed: RowFeed, sinceMs: number): Promise<Fed> {
  const { flood, ...rest } = feed;
  const { first, ...sizes } = flood;
  return timeline.page.evaluate(feedInPage, {
    ...rest,
    ...sizes,
    first: Buffer.from(first).toString('base64'),
    patched,
    mostRowsUnderWay,
    sinceMs,
  });
}

type InPage = Omit<RowFeed, 'flood'> &
  Omit<Flood, 'first'> & {
    readonly first: string;
    readonly patched: { readonly sequence: number; readonly timeNs: number; readonly faultId: number };
    readonly mostRowsUnderWay: number;
    readonly sinceMs: number;
  };

/** Runs in the page, self-contained. */
async function feedInPage(given: InPage): Promise<Fed> {
  const { batches, batchRows, batchNs, everyMs, afterSequence } = given;
  const first = Uint8Array.from(atob(given.first), (character) => character.charCodeAt(0)).buffer;
  let longestTaskMs = 0;
  const observer = new PerformanceObserver((list) => {
    const tasks = list.getEntries().filter(({ startTime }) => startTime >= given.sinceMs);
    longestTaskMs = Math.max(longestTaskMs, ...tasks.map(({ duration }) => duration));
  });
  observer.observe({ type: 'longtask', buffered: true });

  const beganMs = performance.now();
  const dueMs = (n: number): number => beganMs + (everyMs === 0 ? 0 : (n + 1) * everyMs);
  let sent = 0;
  let taken = 0;
  const send = (): void => {
    while (sent < batches && dueMs(sent) <= performance.now()) {
      if ((sent - taken) * batchRows >= given.mostRowsUnderWay) {
        return;
      }
      const batch = first.slice(0);
      const header = new DataView(batch);
      const add = (offset: number, more: number): void =>
        header.setFloat64(offset, header.getFloat64(offset, true) + more, true);
      const after = afterSequence + sent * batchRows;
      add(given.patched.sequence, after);
      add(given.patched.faultId, after);
      add(given.patched.timeNs, given.afterNs + sent * batchNs);
      sent++;
      const nowNs = Math.max(given.nowNs, given.afterNs + sent * batchNs);
      const params = { sessionId: 1, batch, afterSequence: after, nowNs };
      window.postMessage({ jsonrpc: '2.0', method: 'rows/didAppend', params }, '*', [batch]);
    }
  };

  // Rows are seen when a frame has been painted in which the chart was drawn after they had been taken up.
  const lagsMs: number[] = [];
  const framesMs: number[] = [];
  const prototype = CanvasRenderingContext2D.prototype;
  const descriptor = Object.getOwnPropertyDescriptor(prototype, 'drawImage')!;
  const draw = descriptor.value as (...args: unknown[]) => void;
  let isDrawn = false;
  Object.defineProperty(prototype, 'drawImage', {
    ...descriptor,
    value: function (this: CanvasRenderingContext2D, ...args: unknown[]): void {
      isDrawn = true;
      draw.apply(this, args);
    },
  });
  const afterPaint = new MessageChannel();
  let inFrame = 0;
  let lastFrameMs = NaN;
  const shown = new Promise<void>((resolve) => {
    afterPaint.port1.onmessage = () => {
      const nowMs = performance.now();
      for (; isDrawn && lagsMs.length < inFrame;) {
        lagsMs.push(nowMs - dueMs(lagsMs.length));
      }
      isDrawn = false;
      if (lagsMs.length === batches) {
        resolve();
      } else {
        requestAnimationFrame(onFrame);
      }
    };
  });
  const onFrame = (frameMs: number): void => {
    if (!Number.isNaN(lastFrameMs)) {
      framesMs.push(frameMs - lastFrameMs);
    }
    lastFrameMs = frameMs;
    inFrame = taken;
    afterPaint.port2.postMessage(null);
  };
  requestAnimationFrame(onFrame);

  // The page tells what it has taken up, and so makes room for more.
  window.fakeHost.received.push = (...messages) => {
    for (const { method, params } of messages) {
      if (method === 'rows/taken') {
        const { sequence } = params as { readonly sequence: number };
        taken = Math.max(taken, Math.floor((sequence - afterSequence) / batchRows));
        send();
      }
    }
    return 0;
  };
  const timer = everyMs === 0 ? undefined : setInterval(send, Math.min(4, everyMs));
  send();
  await shown;
  clearInterval(timer);
  const endMs = performance.now();
  Object.defineProperty(prototype, 'drawImage', descriptor);
  // Long tasks are told of some time after them.
  await new Promise((resolve) => setTimeout(resolve, 100));
  observer.disconnect();
  return { endMs, lagsMs, framesMs, longestTaskMs };
}
