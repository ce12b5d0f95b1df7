/** The colours of the chart follow the theme. */
import assert from 'node:assert/strict';
import { suiteTimeoutMs, usePage } from './usePage.ts';

describe('The chart’s colours', function () {
  this.timeout(suiteTimeoutMs);
  const page = usePage();

  it('repaints when the theme changes', async () => {
    await page.open();
    await page.timeline.has('faults', 4);
    await page.timeline.page.evaluate(() => {
      document.documentElement.style.setProperty('--vscode-editor-background', '#102030');
    });
    await page.timeline
      .byId('chart')
      .locator('canvas')
      .first()
      .evaluate(async (element) => {
        const context = (element as HTMLCanvasElement).getContext('2d')!;
        while (context.getImageData(2, 2, 1, 1).data.slice(0, 3).join() !== '16,32,48') {
          await new Promise(requestAnimationFrame);
        }
      });
  });

  for (const theme of ['dark', 'light', 'highContrast', 'highContrastLight'] as const) {
    it(`paints the theme’s own background and a held fault that stands out: ${theme}`, async () => {
      await page.open({}, { theme });
      await page.timeline.has('held', 2);
      const pixels = await page.timeline
        .byId('chart')
        .locator('canvas')
        .first()
        .evaluate(async (element) => {
          await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
          const canvas = element as HTMLCanvasElement;
          const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
          const style = getComputedStyle(document.body);
          const count = (variable: string): number => {
            const value = style.getPropertyValue(variable).trim().replace('#', '');
            const wanted = [0, 2, 4].map((at) => parseInt(value.slice(at, at + 2), 16));
            let found = 0;
            for (let at = 0; at < data.length; at += 4) {
              found += wanted.every((part, n) => data[at + n] === part) ? 1 : 0;
            }
            return found / (data.length / 4);
          };
          return {
            background: count('--vscode-editor-background'),
            urgent: count('--vscode-errorForeground'),
          };
        });
      assert.ok(pixels.background > 0.2, `background on ${pixels.background}`);
      assert.ok(pixels.urgent > 0.0002, `urgent colour on ${pixels.urgent}`);
    });
  }
});
