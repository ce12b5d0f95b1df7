/**
 * trace-open: a trace file of one and of ten million served faults, from a seeded generator and written by
 * the recording's own writer, opened by a click in the explorer of a real VS Code. Beside it what that VS
 * Code takes to open an editor that shows one word.
 */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Locator } from 'playwright-core';
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
const emptyFileName = 'storm.empty';
const openLimitMs = 120_000;

export const traceOpen: Measure = async () => {
  const measurements: Measurement[] = [];
  for (const { batches, words, goalMs } of sizes) {
    const folder = await makeTemporaryFolder('trace-open');
    try {
      await writeTrace(path.join(folder.path, fileName), batches);
      await writeFile(path.join(folder.path, emptyFileName), '');
      const emptyMs = await openEmpty(folder.path);
      const { pictureMs, wholeMs, ownMb, peakMb } = await openTrace(folder.path, batches * batchRows);
      measurements.push(
        measurement(pictureMs, 'ms', goalMs, `click → first picture with lanes, ${words}; reference: goal`),
        measurement(
          pictureMs,
          'ms',
          emptyMs,
          `click → first picture with lanes, ${words}; reference: click → an editor that shows one word`,
        ),
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
  const state = { threads: header.threads, codes: header.codes, ranges: header.session.ranges };
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

/**
 * Opens it in a VS Code of its own, so that memory is that of this file alone, and after a command of the
 * extension's: before it knows the extension's editor, VS Code opens the file as text.
 */
function openTrace(
  folder: string,
  faults: number,
): Promise<{
  readonly pictureMs: number;
  readonly wholeMs: number;
  readonly ownMb: number;
  readonly peakMb: number;
}> {
  return inWorkbench([rootFolder], folder, async (workbench) => {
    await workbench.runCommand('Userfaultfd: Stop Recording');
    const host = await extensionHostPid();
    const lanes = workbench.timelineFrame.locator('uffd-timeline[data-lanes]:not([data-lanes="0"])');
    const clickedMs = await click(workbench, fileName);
    const pictureMs = await seenAfter(clickedMs, lanes);
    const whole = workbench.timelineFrame.locator(`uffd-timeline[data-faults="${faults}"]`);
    const wholeMs = await seenAfter(clickedMs, whole);
    return { pictureMs, wholeMs, ownMb: ownMegabytes(host), peakMb: peakMegabytes(host) };
  });
}

/** The same for an editor that has nothing to show: milliseconds until its page has run its script. */
function openEmpty(folder: string): Promise<number> {
  return inWorkbench([path.join(rootFolder, 'test/bench/emptyEditor')], folder, async (workbench) => {
    await workbench.runCommand('Empty Editor: Do Nothing');
    return seenAfter(await click(workbench, emptyFileName), workbench.timelineFrame.locator('#shown'));
  });
}

async function inWorkbench<Result>(
  extensionFolders: readonly string[],
  folder: string,
  use: (workbench: WorkbenchPage) => Promise<Result>,
): Promise<Result> {
  const server = await startCodeServer({ extensionFolders });
  const browser = await launchChromium();
  try {
    return await use(await WorkbenchPage.open(browser, server.pageUrl(folder)));
  } finally {
    await browser.close();
    await server.stop();
  }
}

/** Opens a file by a click in the explorer. @returns when that was */
async function click(workbench: WorkbenchPage, name: string): Promise<number> {
  const row = workbench.page.locator('.explorer-folders-view .monaco-list-row', { hasText: name });
  await row.waitFor();
  const clickedMs = performance.now();
  await row.click();
  return clickedMs;
}

async function seenAfter(sinceMs: number, element: Locator): Promise<number> {
  await element.waitFor({ timeout: openLimitMs });
  return performance.now() - sinceMs;
}
