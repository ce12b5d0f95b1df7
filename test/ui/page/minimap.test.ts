/** The minimap, by mouse and keyboard. */
import assert from 'node:assert/strict';
import { endedView, suiteTimeoutMs, usePage } from './usePage.ts';

describe('The minimap', function () {
  this.timeout(suiteTimeoutMs);
  const page = usePage();

  const windowNs = async (): Promise<[number, number]> => [
    Number(await page.timeline.root.getAttribute('data-start-ns')),
    Number(await page.timeline.root.getAttribute('data-end-ns')),
  ];

  /** The brush, once it is painted. */
  async function openFitted() {
    // Of a session that is over, so that all its time stands still.
    await page.open({ view: endedView });
    await page.timeline.page.keyboard.press('0');
    await page.timeline.has('following', 'false');
    const brush = page.timeline.byId('minimap');
    await page.timeline.page.waitForFunction(() => {
      const chart = document.querySelector('uffd-timeline')?.shadowRoot?.querySelector('uffd-chart');
      const minimap = chart?.shadowRoot?.querySelector('uffd-minimap');
      return minimap?.shadowRoot?.querySelector('.brush')?.hasAttribute('aria-valuetext') === true;
    });
    return { brush, box: (await brush.boundingBox())!, mouse: page.timeline.page.mouse };
  }

  async function drag(fromPx: number, toPx: number, yPx: number): Promise<void> {
    const { mouse } = page.timeline.page;
    await mouse.move(fromPx, yPx);
    await mouse.down();
    await mouse.move(toPx, yPx, { steps: 4 });
    await mouse.up();
  }

  /** Makes the window the middle half. */
  async function openHalf() {
    const opened = await openFitted();
    const { box } = opened;
    const yPx = box.y + box.height / 2;
    // Everything shows, so what can be drawn on lies beside the window: zoom in first.
    await page.timeline.byId('chart').focus();
    for (let n = 0; n < 3; n++) {
      await page.timeline.page.keyboard.press('w');
    }
    await drag(box.x + box.width * 0.02, box.x + box.width * 0.2, yPx);
    return { ...opened, yPx };
  }

  it('makes a new window where it is drawn beside the old one', async () => {
    const { box } = await openHalf();
    const [startNs, endNs] = await windowNs();
    assert.ok(
      endNs - startNs < 0.3e9 && startNs < 0.2e9,
      `${startNs} to ${endNs} of about 1 s, from ${box.x}`,
    );
  });

  it('moves the window by dragging in it, its width unchanged', async () => {
    const { box, yPx } = await openHalf();
    const [startNs, endNs] = await windowNs();
    await drag(box.x + box.width * 0.1, box.x + box.width * 0.5, yPx);
    const [movedNs, movedEndNs] = await windowNs();
    assert.ok(movedNs - startNs > 0.2e9);
    assert.ok(Math.abs(movedEndNs - movedNs - (endNs - startNs)) < 2);
  });

  it('resizes the window by its edges', async () => {
    const { box, yPx } = await openHalf();
    const [startNs, endNs] = await windowNs();
    await drag(box.x + box.width * 0.2, box.x + box.width * 0.6, yPx);
    const [sameNs, laterNs] = await windowNs();
    assert.ok(Math.abs(sameNs - startNs) < 1);
    assert.ok(laterNs - endNs > 0.2e9);
  });

  it('shows everything at a double click', async () => {
    const { brush } = await openHalf();
    await brush.dblclick({ position: { x: 40, y: 20 } });
    await page.timeline.page.waitForFunction(() => {
      const { startNs, endNs } = document.querySelector<HTMLElement>('uffd-timeline')!.dataset;
      return Number(endNs) - Number(startNs) > 0.6e9;
    });
  });

  it('is a slider whose window the arrow keys move, and with Shift resize', async () => {
    const { brush } = await openHalf();
    await brush.focus();
    const [startNs, endNs] = await windowNs();
    await page.timeline.page.keyboard.press('ArrowRight');
    const [movedNs, movedEndNs] = await windowNs();
    assert.ok(movedNs > startNs && movedEndNs > endNs);
    await page.timeline.page.keyboard.press('Shift+ArrowRight');
    const [sameNs, widerNs] = await windowNs();
    assert.equal(sameNs, movedNs);
    assert.ok(widerNs > movedEndNs);
    await page.timeline.page.evaluate(
      () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
    );
    assert.match((await brush.getAttribute('aria-valuetext')) ?? '', /^From 0\.\d+.* s, .* long, of /);
  });
});
