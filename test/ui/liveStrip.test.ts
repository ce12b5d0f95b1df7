/** The live strip in the bottom panel of a real VS Code. */
import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import type { Frame, Locator } from 'playwright-core';
import { TargetProcess } from '../helper/targetProcess.ts';
import { useWorkbench } from './useWorkbench.ts';

const patienceMs = 30_000;
/** A frame that is just being loaded cannot be asked. */
const no = (): boolean => false;

describe('The live strip in the workbench', function () {
  this.timeout(120_000);
  const ui = useWorkbench();

  /** The page with this root element, once it is there; strip and timeline may be open both. */
  async function frameOf(root: 'uffd-strip' | 'uffd-timeline'): Promise<Frame> {
    const deadlineMs = Date.now() + patienceMs;
    while (Date.now() < deadlineMs) {
      for (const frame of ui.workbench.page.frames()) {
        if (await frame.evaluate((name) => document.querySelector(name) !== null, root).catch(no)) {
          return frame;
        }
      }
      await setTimeout(50);
    }
    throw new Error(`${root} did not come`);
  }

  /** Something in the strip's page. */
  async function strip(testId: string): Promise<Locator> {
    return (await frameOf('uffd-strip')).getByTestId(testId);
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

  /** Presses Tab until the focus is there. */
  async function tabTo(selector: string): Promise<void> {
    const { page } = ui.workbench;
    for (let n = 0; n < 12; n++) {
      const isThere = await (
        await strip('strip-follow')
      )
        .or(await strip('strip-attach'))
        .first()
        .evaluate((element, wanted) => {
          const root = element.getRootNode() as ShadowRoot;
          return document.hasFocus() && root.activeElement?.matches(wanted) === true;
        }, selector);
      if (isThere) {
        return;
      }
      await page.keyboard.press('Tab');
    }
    assert.fail(`Tab does not lead to ${selector}`);
  }

  it('is used by keyboard alone: attach, pause, and from the last faults to the timeline', async () => {
    const { workbench } = ui;
    const { keyboard } = workbench.page;
    const target = await TargetProcess.start('missing', '--pages', '2');
    try {
      await target.asleep(1);
      await workbench.runCommand('Focus on Live View');
      await (await strip('strip-attach')).waitFor();
      await tabTo('[data-testid=strip-attach]');
      await keyboard.press('Enter');
      await workbench.isAsked('Choose a process that uses userfaultfd');
      await workbench.answer(String(target.pid), 'missing');
      const timeline = await frameOf('uffd-timeline');
      await timeline.locator('uffd-timeline[data-held="1"]').waitFor();
      // Woken without a page, its thread faults again.
      await timeline.getByTestId('chart').press('n');
      await timeline.getByTestId('wake').press('Enter');
      await timeline.locator('uffd-timeline[data-faults="2"]').waitFor();
      await workbench.runCommand('Focus on Live View');
      await (await strip('strip-faults')).waitFor();
      await tabTo('[data-testid=strip-follow]');
      await keyboard.press('Space');
      await (await strip('strip-follow')).locator('vscode-icon[name=play]').waitFor();
      await tabTo('li > button');
      await keyboard.press('End');
      await keyboard.press('Enter');
      await timeline.locator('uffd-timeline[data-selected="1"]').waitFor();
    } finally {
      await target.stop();
    }
  });
});
