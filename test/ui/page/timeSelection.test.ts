/** Selecting time on the chart, and marks. */
import assert from 'node:assert/strict';
import { liveView } from './sampleTrace.ts';
import { endedView, ms, suiteTimeoutMs, usePage } from './usePage.ts';

const gutterPx = 184;

describe('The time selection and the marks', function () {
  this.timeout(suiteTimeoutMs);
  const page = usePage();

  /** @param view an ended one keeps its scale, so that a selection's label covers the same place always */
  async function openFitted(view = liveView): Promise<void> {
    await page.open({ view });
    await page.timeline.byId('chart').focus();
    await page.timeline.page.keyboard.press('0');
    await page.timeline.has('following', 'false');
  }

  async function xOf(timeMs: number): Promise<number> {
    const box = (await page.timeline.byId('chart').boundingBox())!;
    const startNs = Number(await page.timeline.root.getAttribute('data-start-ns'));
    const endNs = Number(await page.timeline.root.getAttribute('data-end-ns'));
    return box.x + gutterPx + ((timeMs * ms - startNs) / (endNs - startNs)) * (box.width - gutterPx);
  }

  async function dragOnAxis(fromMs: number, toMs: number): Promise<void> {
    const { mouse } = page.timeline.page;
    const y = (await page.timeline.byId('chart').boundingBox())!.y + 8;
    await mouse.move(await xOf(fromMs), y);
    await mouse.down();
    await mouse.move(await xOf(toMs), y, { steps: 4 });
    await mouse.up();
  }

  async function selection(): Promise<number[]> {
    const text = (await page.timeline.root.getAttribute('data-time-selection')) ?? '';
    return text === '' ? [] : text.split(' ').map((ns) => Number(ns) / ms);
  }

  it('is drawn on the axis, snaps to the edges of faults and says what is in it', async () => {
    await openFitted();
    await dragOnAxis(103, 192);
    assert.deepEqual(await selection(), [100, 195]);
    await page.timeline.byId('time-selection').getByText('95.0 ms · 1 fault · 95.0 ms').waitFor();
    await page.timeline.has('selected-count', 0);
  });

  it('counts faults that are still asleep apart', async () => {
    await openFitted(endedView);
    await dragOnAxis(300, 660);
    await page.timeline.byId('time-selection').getByText('2 faults · 2 still asleep').waitFor();
  });

  it('stays where it is beyond the reach of the faults', async () => {
    await openFitted(endedView);
    await dragOnAxis(300, 400);
    const [startMs = 0, endMs = 0] = await selection();
    assert.ok(Math.abs(startMs - 300) < 2 && Math.abs(endMs - 400) < 2, `${startMs} to ${endMs}`);
  });

  it('comes with the box that is drawn over faults', async () => {
    await openFitted();
    const { mouse } = page.timeline.page;
    const box = (await page.timeline.byId('chart').boundingBox())!;
    await mouse.move(await xOf(450), box.y + 50);
    await mouse.down();
    await mouse.move(await xOf(650), box.y + 84, { steps: 4 });
    await mouse.up();
    await page.timeline.has('selected-count', 2);
    assert.equal((await selection()).length, 2);
  });

  it('has edges that can be dragged, and moved by the arrow keys', async () => {
    await openFitted(endedView);
    await dragOnAxis(300, 400);
    const [startMs = 0, before = 0] = await selection();
    const edge = page.timeline.byId('time-end');
    const place = (await edge.boundingBox())!;
    const { mouse, keyboard } = page.timeline.page;
    await mouse.move(place.x + place.width / 2, place.y + 10);
    await mouse.down();
    await mouse.move((await xOf(501)) + 2, place.y + 10, { steps: 4 });
    await mouse.up();
    assert.deepEqual(await selection(), [startMs, 500]);
    await edge.focus();
    await keyboard.press('ArrowLeft');
    const [, moved = 0] = await selection();
    assert.ok(moved < 500 && moved > 490, String(moved));
    assert.ok(before < moved);
    assert.match((await edge.getAttribute('aria-valuetext')) ?? '', /^0\.49/);
  });

  it('is given up by Escape while it is drawn, and cleared by Escape then', async () => {
    await openFitted(endedView);
    await dragOnAxis(100, 195);
    const { mouse, keyboard } = page.timeline.page;
    const y = (await page.timeline.byId('chart').boundingBox())!.y + 8;
    await mouse.move(await xOf(600), y);
    await mouse.down();
    await mouse.move(await xOf(700), y, { steps: 3 });
    await keyboard.press('Escape');
    await mouse.up();
    assert.deepEqual(await selection(), [100, 195]);
    await keyboard.press('Escape');
    await page.timeline.has('time-selection', '');
  });

  it('is made, marked, named, stepped through and removed by keyboard alone', async () => {
    await openFitted();
    const { keyboard } = page.timeline.page;
    await page.select(2);
    await keyboard.press('ArrowLeft');
    await page.timeline.has('selected', 1);
    await keyboard.press('r');
    assert.deepEqual(await selection(), [100, 195]);
    await keyboard.press('m');
    await page.timeline.byId('mark').getByText('95.0 ms').waitFor();
    await keyboard.press('Shift+M');
    await page.timeline.byId('mark-name').and(page.timeline.page.locator(':focus')).waitFor();
    await keyboard.type('first page');
    await keyboard.press('Enter');
    await page.timeline.has('marks', 'first page');
    await page.timeline.byId('chart').and(page.timeline.page.locator(':focus')).waitFor();
    await keyboard.press('Escape');
    await keyboard.press('Escape');
    await page.timeline.has('time-selection', '');
    await keyboard.press('r');
    await keyboard.press('Shift+M');
    await keyboard.press('Escape');
    await page.timeline.has('marks', 'Mark 1|first page');
    await keyboard.press(']');
    assert.deepEqual(await selection(), [100, 195]);
    await keyboard.press('Delete');
    await page.timeline.has('marks', 'Mark 1');
  });

  it('is there again after a reload, with the marks that were kept', async () => {
    await openFitted(endedView);
    const { keyboard } = page.timeline.page;
    await dragOnAxis(100, 195);
    await keyboard.press('m');
    await keyboard.press('Shift+M');
    await page.timeline.byId('mark-name').and(page.timeline.page.locator(':focus')).waitFor();
    await keyboard.type('kept');
    await keyboard.press('Enter');
    await dragOnAxis(500, 600);
    await keyboard.press('m');
    await page.timeline.has('marks', 'kept|');
    // The state is saved while the user still drags, too.
    await page.timeline.page.waitForFunction(() =>
      /"timeSelection":\{"startNs":500000000,"endNs":600000000\b/.test(
        sessionStorage.getItem('fakeHostState') ?? '',
      ),
    );
    await page.timeline.page.reload();
    await page.timeline.has('marks', 'kept');
    assert.deepEqual(await selection(), [500, 600]);
  });

  it('says so when there is no mark to go to', async () => {
    await openFitted();
    await page.timeline.page.keyboard.press(']');
    await page.timeline.byId('told').getByText('There are no marks').waitFor();
  });
});
