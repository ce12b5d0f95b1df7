/** What the page tells of the memory map and of other sessions. */
import assert from 'node:assert/strict';
import { flagged, flaggedBase, flaggedNowNs, flaggedRows } from './flaggedTrace.ts';
import { liveView } from './sampleTrace.ts';
import { fourFaults, ms, suiteTimeoutMs, usePage } from './usePage.ts';

const change = {
  event: 'remap',
  start: '0x7f3a5c008000',
  lengthBytes: 65536,
  tid: 4243,
  comm: 'worker-1',
} as const;

describe('The lamp of the memory map', function () {
  this.timeout(suiteTimeoutMs);
  const page = usePage();

  it('is lit while the map changes, and says event, range and thread in words', async () => {
    await page.open();
    await page.timeline.has('faults', 4);
    await page.timeline.notify('session/didChange', { view: { ...liveView, mapChange: change } });
    const lamp = page.timeline.byId('map-lamp');
    await lamp.getByText('Map changing: remap, 64 KiB at 0x7f3a5c008000').waitFor();
    const words = /remap event, 64 KiB at 0x7f3a5c008000\. Worker-1 4243 waits .* answers EAGAIN/;
    assert.match((await lamp.getAttribute('aria-label'))!, words);
    assert.match((await lamp.getAttribute('title'))!, words);
    await page.timeline
      .byId('announcement')
      .getByText('The memory map is changing: remap event')
      .waitFor({ state: 'attached' });
    await page.timeline.notify('session/didChange', { view: liveView });
    await lamp.waitFor({ state: 'detached' });
  });

  it('stays lit for a moment after an event that was over at once', async () => {
    await page.open();
    await page.timeline.has('faults', 4);
    assert.equal(await page.timeline.byId('map-lamp').count(), 0);
    const rows = fourFaults();
    const unmap = {
      ...rows[0]!,
      kind: 'unmap',
      // Far ahead: the page's clock then follows the rows, and the moment begins when they come.
      timeNs: 60_000 * ms,
      faultId: 0,
      tid: 0,
      address: flaggedBase,
      lengthBytes: 8192,
    } as const;
    const lamp = page.timeline.byId('map-lamp');
    await Promise.all([
      lamp.getByText('Map changed: unmap, 8 KiB at 0x7f3a5c000000').waitFor(),
      page.timeline.append(rows.length + 1, [unmap], 60_000 * ms),
    ]);
    await page.timeline.byId('map-lamp').waitFor({ state: 'detached' });
  });

  it('is dark once the session is over', async () => {
    await page.open({
      view: { ...liveView, mapChange: change, endText: 'The target exited.', endReason: 'targetExited' },
    });
    await page.timeline.has('session', 'ended');
    assert.equal(await page.timeline.byId('map-lamp').count(), 0);
  });
});

describe('The events of the memory map on the chart', function () {
  this.timeout(suiteTimeoutMs);
  const page = usePage();

  it('are gone through by key, each said in words', async () => {
    await page.open({ rows: flaggedRows(), nowNs: flaggedNowNs });
    await page.timeline.byId('chart').focus();
    const tooltip = page.timeline.page.locator('uffd-chart .tooltip:not(.pinned)');
    await page.timeline.page.keyboard.press('e');
    await tooltip.getByText('Fork event').waitFor();
    await page.timeline.page.keyboard.press('Shift+E');
    await tooltip.getByText('Remap event: 16384 bytes').waitFor();
    await page.timeline.byId('announcement').getByText('Remap event').waitFor({ state: 'attached' });
    await page.timeline.page.keyboard.press('Escape');
    await tooltip.waitFor({ state: 'hidden' });
  });

  it('are told by the tooltip of their sign', async () => {
    await page.open({ rows: flaggedRows(), nowNs: flaggedNowNs });
    await page.timeline.byId('chart').focus();
    await page.timeline.page.keyboard.press('0');
    await page.timeline.has('following', 'false');
    const box = (await page.timeline.byId('chart').boundingBox())!;
    const startNs = Number(await page.timeline.root.getAttribute('data-start-ns'));
    const endNs = Number(await page.timeline.root.getAttribute('data-end-ns'));
    const xPx = box.x + 184 + ((1300 * ms - startNs) / (endNs - startNs)) * (box.width - 184);
    await page.timeline.page.mouse.move(xPx, box.y + 28);
    await page.timeline.page.locator('uffd-chart .tooltip').getByText('Unmap event: 8192 bytes').waitFor();
  });

  it('make the faults inside them stale, which the details tell', async () => {
    await page.open({ rows: flaggedRows(), nowNs: flaggedNowNs });
    await page.timeline.byId('chart').focus();
    await page.timeline.page.keyboard.press('t');
    await page.timeline.byId('ledger').locator(`[data-fault="${flagged.unmapped}"]`).click();
    await page.timeline.has('selected', flagged.unmapped);
    await page.timeline.byId('fault-facts').getByText('unmapped').waitFor();
  });
});
