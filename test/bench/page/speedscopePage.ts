/** speedscope (https://www.speedscope.app), as its package has it, with a profile from a server of this process. */
import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { unpackRows } from '../../../native-helper/log/packedRows.ts';
import { rootFolder } from '../../workbench/paths.ts';
import { type Flood, laterBatch } from './faultFlood.ts';

const folder = path.join(rootFolder, 'node_modules/speedscope/dist/release');
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.woff2': 'font/woff2',
};
const profileName = 'faults.json';

export interface LoadedSpeedscope {
  readonly page: Page;
  /** From the start of the navigation until the first picture of the profile had been painted. */
  readonly pictureMs: number;
  readonly longestTaskMs: number;
}

/** Opens a profile in its own format, and gives it to `use`. */
export async function withSpeedscope<R>(
  browser: Browser,
  profile: Buffer,
  use: (loaded: LoadedSpeedscope) => Promise<R>,
): Promise<R> {
  const server = createServer((request, response) => {
    const name = path.basename(new URL(request.url!, 'http://localhost').pathname);
    if (name === profileName) {
      response.setHeader('content-type', 'application/json').end(profile);
      return;
    }
    response.setHeader('content-type', types[path.extname(name)] ?? 'application/octet-stream');
    createReadStream(path.join(folder, name))
      .on('error', () => response.writeHead(404).end())
      .pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 760 } });
    await page.addInitScript(watchLoad);
    await page.goto(`${origin}/index.html#profileURL=${origin}/${profileName}`);
    await page.waitForFunction(() => window.loaded !== undefined, undefined, { timeout: 180_000 });
    return await use({ page, ...(await page.evaluate(() => window.loaded!)) });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

declare global {
  interface Window {
    /** Set when speedscope has painted its first picture. */
    loaded?: Pick<LoadedSpeedscope, 'pictureMs' | 'longestTaskMs'>;
  }
}

/** Runs in the page before its own script, self-contained. Rectangles are drawn once there is a profile. */
function watchLoad(): void {
  let longestTaskMs = 0;
  new PerformanceObserver((list) => {
    longestTaskMs = Math.max(longestTaskMs, ...list.getEntries().map(({ duration }) => duration));
  }).observe({ type: 'longtask', buffered: true });
  const prototype = WebGLRenderingContext.prototype;
  const descriptor = Object.getOwnPropertyDescriptor(prototype, 'drawArrays')!;
  const draw = descriptor.value as (...args: unknown[]) => void;
  const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));
  const finish = async (): Promise<void> => {
    await frame();
    await frame();
    const pictureMs = performance.now();
    // Long tasks are told of some time after them.
    await new Promise((resolve) => setTimeout(resolve, 100));
    window.loaded = { pictureMs, longestTaskMs };
  };
  Object.defineProperty(prototype, 'drawArrays', {
    ...descriptor,
    value: function (this: WebGLRenderingContext, ...args: unknown[]): void {
      draw.apply(this, args);
      if (document.title.endsWith(' - speedscope')) {
        Object.defineProperty(prototype, 'drawArrays', descriptor);
        void finish();
      }
    },
  });
}

/** The flood in speedscope's own format, which it reads fastest: each thread a profile, each fault a frame on it. */
export function speedscopeProfile(flood: Flood, batches: number): Buffer {
  const events = new Map<number, string[]>();
  for (let batch = 0; batch < batches; batch++) {
    const { count, tid, timeNs, raisedBeforeNs, faultFlags } = unpackRows(laterBatch(flood, batch));
    for (let i = 0; i < count; i++) {
      const frame = faultFlags[i]! & 1;
      const endNs = timeNs[i]!;
      const text = `{"type":"O","frame":${frame},"at":${endNs - raisedBeforeNs[i]!}},{"type":"C","frame":${frame},"at":${endNs}}`;
      const ofThread = events.get(tid[i]!);
      if (ofThread === undefined) {
        events.set(tid[i]!, [text]);
      } else {
        ofThread.push(text);
      }
    }
  }
  const profiles = [...events].map(
    ([tid, texts]) =>
      `{"type":"evented","name":"${tid}","unit":"nanoseconds","startValue":0,"endValue":${batches * flood.batchNs},"events":[${texts.join(',')}]}`,
  );
  const schema = 'https://www.speedscope.app/file-format-schema.json';
  const frames = '[{"name":"read fault"},{"name":"write fault"}]';
  return Buffer.from(
    `{"$schema":"${schema}","name":"faults","shared":{"frames":${frames}},"profiles":[${profiles.join(',')}]}`,
  );
}
