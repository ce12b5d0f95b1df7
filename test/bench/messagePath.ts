/**
 * message-path: what VS Code's own way from an extension to its webview costs, with buffers of rows
 * as the timeline gets them: 100,000 rows of 32 bytes a second in batches of 16 ms, and as fast as
 * the page acknowledges. No code of the extension's takes part.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { eventually } from '../helper/eventually.ts';
import { launchChromium } from '../workbench/chromium.ts';
import { startCodeServer } from '../workbench/codeServer.ts';
import { makeDemoWorkspace } from '../workbench/demoWorkspace.ts';
import { rootFolder } from '../workbench/paths.ts';
import { descendantsOf } from '../workbench/processTree.ts';
import { makeTemporaryFolder } from '../workbench/temporaryFolder.ts';
import { WorkbenchPage } from '../workbench/workbenchPage.ts';
import { measurement, percentile, type Measure, type Measurement } from './measurement.ts';
import { cpuMs } from './processCost.ts';

/** A line of the extension's: a phase begins, or is over with these figures. */
interface Line {
  readonly phase: 'stream' | 'idle' | 'bulk' | 'end';
  readonly begins?: true;
  readonly seconds: number;
  readonly rows: number;
  readonly hostCpuMs: number;
  readonly lagsMs: readonly number[];
}

const patienceMs = 60_000;
/** timeline.md B.4: an ArrayBuffer posted from page to frame, without VS Code. */
const barePathRowsPerSecond = 5_000_000;

export const messagePath: Measure = async () => {
  const folder = await makeTemporaryFolder('messages');
  const file = path.join(folder.path, 'phases');
  const server = await startCodeServer({
    extensionFolders: [path.join(rootFolder, 'test/bench/messages')],
    env: { UFFD_MESSAGES: file },
  });
  const browser = await launchChromium();
  try {
    await WorkbenchPage.open(browser, server.pageUrl(await makeDemoWorkspace()));
    const lines = (): Line[] => linesOf(file);
    const phase = async (name: Line['phase']): Promise<Line & { readonly allCpuMs: number }> => {
      await eventually(
        `phase ${name} begins`,
        () => lines().some((line) => line.phase === name && line.begins === true),
        patienceMs,
      );
      const before = cpuOfAllMs();
      const over = await eventually(
        `phase ${name} is over`,
        () => lines().find((line) => line.phase === name && line.begins !== true),
        patienceMs,
      );
      return { ...over, allCpuMs: cpuOfAllMs() - before };
    };
    const stream = await phase('stream');
    const idle = await phase('idle');
    const bulk = await phase('bulk');
    return [...streamMeasurements(stream, idle), bulkMeasurement(bulk)];
  } finally {
    await browser.close();
    await server.stop();
    await folder.remove();
  }
};

function streamMeasurements(
  stream: Line & { readonly allCpuMs: number },
  idle: Line & { readonly allCpuMs: number },
): Measurement[] {
  const rate = '100,000 rows/s, 32 bytes each';
  const perSecond = (line: Line, ms: number): number => ms / line.seconds;
  return [
    measurement(percentile(stream.lagsMs, 0.5), 'ms', 50, `sent → received, p50; ${rate}; reference: goal`),
    measurement(percentile(stream.lagsMs, 0.95), 'ms', 50, `sent → received, p95; ${rate}; reference: goal`),
    measurement(
      perSecond(stream, stream.hostCpuMs),
      'ms/s',
      perSecond(idle, idle.hostCpuMs),
      `CPU of the extension host; ${rate}; reference: idle`,
    ),
    measurement(
      perSecond(stream, stream.allCpuMs),
      'ms/s',
      perSecond(idle, idle.allCpuMs),
      `CPU of server, extension host and browser together; ${rate}; reference: idle`,
    ),
  ];
}

function bulkMeasurement({ rows, seconds, hostCpuMs }: Line): Measurement {
  return measurement(
    rows / seconds,
    'rows/s',
    barePathRowsPerSecond,
    `as fast as acknowledged, 16,384 rows a message; ${(hostCpuMs / (rows / 1e6)).toFixed(0)} ms of extension host a million; reference: bare postMessage (cloned), measured elsewhere`,
  );
}

function linesOf(file: string): Line[] {
  try {
    const whole = readFileSync(file, 'utf8').split('\n').slice(0, -1);
    return whole.map((line) => JSON.parse(line) as Line);
  } catch {
    // Not begun.
    return [];
  }
}

/** CPU time of everything that this process has started, as far as it lives. */
function cpuOfAllMs(): number {
  return descendantsOf(process.pid).reduce((sum, pid) => sum + cpuMs(pid), 0);
}
