/** The page that compares two traces, which has no script: what a browser makes of it. */
import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { comparisonHtml } from '../../../extension/trace/comparisonHtml.ts';
import { TraceStatistics } from '../../../extension/trace/traceStatistics.ts';
import { rowsFrom } from '../../../native-helper/log/eventRows.ts';
import { servedAtOnce } from '../../unit/extension/trace/sampleRecording.ts';
import { launchChromium } from '../../workbench/chromium.ts';
import { axeViolations } from './axeViolations.ts';
import { bodyClass, themeVariables, type ThemeName } from './themes.ts';
import { suiteTimeoutMs } from './usePage.ts';

describe('The page that compares two traces', function () {
  this.timeout(suiteTimeoutMs);
  let browser: Browser;
  let page: Page;

  before(async () => {
    browser = await launchChromium();
  });
  after(() => browser.close());
  afterEach(() => page.close());

  async function open(theme: ThemeName): Promise<void> {
    const statistics = new TraceStatistics();
    statistics.add(rowsFrom(1, servedAtOnce(200)));
    const compared = (name: string) => ({ name, statistics });
    page = await browser.newPage({ viewport: { width: 900, height: 400 } });
    await page.setContent(comparisonHtml(compared('before'), compared('after'), [], 'nonce'));
    // As VS Code does for every webview.
    await page.evaluate(
      ([name, variables]) => {
        document.body.className = name;
        document.documentElement.style.background = 'var(--vscode-editor-background)';
        for (const [variable, value] of Object.entries(variables)) {
          document.documentElement.style.setProperty(`--vscode-${variable}`, value);
        }
      },
      [bodyClass(theme), themeVariables(theme)] as const,
    );
  }

  it('is read to its end and opened by keyboard alone', async () => {
    await open('dark');
    const summary = page.locator('summary').first();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    assert.ok(await summary.evaluate((element) => element === document.activeElement));
    await page.getByRole('columnheader', { name: 'From' }).waitFor();
    await page.keyboard.press('End');
    await page.waitForFunction(
      () => window.scrollY > 0 && window.scrollY + window.innerHeight >= document.body.scrollHeight,
    );
  });

  for (const theme of ['dark', 'light', 'highContrast', 'highContrastLight'] as const) {
    it(`has no violation that axe-core finds: ${theme}`, async () => {
      await open(theme);
      await page.locator('summary').first().click();
      assert.deepEqual(await axeViolations({ page, problems: [] }), []);
    });
  }
});
