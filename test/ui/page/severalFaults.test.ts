/** Resolving and waking several selected faults at once. */
import assert from 'node:assert/strict';
import type { ResolveParams } from '../../../native-helper/protocol/ioctls.ts';
import { batchOf, ioctlResult } from './sampleAnswers.ts';
import { SampleLog } from './sampleTrace.ts';
import { ms, suiteTimeoutMs, usePage } from './usePage.ts';

describe('Several selected faults', function () {
  this.timeout(suiteTimeoutMs);
  const page = usePage();

  /** Three held faults whose order by age is 1, 2, 3 and by address 3, 1, 2. */
  async function openThreeHeld(): Promise<void> {
    const log = new SampleLog();
    for (const [n, address] of [5, 9, 2].entries()) {
      log.fault({ tid: 4242 + n, raisedNs: (100 + n) * ms, page: address, readAfterNs: ms });
    }
    await page.open({ rows: log.rows() });
    await page.timeline.has('held', 3);
    await page.timeline.byId('range').locator('summary').click();
    await page.timeline.byId('range-select-held').click();
    await page.timeline.byId('fault-title').getByText('3 faults selected').waitFor();
  }

  async function sentIds(method: string): Promise<unknown[]> {
    const sent = (await page.timeline.sent(method)) as { faultIds?: unknown; what?: { faultIds: unknown } }[];
    return sent.map(({ faultIds, what }) => faultIds ?? what?.faultIds);
  }

  it('are told of together, and preflighted together', async () => {
    await openThreeHeld();
    await page.timeline.byId('several-facts').getByText('3 held').waitFor();
    await page.timeline.byId('several-facts').getByText('0x7f3a5c002000 … 0x7f3a5c009000').waitFor();
    await page.timeline.byId('resolve-submit').getByText('Resolve 3 faults').waitFor();
    await page.timeline.sends('fault/preflight');
    assert.deepEqual(await page.timeline.sent('fault/preflight'), [
      { sessionId: 1, what: { faultIds: [1, 2, 3] } },
    ]);
  });

  it('are resolved and woken in the order that was chosen', async () => {
    await openThreeHeld();
    await page.timeline.answer('fault/resolve', batchOf([]));
    await page.timeline.answer('fault/wake', batchOf([]));
    for (const order of ['oldest', 'newest', 'address']) {
      await page.timeline.byId('resolve-order').selectOption(order);
      await page.timeline.byId('resolve-submit').click();
      await page.timeline.byId('form-hint').getByText('Waiting').waitFor({ state: 'detached' });
    }
    await page.timeline.byId('wake').getByText('Wake 3 threads').waitFor();
    await page.timeline.byId('wake').click();
    await page.timeline.sends('fault/wake');
    assert.deepEqual(await sentIds('fault/resolve'), [
      [1, 2, 3],
      [3, 2, 1],
      [3, 1, 2],
    ]);
    assert.deepEqual(await sentIds('fault/wake'), [[3, 1, 2]]);
  });

  it('whose pages are there are not said to fault again when woken', async () => {
    const log = new SampleLog();
    const asleep = { readAfterNs: ms, resolvedAfterNs: 2 * ms };
    log.fault({ tid: 4242, raisedNs: 100 * ms, page: 1, ...asleep });
    log.fault({ tid: 4243, raisedNs: 101 * ms, page: 2, ...asleep });
    await page.open({ rows: log.rows() });
    await page.timeline.has('open', 2);
    await page.timeline.byId('chart').focus();
    await page.timeline.page.keyboard.press('t');
    await page.timeline.page.locator('[data-listed="2"]').waitFor();
    await page.timeline.page.getByRole('grid').focus();
    await page.timeline.page.keyboard.press('Control+A');
    await page.timeline.byId('fault-title').getByText('2 faults selected').waitFor();
    await page.timeline.byId('form-hint').getByText('Their pages are there.').waitFor();
  });

  it('show how far their batch has come, and stop when it is cancelled', async () => {
    await openThreeHeld();
    await page.timeline.byId('resolve-submit').click();
    await page.timeline.sends('fault/resolve');
    const [{ progressToken }] = (await page.timeline.sent('fault/resolve')) as [ResolveParams];
    await page.timeline.notify('$/progress', { token: progressToken, value: { done: 1, total: 3 } });
    await page.timeline.byId('batch-progress').getByText('1 of 3').waitFor();
    await page.timeline.byId('batch-cancel').click();
    await page.timeline.sends('$/cancelRequest');
    await page.timeline.respond('fault/resolve', batchOf([ioctlResult({ faultId: 1 })], 2));
    await page.timeline.byId('batch-counts').getByText('1 succeeded, 2 not done').waitFor();
    await page.timeline.byId('batch-progress').waitFor({ state: 'detached' });
  });

  it('show counts, then answers, and offer to wake those left asleep', async () => {
    await openThreeHeld();
    const text = 'UFFDIO_COPY failed with EEXIST: the page is already there; nobody was woken.';
    const failed = ioctlResult({ faultId: 2, errno: 'EEXIST', out: '-17', text, offersWake: true });
    const asleep = ioctlResult({ faultId: 3, text: 'Copied, not woken.', offersWake: true });
    await page.timeline.answer(
      'fault/resolve',
      batchOf([failed, asleep, ioctlResult({ faultId: 1, text: 'Copied.' })]),
    );
    await page.timeline.byId('resolve-submit').click();
    await page.timeline.byId('batch-counts').getByText('2 succeeded, 1 failed').waitFor();
    await page.timeline.byId('result').first().getByText('EEXIST · out -17').waitFor();
    assert.equal(await page.timeline.byId('wake-answered').count(), 2);
    await page.timeline.answer('fault/wake', batchOf([]));
    await page.timeline.byId('wake-all-answered').click();
    await page.timeline.sends('fault/wake');
    assert.deepEqual(await sentIds('fault/wake'), [[2, 3]]);
  });

  it('keep each answer with its own fault', async () => {
    await openThreeHeld();
    const results = [1, 2, 3].map((faultId) => ioctlResult({ faultId, text: `Answer about ${faultId}.` }));
    await page.timeline.answer('fault/resolve', batchOf(results));
    await page.timeline.byId('resolve-submit').click();
    await page.timeline.byId('batch-counts').waitFor();
    await page.timeline.byId('chart').focus();
    await page.timeline.page.keyboard.press('ArrowDown');
    await page.timeline.has('selected', 2);
    await page.timeline.byId('results').getByText('Answer about 2.').waitFor();
    assert.equal(await page.timeline.byId('result').count(), 1);
  });
});
