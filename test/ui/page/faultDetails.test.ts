/** What the details pane tells about one fault. */
import assert from 'node:assert/strict';
import { SampleLog } from './sampleTrace.ts';
import { endedView, fourFaults, ms, suiteTimeoutMs, usePage } from './usePage.ts';

describe('The details of a fault', function () {
  this.timeout(suiteTimeoutMs);
  const page = usePage();

  it('tells everything about the selected fault', async () => {
    await page.open();
    await page.select(3);
    const facts = page.timeline.byId('fault-facts');
    await facts.getByText('worker-1 4243').waitFor();
    await facts.getByText('MISSING WRITE — write to a missing page').waitFor();
    await facts.getByText('16 MiB, MISSING WP').waitFor();
    await page.timeline.byId('fault-life').getByText('+5.00 ms').waitFor();
    assert.equal(await page.timeline.byId('fault-phase').getAttribute('data-phase'), 'held');
    assert.equal(await page.timeline.byId('fault-rows').locator('li').count(), 2);
  });

  it('claims no more than is known of a fault that is older than the session', async () => {
    const log = new SampleLog();
    log.fault({ tid: 4242, raisedNs: 0, page: 1, readAfterNs: 5 * ms });
    await page.open({ view: endedView, rows: log.rows() });
    await page.select(1);
    const life = page.timeline.byId('fault-life');
    await life.getByText('before attach').waitFor();
    assert.equal(await life.getByText('+5.00 ms').count(), 0);
    await page.timeline.byId('fault-age').filter({ hasText: '≥ 1.00 s' }).waitFor();
  });

  it('says of a fault that the end of its process ended that it ended with it', async () => {
    const log = new SampleLog();
    log.fault({ tid: 4242, raisedNs: 10 * ms, page: 1, readAfterNs: ms, wokenAfterNs: ms });
    const byDetach = log
      .rows()
      .map((row) => (row.kind === 'wake' ? { ...row, actor: 'detach' as const } : row));
    await page.open({ view: endedView, rows: byDetach });
    await page.select(1);
    await page.timeline.byId('fault-phase').getByText('Ended with the process').waitFor();
  });

  it('says that a fault is stale, and that its thread is inferred', async () => {
    const inferred = fourFaults().map((row) => (row.kind === 'raised' ? { ...row, out: 1n } : row));
    const removed = { ...inferred[0]!, kind: 'remove', faultId: 0, tid: 0, flags: 0n, out: 0n } as const;
    const place = { timeNs: 900 * ms, address: 0x7f3a5c002000n, lengthBytes: 4096 };
    await page.open({ rows: [...inferred, { ...removed, ...place }] });
    await page.select(2);
    await page.timeline.byId('fault-facts').getByText('(inferred)').waitFor();
    await page.timeline.byId('fault-stale').getByText('Its page was removed').waitFor();
  });

  it('follows the memory of a fault that a remap has moved', async () => {
    const move = { ...fourFaults()[0]!, kind: 'remap', faultId: 0, tid: 0, flags: 0n } as const;
    const place = { timeNs: 900 * ms, address: 0x7f3a5c002000n, lengthBytes: 4096, out: 0x7f3a5c009000n };
    await page.open({ rows: [...fourFaults(), { ...move, ...place }] });
    await page.select(2);
    await page.timeline.byId('fault-facts').getByText('0x7f3a5c009000').first().waitFor();
  });

  it('asks the host for a rule for faults like this one', async () => {
    await page.open();
    await page.select(3);
    await page.timeline.byId('ask-rule').click();
    assert.deepEqual(await page.timeline.sent('rule/asked'), [{ sessionId: 1, faultId: 3 }]);
  });

  it('fits a pane of 280 pixels, with every part of it open', async () => {
    const bytes = Buffer.alloc(256, 0xab).toString('base64');
    await page.open({}, { width: 280 });
    await page.timeline.answer('source/preview', { bytes });
    await page.timeline.answer('memory/read', { bytes });
    const path = `/images/${'very-long-folder-name/'.repeat(4)}guest.mem`;
    await page.timeline.answer('file/choose', { fileId: 5, path, sizeBytes: 8192 });
    await page.select(2);
    await page.timeline.byId('resolve-source').selectOption('image');
    await page.timeline.byId('resolve-file').click();
    await page.timeline.byId('ioctl-reasons').locator('summary').click();
    await page.timeline.byId('preview').locator('summary').click();
    const dump = page.timeline.byId('preview-bytes');
    await dump.waitFor();
    for (const part of [page.timeline.byId('details'), dump]) {
      const widths = await part.evaluate(({ scrollWidth, clientWidth }) => [scrollWidth, clientWidth]);
      assert.equal(widths[0], widths[1]);
    }
  });
});
