/** The find widget: what it finds, how one steps through it, and how it looks. */
import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { liveView, SampleLog, showcaseRows } from './sampleTrace.ts';
import { fourFaults, ms, suiteTimeoutMs, usePage } from './usePage.ts';

describe('The find widget', function () {
  this.timeout(suiteTimeoutMs);
  const page = usePage();

  const byId = (testId: string): Locator => page.timeline.byId(testId);
  const focused = (locator: Locator): Locator => locator.and(page.timeline.page.locator(':focus'));
  const counts = (text: string | RegExp): Promise<void> =>
    byId('find-count').filter({ hasText: text }).waitFor();
  const press = (key: string): Promise<void> => page.timeline.page.keyboard.press(key);

  /** Does the command that Ctrl+F is bound to. */
  async function find(text: string): Promise<void> {
    await page.timeline.has('session', 'live');
    await page.timeline.notify('view/command', { command: 'find' });
    await focused(byId('find-text')).waitFor();
    await page.timeline.page.keyboard.type(text);
  }

  it('steps with Enter and Shift+Enter through what it finds, round at the ends', async () => {
    await page.open();
    await find('4242');
    await counts('? of 2');
    await press('Enter');
    await page.timeline.has('selected', 1);
    await counts('1 of 2');
    await press('Enter');
    await page.timeline.has('selected', 2);
    await counts('2 of 2');
    await press('Enter');
    await page.timeline.has('selected', 1);
    await press('Shift+Enter');
    await page.timeline.has('selected', 2);
    await focused(byId('find-text')).waitFor();
  });

  it('finds by address, state and number as the filter does, and says when nothing is found', async () => {
    await page.open();
    await find('0x7f3a5c003');
    await counts('? of 1');
    await press('Enter');
    await page.timeline.has('selected', 3);
    await byId('find-text').fill('held');
    await counts('2 of 2');
    await byId('find-text').fill('no such thread');
    await counts('No results');
    assert.equal(await byId('find-text').getAttribute('aria-invalid'), 'true');
    assert.equal(await byId('find-next').getAttribute('aria-disabled'), 'true');
    await press('Enter');
    await page.timeline.has('selected', 3);
    await byId('find-text').fill('');
    await byId('find-count').filter({ hasText: /^$/ }).waitFor({ state: 'attached' });
  });

  it('steps with its buttons and with F3, also from the chart', async () => {
    await page.open();
    await find('held');
    await byId('find-next').click();
    await page.timeline.has('selected', 2);
    await byId('find-previous').click();
    await page.timeline.has('selected', 3);
    await byId('find-text').focus();
    await press('F3');
    await page.timeline.has('selected', 2);
    await byId('chart').focus();
    await press('Shift+F3');
    await page.timeline.has('selected', 3);
    await focused(byId('chart')).waitFor();
  });

  it('closes at Escape and gives the focus back; F3 then opens it again and goes on', async () => {
    await page.open();
    await find('held');
    await press('Enter');
    await page.timeline.has('selected', 2);
    await press('Escape');
    await byId('find').waitFor({ state: 'detached' });
    await focused(byId('chart')).waitFor();
    await page.timeline.has('selected', 2);
    await press('F3');
    await byId('find').waitFor();
    await page.timeline.has('selected', 3);
    await focused(byId('chart')).waitFor();
    await page.timeline.notify('view/command', { command: 'find' });
    await focused(byId('find-text')).waitFor();
    assert.equal(await byId('find-text').inputValue(), 'held', 'it still knows what was looked for');
    await byId('find-close').click();
    await focused(byId('chart')).waitFor();
  });

  it('becomes the filter', async () => {
    await page.open();
    await find('4242 held');
    await counts('? of 1');
    await byId('find-filter').click();
    await byId('find').waitFor({ state: 'detached' });
    await byId('filter-count').filter({ hasText: '1 of 4 faults' }).waitFor();
    await focused(byId('chart')).waitFor();
  });

  it('looks only among what the filter lets through', async () => {
    await page.open();
    await find('held');
    await byId('find-filter').click();
    await find('worker');
    await counts('? of 1');
    await press('Enter');
    await page.timeline.has('selected', 3);
  });

  it('counts faults as they come', async () => {
    await page.open();
    await find('4243');
    await counts('? of 1');
    const log = new SampleLog();
    const known = fourFaults().length;
    for (let n = 0; n < 5; n++) {
      log.fault({ tid: 4243, raisedNs: (1000 + n) * ms, page: 10 + n });
    }
    const rows = log.rows().map((row) => ({ ...row, faultId: row.faultId + 4 }));
    await page.timeline.append(known + 1, rows, 1100 * ms);
    await counts('? of 6');
  });

  it('goes to what it finds in a long time, and shows it', async () => {
    await page.open(showcaseRows());
    await find('held');
    await counts(/^\? of [1-9]/);
    await press('Enter');
    await counts(/^[1-9]\d* of [1-9]/);
    const id = Number(await page.timeline.root.getAttribute('data-selected'));
    assert.ok(id > 0);
  });

  it('finds and steps among very many faults', async () => {
    const log = new SampleLog();
    for (let n = 0; n < 150_000; n++) {
      log.fault({ tid: 4242 + (n % 5), raisedNs: n * 1000, page: n % 4096, readAfterNs: 300 });
    }
    await page.open({ view: { ...liveView, endText: 'Over.', endReason: 'detached' }, rows: log.rows() });
    await page.timeline.has('faults', 150_000);
    await page.timeline.notify('view/command', { command: 'find' });
    await focused(byId('find-text')).waitFor();
    await byId('find-text').fill('0x7f3a5c123');
    await counts(/^\? of \d+$/);
    await press('Enter');
    await counts(/^\d+ of \d+$/);
  });

  it('is a search with a live count and named buttons', async () => {
    await page.open();
    await find('held');
    const { page: browserPage } = page.timeline;
    await browserPage.getByRole('search', { name: 'Find in timeline' }).waitFor();
    await browserPage.getByRole('textbox', { name: 'Find faults' }).waitFor();
    assert.equal(await byId('find-count').getAttribute('role'), 'status');
    for (const name of [/^Previous Match/, /^Next Match/, /^Show Only Matches/, /^Close/]) {
      await browserPage.getByRole('button', { name }).waitFor();
    }
  });

  for (const theme of ['dark', 'light', 'highContrast', 'highContrastLight'] as const) {
    it(`lies over the chart’s corner, whole and in the theme’s colours: ${theme}`, async () => {
      await page.open(showcaseRows(), { theme });
      await find('held');
      await press('Enter');
      await counts(/^[1-9]\d* of/);
      const widget = (await byId('find').boundingBox())!;
      const chart = (await byId('chart').boundingBox())!;
      assert.ok(widget.x > chart.x + chart.width / 2 && widget.x + widget.width <= chart.x + chart.width);
      assert.ok(Math.abs(widget.y - chart.y) < 4, 'it hangs from the upper edge');
      const [background, wanted] = await byId('find').evaluate((element) => {
        const probe = document.createElement('span');
        probe.style.color = getComputedStyle(document.body).getPropertyValue(
          '--vscode-editorWidget-background',
        );
        document.body.append(probe);
        return [getComputedStyle(element).backgroundColor, getComputedStyle(probe).color];
      });
      assert.equal(background, wanted);
      const folder = process.env['UFFD_FIND_SHOTS'];
      if (folder !== undefined) {
        await page.timeline.page.screenshot({ path: `${folder}/find-${theme}.png` });
      }
    });
  }
});
