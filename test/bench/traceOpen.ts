/**
 * trace-open: a trace file of one and of ten million served faults, from a seeded generator and written by
 * the recording's own writer, opened by a click in the explorer of a real VS Code.
 */
import path from 'node:path';
import { TraceRecording } from '../../extension/trace/recording.ts';
import { eventually } from '../helper/eventually.ts';
import { header } from '../unit/extension/trace/sampleRecording.ts';
import { launchChromium } from '../workbench/chromium.ts';
import { startCodeServer } from '../workbench/codeServer.ts';
import { rootFolder } from '../workbench/paths.ts';
import { makeTemporaryFolder } from '../workbench/temporaryFolder.ts';
import { WorkbenchPage } from '../workbench/workbenchPage.ts';
import { measurement, type Measure, type Measurement } from './measurement.ts';
import { batchRows, laterBatch, makeFlood } from './page/faultFlood.ts';
import { ownMegabytes, peakMegabytes } from './processCost.ts';
import { extensionHostPid } from './startedProcesses.ts';

const sizes = [
  { batches: Math.ceil(1_000_000 / batchRows), words: '1 million faults', goalMs: 800 },
  { batches: Math.ceil(10_000_000 / batchRows), words: '10 million faults', goalMs: 2500 },
] as const;
const seed = 5;
const fileName = 'storm.uffd.arrows';
const openLimitMs = 120_000;

export const traceOpen: Measure = async () => {
  const measurements: Measurement[] = [];
  for (const { batches, words, goalMs } of sizes) {
    const folder = await makeTemporaryFolder('trace-open');
    try {
      await writeTrace(path.join(folder.path, fileName), batches);
      const { pictureMs, wholeMs, ownMb, peakMb } = await openTrace(folder.path, batches * batchRows);
      measurements.push(
        measurement(pictureMs, 'ms', goalMs, `click → first picture with lanes, ${words}; reference: goal`),
        measurement(
          wholeMs,
          'ms',
          goalMs,
          `click → all shown, ${words}; reference: goal of the first picture`,
        ),
        measurement(ownMb, 'MB', 1000, `own memory of the extension host, ${words}; reference: a gigabyte`),
        measurement(peakMb, 'MB', 1000, `most memory of the extension host, ${words}; reference: a gigabyte`),
      );
    } finally {
      await folder.remove();
    }
  }
  return measurements;
};

async function writeTrace(file: string, batches: number): Promise<void> {
  const flood = makeFlood(seed);
  const state = { threads: header.threads, ranges: header.session.ranges };
  const recording = await TraceRecording.start(file, header, state, ({ kind }) => {
    throw new Error(`the trace was not written: ${kind}`);
  });
  for (let n = 0; n < batches; n++) {
    recording.add(laterBatch(flood, n));
    // The recording bounds what waits for the disk.
    const writtenBatches = (): number => recording.writtenRows / batchRows;
    await eventually('the rows are written', () => n - writtenBatches() < 128);
  }
  await recording.stop();
}

/** Opens it in a VS Code of its own, so that memory is that of this file alone. */
async function openTrace(
  folder: string,
  faults: number,
): Promise<{
  readonly pictureMs: number;
  readonly wholeMs: number;
  readonly ownMb: number;
  readonly peakMb: number;
}> {
  const server = await startCodeServer({ extensionFolders: [rootFolder] });
  const browser = await launchChromium();
  try {
    const workbench = await WorkbenchPage.open(browser, server.pageUrl(folder));
    // Before it knows the extension's editor, VS Code opens the file as text.
    await workbench.runCommand('Userfaultfd: Stop Recording');
    const row = workbench.page.locator('.explorer-folders-view .monaco-list-row', { hasText: fileName });
    await row.waitFor();
    const host = await extensionHostPid();
    const beganMs = performance.now();
    await row.click();
    const withLanes = 'uffd-timeline[data-lanes]:not([data-lanes="0"])';
    await workbench.timelineFrame.locator(withLanes).waitFor({ timeout: openLimitMs });
    const pictureMs = performance.now() - beganMs;
    const whole = workbench.timelineFrame.locator(`uffd-timeline[data-faults="${faults}"]`);
    await whole.waitFor({ timeout: openLimitMs });
    const wholeMs = performance.now() - beganMs;
    return { pictureMs, wholeMs, ownMb: ownMegabytes(host), peakMb: peakMegabytes(host) };
  } finally {
    await browser.close();
    await server.stop();
  }
}
