/** What the form offers, by what the host found about the selected faults. */
import assert from 'node:assert/strict';
import { preflightOf } from './sampleAnswers.ts';
import { SampleLog } from './sampleTrace.ts';
import { fourFaults, ms, suiteTimeoutMs, usePage } from './usePage.ts';

describe('The preflight', function () {
  this.timeout(suiteTimeoutMs);
  const page = usePage();

  it('disables what is not offered and gives the reasons', async () => {
    await page.open();
    const poison = 'the kernel has no POISON';
    await page.timeline.answer('fault/preflight', preflightOf({ poison, move: 'runs in the target only' }));
    await page.select(2);
    const { timeline } = page;
    await timeline.byId('ioctl-reasons').getByText('Not offered: POISON, MOVE').waitFor();
    await timeline.byId('ioctl-reasons').getByText(poison).waitFor({ state: 'attached' });
    const isDisabled = (ioctl: string): Promise<boolean> =>
      timeline.byId('resolve-ioctl').locator(`option[value=${ioctl}]`).isDisabled();
    assert.deepEqual(await Promise.all(['copy', 'zeropage', 'poison', 'move'].map(isDisabled)), [
      false,
      false,
      true,
      true,
    ]);
    const describedBy = await timeline.byId('resolve-ioctl').getAttribute('aria-describedby');
    const description = timeline.page.locator(`uffd-resolve-form #${describedBy ?? ''}`);
    assert.match((await description.textContent()) ?? '', /POISON, the kernel has no POISON; MOVE, runs in/);
  });

  it('offers MOVE where a frozen thread can do it, and tells no reasons where all is offered', async () => {
    await page.open();
    const { timeline } = page;
    await timeline.answer('fault/preflight', preflightOf({}, { facts: ['all is well'] }));
    await page.select(2);
    await timeline.byId('preflight-facts').getByText('all is well').waitFor();
    assert.equal(await timeline.byId('resolve-ioctl').locator('option[value=move]').isDisabled(), false);
    assert.equal(await timeline.byId('ioctl-reasons').count(), 0);
  });

  it('shows facts, and warnings where they are read before the button is pressed', async () => {
    await page.open();
    const warning = 'The target has a handler of its own: it may stop.';
    const found = preflightOf({}, { facts: ['anonymous, 4 KiB pages', 'page missing'], warnings: [warning] });
    await page.timeline.answer('fault/preflight', found);
    await page.select(2);
    await page.timeline.byId('preflight-facts').getByText('anonymous, 4 KiB pages · page missing').waitFor();
    await page.timeline.byId('preflight-warnings').getByText(warning).waitFor();
    const describedBy = await page.timeline.byId('resolve-submit').getAttribute('aria-describedby');
    assert.match(describedBy ?? '', /\bwarnings\b/);
  });

  it('begins with the usual ioctl of the fault’s kind, and keeps what the user chose for it', async () => {
    const log = new SampleLog();
    for (const [n, tid] of [4242, 4243, 4244].entries()) {
      log.fault({ tid, raisedNs: (100 + n) * ms, page: n + 1, readAfterNs: ms });
    }
    const kindFlags = { 1: 0n, 2: 4n, 3: 3n } as const;
    const rows = log.rows().map((row) => ({ ...row, flags: kindFlags[row.faultId as 1 | 2 | 3] }));
    await page.open({ rows });
    const ioctl = page.timeline.byId('resolve-ioctl');
    const chosen = async (faultId: number): Promise<string> => {
      await page.select(faultId);
      await ioctl.waitFor();
      return ioctl.inputValue();
    };
    assert.deepEqual([await chosen(1), await chosen(2), await chosen(3)], ['copy', 'continue', 'unprotect']);
    await ioctl.selectOption('protect');
    assert.deepEqual([await chosen(2), await chosen(3)], ['continue', 'protect']);
  });

  it('falls back to the first ioctl that is offered', async () => {
    await page.open();
    await page.timeline.answer('fault/preflight', preflightOf({ copy: 'page present' }));
    await page.select(2);
    await page.timeline.byId('resolve-fill').waitFor({ state: 'detached' });
    assert.equal(await page.timeline.byId('resolve-ioctl').inputValue(), 'zeropage');
  });

  it('refuses an ioctl that the user chose and that is no longer offered, in words', async () => {
    await page.open();
    await page.select(2);
    await page.timeline.byId('resolve-ioctl').selectOption('zeropage');
    await page.timeline.answer('fault/preflight', preflightOf({ zeropage: 'hugetlb has no zero page' }));
    const log = new SampleLog();
    log.fault({ tid: 4242, raisedNs: 1100 * ms, page: 2 });
    const own = log
      .rows()
      .map((row) => ({ ...row, kind: 'copy' as const, faultId: 2, errno: 11, out: -11n }));
    await page.timeline.append(fourFaults().length + 1, own, 1200 * ms);
    await page.timeline
      .byId('ioctl-obstacle')
      .getByText('ZEROPAGE cannot be done here: hugetlb has no zero page.')
      .waitFor();
    await page.timeline.byId('resolve-submit').press('Enter');
    assert.deepEqual(await page.timeline.sent('fault/resolve'), []);
  });

  it('takes mode WP away where it is not to be had', async () => {
    await page.open();
    const offers = preflightOf({}).offers.map((offer) =>
      offer.id === 'copy' ? { ...offer, wpObstacle: 'not registered with WP' } : offer,
    );
    await page.timeline.answer('fault/preflight', { ...preflightOf({}), offers });
    await page.select(2);
    await page.timeline.byId('resolve-form').getByText('not registered with WP').waitFor();
    assert.equal(await page.timeline.byId('resolve-wp').isDisabled(), true);
  });

  it('drops an answer that comes after another fault was selected', async () => {
    await page.open();
    const { timeline } = page;
    await timeline.page.evaluate(() => delete window.fakeHost.answers['fault/preflight']);
    const asked = async (times: number): Promise<void> => {
      await timeline.page.waitForFunction(
        (n) => window.fakeHost.received.filter(({ method }) => method === 'fault/preflight').length === n,
        times,
      );
    };
    await page.select(2);
    await asked(1);
    await timeline.page.keyboard.press('ArrowDown');
    await timeline.has('selected', 3);
    await asked(2);
    await timeline.respond('fault/preflight', preflightOf({}, { facts: ['of fault 2'] }));
    await timeline.respond('fault/preflight', preflightOf({}, { facts: ['of fault 3'] }));
    await timeline.byId('preflight-facts').getByText('Found: of fault 3').waitFor();
  });
});
