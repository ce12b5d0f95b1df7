/** The filter's menu, and what of the page heeds the filter. */
import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { axeViolations } from './axeViolations.ts';
import { liveView, SampleLog, showcaseRows } from './sampleTrace.ts';
import { endedView, ms, suiteTimeoutMs, usePage } from './usePage.ts';

const gutterPx = 184;

describe('The filter’s menu', function () {
  this.timeout(suiteTimeoutMs);
  const page = usePage();

  const byId = (testId: string): Locator => page.timeline.byId(testId);
  const focused = (testId: string): Promise<void> =>
    byId(testId).and(page.timeline.page.locator(':focus')).waitFor();
  const press = (key: string): Promise<void> => page.timeline.page.keyboard.press(key);
  const left = (text: string): Promise<void> => byId('filter-count').filter({ hasText: text }).waitFor();

  async function openMenu(): Promise<void> {
    await byId('chart').focus();
    await press('k');
    await focused('filter-kind-missing');
  }

  it('chooses kinds and threads by keyboard alone, and gives the focus back to the chart', async () => {
    await page.open();
    await openMenu();
    await press('ArrowDown');
    await focused('filter-kind-write');
    await press(' ');
    await byId('chip-kinds').getByText('writes to missing pages').waitFor();
    await left('1 of 4 faults');
    await press(' ');
    await byId('filter-chips').waitFor({ state: 'detached' });
    for (let n = 0; n < 3; n++) {
      await press('ArrowDown');
    }
    await focused('filter-thread-4242');
    await press(' ');
    await byId('chip-tids').getByText('postcopy 4242').waitFor();
    await left('2 of 4 faults');
    await press('End');
    await focused('filter-thread-4244');
    await press(' ');
    await left('3 of 4 faults');
    await press('Escape');
    await byId('filter-menu').waitFor({ state: 'detached' });
    await focused('chart');
    await left('3 of 4 faults');
    await byId('filter-button').locator('vscode-icon[name=filter-filled]').waitFor();
  });

  it('opens and closes by its button, and when the focus goes elsewhere', async () => {
    await page.open();
    await byId('filter-button').focus();
    await press('Enter');
    await focused('filter-kind-missing');
    assert.equal(await byId('filter-button').getAttribute('aria-expanded'), 'true');
    await press('Escape');
    await focused('filter-button');
    await byId('filter-button').click();
    await byId('filter-menu').waitFor();
    await byId('filter-menu').getByText('Access').click();
    await byId('filter-menu').waitFor();
    await byId('filter-button').click();
    await byId('filter-menu').waitFor({ state: 'detached' });
    await openMenu();
    await byId('chart').click({ position: { x: 400, y: 300 } });
    await byId('filter-menu').waitFor({ state: 'detached' });
  });

  it('sets the state too, and clears the filter', async () => {
    await page.open();
    await openMenu();
    await byId('filter-scope').selectOption('open');
    await left('3 of 4 faults');
    await byId('filter-menu-clear').click();
    await byId('filter-chips').waitFor({ state: 'detached' });
    await focused('filter-kind-missing');
  });

  it('finds threads by name where there are many', async () => {
    const log = new SampleLog();
    for (let n = 0; n < 40; n++) {
      log.fault({ tid: 5000 + n, raisedNs: n * ms, page: n, readAfterNs: ms });
    }
    await page.open({ rows: log.rows() });
    await openMenu();
    await byId('filter-find-thread').fill('503');
    await byId('filter-thread-5005').waitFor({ state: 'detached' });
    await byId('filter-thread-5031').check();
    await left('1 of 40 faults');
    await byId('filter-find-thread').fill('none such');
    await byId('filter-menu').getByText('No such thread.').waitFor();
  });

  it('lies whole in the page, however narrow that is', async () => {
    await page.open({}, { width: 380 });
    await openMenu();
    const box = (await byId('filter-menu').boundingBox())!;
    assert.ok(box.x >= 0 && box.x + box.width <= 380, JSON.stringify(box));
  });

  it('is remembered', async () => {
    await page.open({ view: endedView });
    await openMenu();
    await byId('filter-thread-4242').check();
    await left('2 of 4 faults');
    await page.timeline.page.waitForFunction(() =>
      sessionStorage.getItem('fakeHostState')?.includes('"tids":[4242]'),
    );
    await page.timeline.page.reload();
    await left('2 of 4 faults');
    await byId('chip-tids').getByText('postcopy 4242').waitFor();
  });

  for (const theme of ['dark', 'light', 'highContrast', 'highContrastLight'] as const) {
    it(`has no violation that axe-core finds: ${theme}`, async () => {
      const { rows, nowNs } = showcaseRows();
      await page.open({ rows, nowNs }, { theme });
      await openMenu();
      await byId('filter-thread-4243').check();
      await byId('filter-kind-write').check();
      await byId('chip-kinds').waitFor();
      assert.deepEqual(await axeViolations(page.timeline), []);
      const folder = process.env['UFFD_FILTER_SHOTS'];
      if (folder !== undefined) {
        await page.timeline.page.screenshot({ path: `${folder}/filter-${theme}.png` });
      }
    });
  }
});

