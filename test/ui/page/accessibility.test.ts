/** axe-core over the whole page, in the four kinds of theme. */
import assert from 'node:assert/strict';
import { axeViolations } from './axeViolations.ts';
import { showcaseRows } from './sampleTrace.ts';
import { suiteTimeoutMs, usePage } from './usePage.ts';

describe('The page’s accessibility', function () {
  this.timeout(suiteTimeoutMs);
  const page = usePage();

  for (const theme of ['dark', 'light', 'highContrast', 'highContrastLight'] as const) {
    it(`has no violation that axe-core finds, with everything open: ${theme}`, async () => {
      const { rows, nowNs } = showcaseRows();
      await page.open({ rows, nowNs }, { theme });
      const { keyboard } = page.timeline.page;
      await page.timeline.byId('chart').focus();
      await keyboard.press('n');
      for (const key of ['r', 'm', 'Shift+M', 'Enter', 'p', 'l', 'Escape']) {
        await keyboard.press(key);
      }
      await page.timeline.byId('ledger-filter').waitFor();
      assert.deepEqual(await axeViolations(page.timeline), []);
    });
  }
});
