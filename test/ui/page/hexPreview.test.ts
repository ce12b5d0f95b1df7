/** The hex preview: what the source would give, what the page holds. */
import assert from 'node:assert/strict';
import { suiteTimeoutMs, usePage } from './usePage.ts';

describe('The hex preview', function () {
  this.timeout(suiteTimeoutMs);
  const page = usePage();

  const bytes = (length: number, change: Readonly<Record<number, number>> = {}) => ({
    bytes: Buffer.from(Array.from({ length }, (_, i) => change[i] ?? 0x41)).toString('base64'),
  });

  async function openPreview(): Promise<void> {
    await page.select(2);
    await page.timeline.byId('preview').locator('summary').click();
  }

  it('fetches nothing while it is closed', async () => {
    await page.open();
    await page.select(2);
    await page.timeline.sends('fault/preflight');
    await page.timeline.byId('resolve-fill').fill('0x42');
    assert.deepEqual(await page.timeline.sent('source/preview'), []);
    assert.deepEqual(await page.timeline.sent('memory/read'), []);
  });

  it('shows what the source would give, and why the page cannot be read', async () => {
    await page.open();
    await page.timeline.answer('source/preview', bytes(256));
    await page.timeline.answer('memory/read', 'The page at 0x7f3a5c002000 is not there.');
    await openPreview();
    await page.timeline.byId('preview-words').getByText('What the source would give').waitFor();
    await page.timeline.byId('preview-page-text').getByText('is not there').waitFor();
    const first = page.timeline.byId('preview-bytes').locator('[data-offset="0"]');
    assert.match(await first.innerText(), /^\s*000 4141 4141 4141 4141.* A{8,16}$/);
    const address = '0x7f3a5c002000';
    assert.deepEqual(await page.timeline.sent('source/preview'), [
      { sessionId: 1, source: { kind: 'fill', byte: 0 }, address, lengthBytes: 256 },
    ]);
    assert.deepEqual(await page.timeline.sent('memory/read'), [{ sessionId: 1, address, lengthBytes: 256 }]);
  });

  it('marks the bytes that differ, with a line of each side', async () => {
    await page.open();
    await page.timeline.answer('source/preview', bytes(256));
    await page.timeline.answer('memory/read', bytes(256, { 3: 0x5a, 200: 0 }));
    await openPreview();
    await page.timeline.byId('preview-words').getByText('2 bytes differ, the first at +0x3').waitFor();
    const marked = page.timeline.byId('preview-bytes').locator('[data-offset="0"] b');
    assert.deepEqual(await marked.allInnerTexts(), ['41', 'A', '5a', 'Z']);
  });

  it('asks again for what is typed, and says what is wrong with it', async () => {
    await page.open();
    await page.timeline.answer('source/preview', bytes(256));
    await page.timeline.answer('memory/read', 'Not there.');
    await openPreview();
    await page.timeline.byId('preview-bytes').waitFor();
    await page.timeline.byId('resolve-fill').fill('0x1ff');
    await page.timeline.byId('preview-source-text').getByText('more than a byte holds').waitFor();
    await page.timeline.byId('resolve-fill').fill('0x42');
    await page.timeline.byId('preview-bytes').waitFor();
    const sent = (await page.timeline.sent('source/preview')) as { source: unknown }[];
    assert.deepEqual(sent.at(-1)!.source, { kind: 'fill', byte: 0x42 });
  });

  it('shows the whole page on demand, and draws only what is in view', async () => {
    await page.open();
    await page.timeline.answer('source/preview', bytes(256));
    await page.timeline.answer('memory/read', 'Not there.');
    await openPreview();
    await page.timeline.byId('preview-bytes').waitFor();
    await page.timeline.answer('source/preview', bytes(4096));
    await page.timeline.byId('preview-whole').getByText('Show the whole page').click();
    const view = page.timeline.byId('preview-bytes');
    await view.locator('[data-offset="256"]').waitFor({ state: 'attached' });
    assert.ok((await view.locator('.row').count()) < 60);
    await view.evaluate((element) => element.scrollTo(0, element.scrollHeight));
    await view.locator('[data-offset="4080"]').waitFor();
    await view.focus();
    await page.timeline.page.keyboard.press('Home');
    await view.locator('[data-offset="0"]').waitFor();
    await page.timeline.has('selected', 2);
  });

  it('reads the page again when it is asked to', async () => {
    await page.open();
    await page.timeline.answer('source/preview', bytes(256));
    await page.timeline.answer('memory/read', 'Not there.');
    await openPreview();
    await page.timeline.byId('preview-page-text').waitFor();
    await page.timeline.answer('memory/read', bytes(256, { 0: 0 }));
    await page.timeline.byId('preview-again').click();
    await page.timeline.byId('preview-words').getByText('1 byte differs').waitFor();
  });

  it('is open again after a reload', async () => {
    await page.open();
    await openPreview();
    await page.timeline.page.waitForFunction(
      () => sessionStorage.getItem('fakeHostState')?.includes('"isPreviewOpen":true') === true,
    );
    await page.timeline.page.reload();
    await page.timeline.has('selected', 2);
    await page.timeline.sends('memory/read');
  });
});