describe('What heeds the filter', function () {
  this.timeout(suiteTimeoutMs);
  const page = usePage();

  const byId = (testId: string): Locator => page.timeline.byId(testId);
  const press = (key: string): Promise<void> => page.timeline.page.keyboard.press(key);
  const left = (text: string): Promise<void> => byId('filter-count').filter({ hasText: text }).waitFor();
  const command = (name: string, more: object = {}): Promise<void> =>
    page.timeline.notify('view/command', { command: name, ...more });

  /** Nine faults that are over, of three threads in turn, each slower than the one before. */
  function nineRows() {
    const log = new SampleLog();
    for (let n = 0; n < 9; n++) {
      log.fault({
        tid: 4242 + (n % 3),
        raisedNs: (100 + 50 * n) * ms,
        page: n,
        isWrite: n === 4,
        readAfterNs: ms,
        resolvedAfterNs: (1 + n) * ms,
        wakesAtOnce: true,
      });
    }
    return log.rows();
  }

  it('shows only a thread, hides a thread, shows only a kind; by the selected fault', async () => {
    await page.open({ view: endedView, rows: nineRows() });
    await press('ArrowRight');
    await page.timeline.has('selected', 9);
    await command('hideThread');
    await byId('chip-hiddenTids').getByText('not worker-2 4244').waitFor();
    await left('6 of 9 faults');
    await command('filterToThread');
    await byId('chip-hiddenTids').waitFor({ state: 'detached' });
    await left('3 of 9 faults');
    await byId('chart').focus();
    await press('u');
    await command('filterToKind');
    await left('8 of 9 faults');
  });

  it('acts on the lane whose label the menu was opened over', async () => {
    await page.open({ view: endedView, rows: nineRows() });
    await page.timeline.has('lanes', 3);
    await page.timeline.page.evaluate(() => {
      window.addEventListener('contextmenu', (event) => {
        event.preventDefault();
        const root = document.querySelector<HTMLElement>('uffd-timeline')!;
        root.dataset['menu'] = root.dataset['vscodeContext'];
      });
    });
    const box = (await byId('chart').boundingBox())!;
    await page.timeline.page.mouse.click(box.x + gutterPx / 2, box.y + 36 + 32 + 16, { button: 'right' });
    const menu = JSON.parse((await page.timeline.root.getAttribute('data-menu'))!) as Record<string, unknown>;
    assert.equal(menu['webviewSection'], 'lane');
    assert.deepEqual(menu['uffdLane'], { by: 'thread', tid: 4243 });
    assert.equal(menu['uffdLaneBy'], 'thread');
    await command('filterToThread', { lane: menu['uffdLane'] });
    await byId('chip-tids').getByText('worker-1 4243').waitFor();
    await command('hideThread', { lane: { by: 'thread', tid: 4243 } });
    await left('6 of 9 faults');
    await command('clearFilter');
    await command('filterToRange', {
      lane: { by: 'range', range: { page: 0x7f3a5c000, lengthBytes: 8192 } },
    });
    await left('2 of 9 faults');
  });

  it('steps only through what is shown: in the lane, to other lanes, by slowness and flags', async () => {
    await page.open({ view: endedView, rows: nineRows() });
    await press('ArrowRight');
    await page.timeline.has('selected', 9);
    // Faults 2, 5 and 8 are of thread 4243.
    await command('filterToThread', { lane: { by: 'thread', tid: 4243 } });
    await left('3 of 9 faults');
    await press('o');
    await page.timeline.has('selected', 8);
    await press('o');
    await page.timeline.has('selected', 5);
    await press('ArrowLeft');
    await page.timeline.has('selected', 2);
    await press('ArrowUp');
    await press('ArrowDown');
    await page.timeline.has('selected', 2);
    await command('clearFilter');
    await byId('filter-chips').waitFor({ state: 'detached' });
    await press('ArrowUp');
    await page.timeline.has('selected', 1);
  });

  it('goes to held faults that are shown, and says how many the filter hides', async () => {
    await page.open();
    await command('filterToThread', { lane: { by: 'thread', tid: 4243 } });
    await left('1 of 4 faults');
    await press('n');
    await page.timeline.has('selected', 3);
    await byId('told').getByText('The filter hides 1 held fault. U clears it.').waitFor();
    await press('h');
    await page.timeline.has('selected-count', 1);
  });

  it('paints the faults that are shown in the minimap before the others, and ticks what is found', async () => {
    await page.open({ view: { ...liveView, endText: 'Over.', endReason: 'detached' }, rows: nineRows() });
    await press('0');
    const colours = (): Promise<{ blue: number; orange: number }> =>
      byId('minimap').evaluate(async (brush) => {
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
        const canvas = brush.parentNode!.querySelector('canvas')!;
        // Without the edge of the window.
        const { data } = canvas.getContext('2d')!.getImageData(0, 8, canvas.width, canvas.height - 12);
        const columns = (isIt: (r: number, g: number, b: number) => boolean): number => {
          const found = new Set<number>();
          for (let at = 0; at < data.length; at += 4) {
            if (isIt(data[at]!, data[at + 1]!, data[at + 2]!)) {
              found.add((at / 4) % canvas.width);
            }
          }
          return found.size;
        };
        return {
          blue: columns((r, g, b) => b - r > 60 && g < b),
          orange: columns((r, g, b) => r - b > 60 && g > b),
        };
      });
    const all = await colours();
    assert.equal(all.orange, 0);
    await command('filterToThread', { lane: { by: 'thread', tid: 4243 } });
    await left('3 of 9 faults');
    const shown = await colours();
    assert.ok(shown.blue < all.blue, `${shown.blue} of ${all.blue} columns`);
    await command('find');
    await byId('find-text').fill('4243');
    await byId('find-count').filter({ hasText: '? of 3' }).waitFor();
    assert.ok((await colours()).orange >= 3);
  });
});
