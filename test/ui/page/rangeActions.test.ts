/** The session's summary, and what can be done with a registered range as a whole. */
import assert from 'node:assert/strict';
import { batchOf, ioctlResult } from './sampleAnswers.ts';
import { liveView } from './sampleTrace.ts';
import { suiteTimeoutMs, usePage } from './usePage.ts';

describe('The session’s summary', function () {
  this.timeout(suiteTimeoutMs);
  const page = usePage();
  const whole = { start: '0x7f3a5c000000', lengthBytes: 16 * 1024 * 1024 };

  async function openRange(): Promise<void> {
    await page.open();
    await page.timeline.byId('range').locator('summary').click();
    await page.timeline.byId('range-register').waitFor();
  }

  it('tells what is particular about the uffd, and shows unknown modes and features raw', async () => {
    const { session } = liveView;
    const uffd = { ...session.uffd, features: ['THREAD_ID', '0x20000'] };
    const ranges = [{ ...session.ranges[0]!, modes: ['MISSING', 'ur'], thpBytes: 2 * 1024 * 1024 }];
    const notes = ['This is the uffd of a forked child: it cannot be handed back.'];
    await page.open({ view: { ...liveView, session: { ...session, uffd, ranges, notes } } });
    await page.timeline.byId('session-notes').getByText(notes[0]!).waitFor();
    await page.timeline.byId('session-facts').getByText('THREAD_ID 0x20000').waitFor();
    await page.timeline.byId('ranges').getByText('16 MiB, MISSING ur').waitFor();
    await page.timeline
      .byId('ranges')
      .getByText('anonymous, private, pages of 4 KiB, 2 MiB in huge pages (THP)')
      .waitFor();
  });

  it('protects and unprotects a whole range', async () => {
    await openRange();
    const answer = ioctlResult({ ...whole, faultId: 0, ioctl: 'writeprotect', text: 'Protected.' });
    await page.timeline.answer('fault/resolve', batchOf([answer]));
    await page.timeline.byId('range-protect').click();
    await page.timeline.byId('results').getByText('Protected.').waitFor();
    assert.deepEqual(await page.timeline.sent('fault/resolve'), [
      {
        sessionId: 1,
        progressToken: 'batch-1',
        what: whole,
        action: { ioctl: 'writeprotect', protect: true, dontWake: false },
        lengthPages: 1,
        around: false,
      },
    ]);
  });

  it('registers with the modes that are ticked', async () => {
    await openRange();
    await page.timeline.answer('range/register', ioctlResult({ ...whole, faultId: 0, text: 'Registered.' }));
    assert.equal(await page.timeline.byId('range-mode-minor').isDisabled(), true);
    await page.timeline.byId('range-mode-missing').uncheck();
    await page.timeline.byId('range-register').click();
    await page.timeline.byId('results').getByText('Registered.').waitFor();
    assert.deepEqual(await page.timeline.sent('range/register'), [{ sessionId: 1, ...whole, modes: ['WP'] }]);
  });

  it('offers to wake the threads that UNREGISTER leaves asleep', async () => {
    await openRange();
    const answer = ioctlResult({ ...whole, faultId: 0, ioctl: 'unregister', offersWake: true });
    await page.timeline.answer('range/register', answer);
    await page.timeline.byId('range-unregister').click();
    await page.timeline.byId('wake-answered').getByText('Wake these 3 threads').waitFor();
    await page.timeline.answer('fault/wake', batchOf([]));
    await page.timeline.byId('wake-answered').click();
    await page.timeline.sends('fault/wake');
    assert.deepEqual(await page.timeline.sent('fault/wake'), [
      { sessionId: 1, progressToken: 'batch-2', faultIds: [2, 3, 4] },
    ]);
  });

  it('shows no answer when the user did not confirm', async () => {
    await openRange();
    await page.timeline.answer('range/register', null);
    await page.timeline.byId('range-unregister').click();
    await page.timeline.sends('range/register');
    await page.timeline
      .byId('range-unregister')
      .and(page.timeline.page.locator('[aria-disabled=false]'))
      .waitFor();
    assert.equal(await page.timeline.byId('result').count(), 0);
  });
});
