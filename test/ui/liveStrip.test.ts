/** The live strip in the bottom panel of a real VS Code. */
import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { TargetProcess } from '../helper/targetProcess.ts';
import { useWorkbench } from './useWorkbench.ts';

describe('The live strip in the workbench', function () {
  this.timeout(120_000);
  const ui = useWorkbench();

  /** Something in the strip's page; the timeline may be open too. */
  async function strip(testId: string): Promise<Locator> {
    const { page } = ui.workbench;
    const frames = page.locator('iframe.webview.ready');
    for (;;) {
      for (let n = 0; n < (await frames.count()); n++) {
        const root = frames.nth(n).contentFrame().locator('iframe').contentFrame().locator('uffd-strip');
        if ((await root.count()) === 1) {
          return root.getByTestId(testId);
        }
      }
      await page.waitForFunction(() => true);
    }
  }

  it('offers to attach, then shows the held fault of the session, and pauses', async () => {
    const { workbench } = ui;
    const target = await TargetProcess.start('missing', '--pages', '2');
    try {
      await target.asleep(1);
      await workbench.runCommand('View: Focus on Live View');
      await (await strip('strip-attach')).click();
      await workbench.isAsked('Choose a process that uses userfaultfd');
      await workbench.answer(String(target.pid), 'missing');
      await (await strip('strip-counts')).filter({ hasText: /1 open · 1 held/ }).waitFor();
      await (await strip('strip-follow')).click();
      await (await strip('strip-follow')).and(workbench.page.locator('[aria-pressed=false]')).waitFor();
      assert.match((await (await strip('strip-sparkline')).getAttribute('aria-label'))!, /no fault ended/);
    } finally {
      await target.stop();
    }
  });
});
