/** The live strip in the bottom panel of a real VS Code. */
import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import type { Locator } from 'playwright-core';
import { TargetProcess } from '../helper/targetProcess.ts';
import { useWorkbench } from './useWorkbench.ts';

const patienceMs = 30_000;
/** A frame that is just being loaded cannot be asked. */
const no = (): boolean => false;

describe('The live strip in the workbench', function () {
  this.timeout(120_000);
  const ui = useWorkbench();

  /** Something in the strip's page, once that is there; the timeline may be open too. */
  async function strip(testId: string): Promise<Locator> {
    const deadlineMs = Date.now() + patienceMs;
    while (Date.now() < deadlineMs) {
      for (const frame of ui.workbench.page.frames()) {
        const isStrip = await frame.evaluate(() => document.querySelector('uffd-strip') !== null).catch(no);
        if (isStrip) {
          return frame.getByTestId(testId);
        }
      }
      await setTimeout(50);
    }
    throw new Error('the live strip did not come');
  }

  it('offers to attach, then shows the held fault of the session, and pauses', async () => {
    const { workbench } = ui;
    const target = await TargetProcess.start('missing', '--pages', '2');
    try {
      await target.asleep(1);
      await workbench.runCommand('Focus on Live View');
      await (await strip('strip-attach')).click();
      await workbench.isAsked('Choose a process that uses userfaultfd');
      await workbench.answer(String(target.pid), 'missing');
      await (await strip('strip-counts')).filter({ hasText: /1 open · 1 held/ }).waitFor();
      await (await strip('strip-follow')).click();
      await (await strip('strip-follow')).locator('vscode-icon[name=play]').waitFor();
      assert.match((await (await strip('strip-sparkline')).getAttribute('aria-label'))!, /no fault ended/);
    } finally {
      await target.stop();
    }
  });
});
