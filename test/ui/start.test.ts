/** `npm start -- --pid N`, from the command line to the attached timeline and its end by Ctrl+C. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Browser } from 'playwright-core';
import { eventually } from '../helper/eventually.ts';
import { TargetProcess } from '../helper/targetProcess.ts';
import { startProcess, type RunningProcess } from '../workbench/childProcess.ts';
import { launchChromium } from '../workbench/chromium.ts';
import { rootFolder } from '../workbench/paths.ts';
import { descendantsOf } from '../workbench/processTree.ts';
import { WorkbenchPage } from '../workbench/workbenchPage.ts';

describe('npm start', function () {
  this.timeout(180_000);
  let browser: Browser;
  let target: TargetProcess;
  let start: RunningProcess;
  let address: string;

  before(async () => {
    browser = await launchChromium();
  });
  beforeEach(async () => {
    target = await TargetProcess.start('missing');
    await target.asleep(1);
    // No display and no browser of its own: the test opens the address.
    const env = { ...process.env, DISPLAY: undefined, WAYLAND_DISPLAY: undefined, BROWSER: undefined };
    const program = path.join(rootFolder, 'test/workbench/start.ts');
    start = await startProcess(process.execPath, [program, '--pid', String(target.pid)], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    address = await printedAddress(start);
  });
  afterEach(async () => {
    // It stops what it started first, which takes its time.
    await start.stop(30_000);
    await target.stop();
  });
  after(() => browser.close());

  it('attaches by itself, and again after a reload, and a second window leaves the first alone', async () => {
    const first = await WorkbenchPage.open(browser, address);
    await first.timelineHas('data-held', 1);

    await first.reload();
    await first.timelineHas('data-held', 1);

    const second = await WorkbenchPage.open(browser, address);
    await second.notifications.filter({ hasText: 'Another window of npm start is attached' }).waitFor();
    await first.timelineHas('data-held', 1);
    assert.deepEqual(target.faultCounts(), { pending: 0, total: 1 });
  });

  it('ends everything it started on Ctrl+C and hands the held fault back', async () => {
    const window = await WorkbenchPage.open(browser, address);
    await window.timelineHas('data-held', 1);
    const started = descendantsOf(start.pid);
    assert.notEqual(started.length, 0);

    start.child.kill('SIGINT');
    assert.equal(await start.exited, 130);
    await eventually('no process is left', () => started.every((pid) => !existsSync(`/proc/${pid}`)));
    await target.pending(1);
  });
});

/** The address that `npm start` prints on a line of its own. */
async function printedAddress(start: RunningProcess): Promise<string> {
  const lines = createInterface({ input: start.child.stdout! });
  for await (const line of lines) {
    if (line.startsWith('http://127.0.0.1:')) {
      start.child.stdout?.resume();
      return line;
    }
  }
  throw new Error('npm start ended without an address.');
}
