/** axe-core over the whole page, in the four kinds of theme. */
import assert from 'node:assert/strict';
import axe from 'axe-core';
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
      await page.timeline.page.evaluate(axe.source);
      const violations = await page.timeline.page.evaluate(async () => {
        const { violations: found } = await window.axe.run(document, { resultTypes: ['violations'] });
        return found.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html.slice(0, 160))]);
      });
      assert.deepEqual(violations, []);
      // Axe styles elements inline to measure them, which the page's policy rightly refuses.
      const ofAxe = page.timeline.problems.filter((problem) => problem.startsWith('Applying inline style'));
      page.timeline.problems.splice(0, ofAxe.length);
    });
  }
});

declare global {
  interface Window {
    axe: typeof axe;
  }
}
