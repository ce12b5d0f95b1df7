/** Latency histogram, address heat map and the filter they are brushed into. */
import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { liveView, showcaseRows } from './sampleTrace.ts';
import type { ThemeName } from './themes.ts';
import { suiteTimeoutMs, usePage } from './usePage.ts';

describe('The statistics', function () {
  this.timeout(suiteTimeoutMs);
  const page = usePage();

  const byId = (testId: string): Locator => page.timeline.byId(testId);
  const focused = (locator: Locator): Locator => locator.and(page.timeline.page.locator(':focus'));
  const says = (testId: string, text: RegExp): Promise<void> =>
    byId(testId).filter({ hasText: text }).waitFor();

  async function openStatistics(theme: ThemeName = 'dark'): Promise<void> {
    const { rows, nowNs } = showcaseRows();
    await page.open(
      { view: { ...liveView, endText: 'Detached.', endReason: 'detached' }, rows, nowNs },
      { theme },
    );
    await byId('chart').focus();
    await page.timeline.page.keyboard.press('0');
    await page.timeline.page.keyboard.press('v');
    await focused(byId('histogram')).waitFor();
    await says('histogram-summary', /p50 .* p95 .* p99 .* max/);
  }

  /** How many faults the chips say are left. */
  async function left(): Promise<number> {
    const text = (await byId('filter-count').textContent()) ?? '';
    return Number(text.split(' of ')[0]!.replace(/\D/g, ''));
  }

  async function drag(target: Locator, from: [number, number], to: [number, number]): Promise<void> {
    const box = (await target.boundingBox())!;
    const { mouse } = page.timeline.page;
    await mouse.move(box.x + from[0] * box.width, box.y + from[1] * box.height);
    await mouse.down();
    await mouse.move(box.x + to[0] * box.width, box.y + to[1] * box.height, { steps: 4 });
    await mouse.up();
  }

  it('open by key, button and close again, giving the focus back to the chart', async () => {
    await openStatistics();
    await page.timeline.page.keyboard.press('v');
    await byId('statistics').waitFor({ state: 'detached' });
    await focused(byId('chart')).waitFor();
    await byId('statistics-button').click();
    await byId('statistics').waitFor();
    assert.equal(await byId('statistics-button').getAttribute('aria-pressed'), 'true');
  });

  it('filter to the latencies dragged over; the ledger and the map follow, and the chip takes it back', async () => {
    await openStatistics();
    await drag(byId('histogram'), [0.55, 0.5], [0.98, 0.5]);
    await byId('chip-latencyNs').waitFor();
    await says('filter-count', /^[1-9]\d* of 3\s\d\d\d faults/);
    const count = await left();
    assert.ok(count > 0 && count < 3000, `some of the faults are left: ${count}`);
    await says('heat-map-summary', new RegExp(`^${count} faults`));
    await byId('chart').focus();
    await page.timeline.page.keyboard.press('t');
    await page.timeline.page.locator(`[data-testid=ledger][data-listed="${count}"]`).waitFor();
    await byId('chip-latencyNs').click();
    await byId('filter-chips').waitFor({ state: 'detached' });
    await focused(byId('chart')).waitFor();
  });

  it('filter to the addresses and the time dragged over', async () => {
    await openStatistics();
    await drag(byId('heat-map'), [0.4, 0.1], [0.6, 0.5]);
    await byId('chip-pages').waitFor();
    await byId('chip-timeNs').waitFor();
    await page.timeline.page.keyboard.press('u');
    await byId('filter-chips').waitFor({ state: 'detached' });
  });

  it('work by keyboard alone: arrows move, Shift extends, Enter filters, Escape takes back', async () => {
    await openStatistics();
    const { keyboard } = page.timeline.page;
    await keyboard.press('End');
    await says('histogram-summary', /latency .*: \d+ faults?/);
    for (let n = 0; n < 12; n++) {
      await keyboard.press('Shift+ArrowLeft');
    }
    const words = /: (\d+) faults?/.exec((await byId('histogram-summary').textContent())!);
    await keyboard.press('Enter');
    await byId('chip-latencyNs').waitFor();
    await says('filter-count', /^[1-9]\d* of/);
    assert.ok((await left()) >= Number(words![1]), 'those marked are left, and sleepers that are as old');
    await focused(byId('histogram')).waitFor();
    await keyboard.press('Escape');
    await byId('filter-chips').waitFor({ state: 'detached' });
    await byId('heat-map').focus();
    await keyboard.press('ArrowLeft');
    await keyboard.press('Shift+ArrowDown');
    await keyboard.press('Enter');
    await byId('chip-pages').waitFor();
  });

  it('draw nothing while nothing changes', async () => {
    await openStatistics();
    const becomesQuiet = await page.timeline.page.evaluate(async () => {
      let latestMs = performance.now();
      const request = window.requestAnimationFrame.bind(window);
      window.requestAnimationFrame = (callback) => {
        latestMs = performance.now();
        return request(callback);
      };
      // What is still to be drawn may take its time on a slow machine.
      for (const startMs = latestMs; performance.now() - startMs < 20_000;) {
        await new Promise((done) => setTimeout(done, 100));
        // Longer than the page's own timers, which run once a second.
        if (performance.now() - latestMs > 2500) {
          return true;
        }
      }
      return false;
    });
    assert.ok(becomesQuiet, 'a while comes in which no frame is asked for');
  });

  for (const theme of ['dark', 'light', 'highContrast', 'highContrastLight'] as const) {
    it(`say the same as text in the theme ${theme}`, async () => {
      await openStatistics(theme);
      await byId('statistics').locator('table').getByText('latency').first().waitFor({ state: 'attached' });
      assert.ok((await byId('statistics').locator('li').count()) > 0);
    });
  }

  it('keep the filter and the pane over a reload', async () => {
    await openStatistics();
    await drag(byId('histogram'), [0.55, 0.5], [0.98, 0.5]);
    const chip = (await byId('chip-latencyNs').textContent())!.trim();
    await page.timeline.page.waitForFunction(() => {
      const state = sessionStorage.getItem('fakeHostState') ?? '';
      return state.includes('"latencyNs":{');
    });
    await page.timeline.page.reload();
    await byId('statistics').waitFor();
    await says('chip-latencyNs', new RegExp(chip.slice(0, 12)));
  });
});
