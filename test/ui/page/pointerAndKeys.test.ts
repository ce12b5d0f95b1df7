/** The chart by mouse and keyboard. */
import assert from 'node:assert/strict';
import { endedView, suiteTimeoutMs, usePage } from './usePage.ts';

/** Width of the lane labels. */
const gutterPx = 184;

describe('The chart by mouse and keyboard', function () {
  this.timeout(suiteTimeoutMs);
  const page = usePage();

  it('has the focus on the chart from the start, and counts who is held and asleep', async () => {
    await page.open();
    await page.timeline.byId('chart').and(page.timeline.page.locator(':focus')).waitFor();
    await page.timeline.byId('held-count').getByText('2 held · 1 asleep').waitFor();
    await page.timeline.byId('announcement').getByText('2 faults held.').waitFor({ state: 'attached' });
  });

  it('selects the fault that is clicked, and pauses following', async () => {
    await page.open();
    await page.timeline.has('following', 'true');
    const box = (await page.timeline.byId('chart').boundingBox())!;
    // Following shows 10 s from just before the start; fault 3 began at 0.6 s and is held.
    const xPx = box.x + gutterPx + ((0.8 + 0.2) / 10) * (box.width - gutterPx);
    await page.timeline.page.mouse.click(xPx, box.y + 28 + 32 + 16);
    await page.timeline.has('selected', 3);
    await page.timeline.has('following', 'false');
    await page.timeline.byId('follow').click();
    await page.timeline.has('following', 'true');
  });

  it('pins the tooltip of the fault that is Alt-clicked, and none by a lane’s label', async () => {
    await page.open();
    await page.timeline.has('faults', 4);
    const box = (await page.timeline.byId('chart').boundingBox())!;
    const yPx = box.y + 28 + 32 + 16;
    const altClick = async (xPx: number): Promise<void> => {
      await page.timeline.page.keyboard.down('Alt');
      await page.timeline.page.mouse.click(xPx, yPx);
      await page.timeline.page.keyboard.up('Alt');
    };
    const pinned = page.timeline.byId('pinned-tooltip');
    await altClick(box.x + gutterPx + (1 / 10) * (box.width - gutterPx));
    await pinned.getByText('Fault 3').first().waitFor();
    await altClick(box.x + gutterPx / 2);
    await pinned.waitFor({ state: 'hidden' });
  });

  it('fits the fault that is clicked twice', async () => {
    await page.open({ view: endedView });
    await page.timeline.has('faults', 4);
    const box = (await page.timeline.byId('chart').boundingBox())!;
    await page.select(2);
    await page.timeline.page.keyboard.press('Escape');
    const before = Number(await page.timeline.root.getAttribute('data-end-ns'));
    await page.timeline.page.mouse.dblclick(box.x + box.width - 40, box.y + 28 + 16);
    await page.timeline.has('selected', 2);
    await page.timeline.page.waitForFunction(
      (wholeNs) => Number(document.querySelector('uffd-timeline')!.getAttribute('data-end-ns')) !== wholeNs,
      before,
    );
  });

  it('moves along a thread and between threads by the arrow keys', async () => {
    await page.open();
    await page.select(2);
    await page.timeline.page.keyboard.press('ArrowLeft');
    await page.timeline.has('selected', 1);
    await page.timeline.page.keyboard.press('>');
    await page.timeline.has('selected', 2);
    await page.timeline.page.keyboard.press('ArrowDown');
    await page.timeline.has('selected', 3);
    await page.timeline.page.keyboard.press('n');
    await page.timeline.has('selected', 4);
    await page.timeline.page.keyboard.press('n');
    await page.timeline.has('selected', 2);
    await page.timeline
      .byId('announcement')
      .getByText('Fault 2, postcopy 4242')
      .waitFor({ state: 'attached' });
  });

  it('leaves keys to the field that has the focus, and returns from it by Escape', async () => {
    await page.open();
    await page.select(2);
    const fill = page.timeline.byId('resolve-fill');
    await fill.fill('');
    await fill.pressSequentially('0x5n0');
    assert.equal(await fill.inputValue(), '0x5n0');
    await page.timeline.has('selected', 2);
    await page.timeline.page.keyboard.press('Escape');
    await page.timeline.byId('chart').and(page.timeline.page.locator(':focus')).waitFor();
    await page.timeline.has('selected', 2);
  });

  it('lists its keys', async () => {
    await page.open();
    await page.timeline.byId('chart').focus();
    await page.timeline.page.keyboard.press('?');
    await page.timeline.byId('keys').getByText('Go to Next Held Fault').waitFor();
    await page.timeline.page.keyboard.press('Escape');
    await page.timeline.byId('keys').waitFor({ state: 'detached' });
  });

  it('zooms around the pointer and pans by dragging with Shift', async () => {
    await page.open();
    await page.timeline.has('faults', 4);
    const windowNs = async (): Promise<[number, number]> => [
      Number(await page.timeline.root.getAttribute('data-start-ns')),
      Number(await page.timeline.root.getAttribute('data-end-ns')),
    ];
    const widthPx = (await page.timeline.byId('chart').boundingBox())!.width - gutterPx;
    const yPx = 300;
    await page.timeline.page.keyboard.down('Shift');
    await page.timeline.page.mouse.move(600, yPx);
    await page.timeline.page.mouse.down();
    await page.timeline.page.mouse.move(500, yPx, { steps: 4 });
    await page.timeline.page.mouse.up();
    await page.timeline.page.keyboard.up('Shift');
    await page.timeline.has('following', 'false');
    const [startNs, endNs] = await windowNs();
    await page.timeline.page.keyboard.down('Control');
    await page.timeline.page.mouse.wheel(0, -60);
    await page.timeline.page.keyboard.up('Control');
    await page.timeline.page.waitForFunction(
      (old) => document.querySelector('uffd-timeline')?.getAttribute('data-start-ns') !== old,
      String(startNs),
    );
    const [nearStartNs, nearEndNs] = await windowNs();
    const spanNs = nearEndNs - nearStartNs;
    assert.ok(spanNs < 0.6 * (endNs - startNs));
    const share = (500 - gutterPx) / widthPx;
    const movedNs = nearStartNs + share * spanNs - (startNs + share * (endNs - startNs));
    assert.ok(Math.abs(movedNs) < spanNs / widthPx, 'the time under the pointer stays there');
  });
});
