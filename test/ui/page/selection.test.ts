/** Selecting several faults on the chart. */
import assert from 'node:assert/strict';
import { axisPx } from '../../../webview/render/chartFrame.ts';
import { fourFaults, ms, suiteTimeoutMs, usePage } from './usePage.ts';

/** Width of the lane labels, and height of a lane. */
const gutterPx = 184;
const lanePx = 32;

describe('Several faults selected on the chart', function () {
  this.timeout(suiteTimeoutMs);
  const page = usePage();

  /** Where a moment of a lane is on the screen. */
  async function placeOf(timeMs: number, lane: number): Promise<{ x: number; y: number }> {
    const box = (await page.timeline.byId('chart').boundingBox())!;
    const startNs = Number(await page.timeline.root.getAttribute('data-start-ns'));
    const endNs = Number(await page.timeline.root.getAttribute('data-end-ns'));
    const share = (timeMs * ms - startNs) / (endNs - startNs);
    return {
      x: box.x + gutterPx + share * (box.width - gutterPx),
      y: box.y + axisPx + (lane + 0.5) * lanePx,
    };
  }

  /** Shows all faults, the window at rest. */
  async function openFitted(): Promise<void> {
    await page.open();
    await page.timeline.byId('chart').focus();
    await page.timeline.page.keyboard.press('0');
    await page.timeline.has('following', 'false');
  }

  async function click(timeMs: number, lane: number, key?: 'Control' | 'Shift'): Promise<void> {
    const { x, y } = await placeOf(timeMs, lane);
    if (key !== undefined) {
      await page.timeline.page.keyboard.down(key);
    }
    await page.timeline.page.mouse.click(x, y);
    if (key !== undefined) {
      await page.timeline.page.keyboard.up(key);
    }
  }

  async function lastSent(): Promise<unknown> {
    return (await page.timeline.sent('selection/didChange')).at(-1);
  }

  it('are those in a box that is drawn', async () => {
    await openFitted();
    const from = await placeOf(450, 0);
    const to = await placeOf(650, 1);
    const { mouse } = page.timeline.page;
    await mouse.move(from.x, from.y);
    await mouse.down();
    await mouse.move(to.x, to.y, { steps: 4 });
    await mouse.up();
    await page.timeline.has('selected-count', 2);
    assert.deepEqual(await lastSent(), { sessionId: 1, faultId: 3, faultIds: [2, 3] });
  });

  it('are added and taken out by Ctrl+click, in the order of the clicks', async () => {
    await openFitted();
    await click(680, 1);
    await page.timeline.has('selected', 3);
    await click(800, 2, 'Control');
    await click(600, 0, 'Control');
    await page.timeline.has('selected-count', 3);
    assert.deepEqual(await lastSent(), { sessionId: 1, faultId: 2, faultIds: [3, 4, 2] });
    await click(800, 2, 'Control');
    await page.timeline.has('selected-count', 2);
    assert.deepEqual(await lastSent(), { sessionId: 1, faultId: 2, faultIds: [3, 2] });
  });

  it('reach up to the fault clicked with Shift', async () => {
    await openFitted();
    await click(150, 0);
    await page.timeline.has('selected', 1);
    await click(680, 1, 'Shift');
    await page.timeline.has('selected-count', 3);
    assert.deepEqual(await lastSent(), { sessionId: 1, faultId: 3, faultIds: [1, 2, 3] });
  });

  it('are extended by Shift and the arrow keys', async () => {
    await openFitted();
    await page.select(2);
    await page.timeline.page.keyboard.press('Shift+ArrowLeft');
    await page.timeline.has('selected-count', 2);
    await page.timeline.has('selected', 1);
    await page.timeline.page.keyboard.press('ArrowRight');
    await page.timeline.has('selected-count', 1);
    await page.timeline.has('selected', 2);
  });

  it('are all held ones by H, those of the range by Shift+H, and fewer by each Escape', async () => {
    await openFitted();
    await page.timeline.page.keyboard.press('h');
    await page.timeline.has('selected-count', 2);
    assert.deepEqual(await lastSent(), { sessionId: 1, faultId: 2, faultIds: [2, 3] });
    await page.timeline.byId('announcement').getByText('2 faults selected.').waitFor({ state: 'attached' });
    await page.timeline.page.keyboard.press('Escape');
    await page.timeline.has('selected-count', 1);
    await page.timeline.has('selected', 2);
    await page.timeline.page.keyboard.press('Shift+H');
    await page.timeline.has('selected-count', 2);
    await page.timeline.page.keyboard.press('Escape');
    await page.timeline.page.keyboard.press('Escape');
    await page.timeline.has('selected-count', 0);
    assert.deepEqual(await lastSent(), { sessionId: 1, faultId: null, faultIds: [] });
  });

  it('are all outlined', async () => {
    await openFitted();
    const overlay = page.timeline.byId('chart').locator('canvas').nth(1);
    /** Pixels of the overlay in the rows of a lane that are not clear. */
    const painted = (lane: number): Promise<number> =>
      overlay.evaluate(
        async (element, [topPx, heightPx, leftPx]) => {
          await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
          const canvas = element as HTMLCanvasElement;
          const width = canvas.width - leftPx;
          const { data } = canvas.getContext('2d')!.getImageData(leftPx, topPx, width, heightPx);
          return data.filter((value, at) => at % 4 === 3 && value > 0).length;
        },
        [axisPx + lane * lanePx, lanePx, gutterPx] as const,
      );
    await page.timeline.page.mouse.move(2, 2);
    assert.equal((await painted(0)) + (await painted(1)) + (await painted(2)), 0);
    await page.timeline.page.keyboard.press('h');
    await page.timeline.has('selected-count', 2);
    assert.ok((await painted(0)) > 50);
    assert.ok((await painted(1)) > 50);
    assert.equal(await painted(2), 0);
  });

  it('are restored after a reload', async () => {
    await openFitted();
    await page.timeline.page.keyboard.press('h');
    await page.timeline.page.waitForFunction(
      () => sessionStorage.getItem('fakeHostState')?.includes('"selectedIds":[2,3]') === true,
    );
    await page.timeline.page.reload();
    await page.timeline.has('selected-count', 2);
    await page.timeline.has('faults', fourFaults().filter((row) => row.kind === 'raised').length);
  });
});
