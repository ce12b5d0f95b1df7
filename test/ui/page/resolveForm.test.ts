/** The resolve form: what it sends, and what it shows of the answers. */
import assert from 'node:assert/strict';
import type { ResolveParams } from '../../../native-helper/protocol/ioctls.ts';
import { batchOf, ioctlResult, preflightOf } from './sampleAnswers.ts';
import { fourFaults, ms, suiteTimeoutMs, usePage } from './usePage.ts';

describe('The resolve form', function () {
  this.timeout(suiteTimeoutMs);
  const page = usePage();

  /** Actions of the requests sent so far. */
  async function sentActions(): Promise<unknown[]> {
    const sent = await page.timeline.sent('fault/resolve');
    return sent.map((params) => (params as ResolveParams).action);
  }

  it('sends what the form says', async () => {
    await page.open();
    await page.select(2);
    const text = 'UFFDIO_COPY succeeded: 4096 bytes.';
    await page.timeline.answer('fault/resolve', batchOf([ioctlResult({ out: '4096', text })]));
    await page.timeline.byId('resolve-fill').fill("'A'");
    await page.timeline.byId('resolve-pages').fill('2');
    await page.timeline.byId('resolve-around').selectOption('around');
    await page.timeline.byId('resolve-wp').check();
    await page.timeline.byId('resolve-dontwake').check();
    await page.timeline.byId('resolve-submit').click();
    await page.timeline.byId('results').getByText('succeeded: 4096 bytes').waitFor();
    await page.timeline.byId('results').getByText('out 4096').waitFor();
    assert.deepEqual(await page.timeline.sent('fault/resolve'), [
      {
        sessionId: 1,
        progressToken: 'batch-1',
        what: { faultIds: [2] },
        action: { ioctl: 'copy', source: { kind: 'fill', byte: 65 }, dontWake: true, wp: true },
        lengthPages: 2,
        around: true,
      },
    ]);
  });

  it('chooses ioctl and source by keyboard', async () => {
    await page.open();
    await page.select(2);
    await page.timeline.page.keyboard.press('Enter');
    await page.timeline.byId('resolve-ioctl').and(page.timeline.page.locator(':focus')).waitFor();
    await page.timeline.page.keyboard.press('ArrowDown');
    await page.timeline.byId('resolve-fill').waitFor({ state: 'detached' });
    await page.timeline.answer('fault/resolve', batchOf([]));
    await page.timeline.byId('resolve-submit').press('Enter');
    await page.timeline.sends('fault/resolve');
    assert.deepEqual(await sentActions(), [{ ioctl: 'zeropage', dontWake: false }]);
  });

  it('sends every ioctl', async () => {
    await page.open();
    await page.select(2);
    await page.timeline.answer('fault/resolve', batchOf([ioctlResult()]));
    const choices = ['zeropage', 'continue', 'unprotect', 'protect', 'poison'];
    for (const [n, choice] of choices.entries()) {
      await page.timeline.byId('resolve-ioctl').selectOption(choice);
      await page.timeline.byId('resolve-submit').click();
      await page.timeline.byId('result').nth(n).waitFor();
    }
    const dontWake = false;
    assert.deepEqual(await sentActions(), [
      { ioctl: 'zeropage', dontWake },
      { ioctl: 'continue', dontWake, wp: false },
      { ioctl: 'writeprotect', protect: false, dontWake },
      { ioctl: 'writeprotect', protect: true, dontWake },
      { ioctl: 'poison', dontWake },
    ]);
  });

  it('sends a MOVE, and says where its source is no page', async () => {
    await page.open();
    const { timeline } = page;
    await timeline.answer('fault/preflight', preflightOf({}));
    await page.select(2);
    await timeline.answer('fault/resolve', batchOf([ioctlResult({ ioctl: 'move' })]));
    await timeline.byId('resolve-around').selectOption('around');
    await timeline.byId('resolve-ioctl').selectOption('move');
    await timeline.byId('resolve-around').waitFor({ state: 'detached' });
    await timeline.byId('resolve-move-source').fill('0x7f0000001010');
    await timeline.byId('resolve-submit').click();
    await timeline
      .byId('resolve-move-source-error')
      .getByText('Type the address of a page to take away')
      .waitFor();
    await timeline.byId('resolve-move-source').fill('0x7f0000001000');
    await timeline.byId('resolve-allow-holes').check();
    await timeline.byId('resolve-dontwake').check();
    await timeline.byId('resolve-submit').click();
    await timeline.byId('result').waitFor();
    const action = { ioctl: 'move', source: '0x7f0000001000', dontWake: true, allowHoles: true };
    assert.deepEqual(
      (await timeline.sent('fault/resolve')).map((params) => {
        const { action, around } = params as ResolveParams;
        return { action, around };
      }),
      [{ action, around: false }],
    );
  });

  it('takes the bytes from a file that the host lets the user choose', async () => {
    await page.open();
    await page.select(2);
    await page.timeline.byId('resolve-source').selectOption('file');
    await page.timeline.byId('resolve-submit').click();
    await page.timeline.byId('resolve-file-error').getByText('Choose the file first.').waitFor();
    await page.timeline.answer('file/choose', { fileId: 5, path: '/images/guest.mem', sizeBytes: 8192 });
    await page.timeline.byId('resolve-file').click();
    await page.timeline.byId('resolve-file-name').getByText('/images/guest.mem').waitFor();
    await page.timeline.byId('resolve-file-name').getByText('8 KiB').waitFor();
    await page.timeline.byId('resolve-file-offset').fill('0x2000');
    await page.timeline.byId('resolve-submit').click();
    await page.timeline.byId('resolve-file-offset-error').getByText('it has 8 KiB').waitFor();
    await page.timeline.byId('resolve-file-offset').fill('0x1000');
    await page.timeline.byId('resolve-submit').click();
    await page.timeline.sends('fault/resolve');
    const source = { kind: 'file', file: { fileId: 5 }, offsetBytes: 4096 };
    assert.deepEqual(await sentActions(), [{ ioctl: 'copy', source, dontWake: false, wp: false }]);
  });

  it('maps a memory image from the start of the range on, until another base is typed', async () => {
    await page.open();
    await page.select(2);
    await page.timeline.answer('file/choose', { fileId: 5, path: '/images/guest.mem', sizeBytes: 8192 });
    await page.timeline.byId('resolve-source').selectOption('image');
    const base = page.timeline.byId('resolve-image-base');
    assert.equal(await base.inputValue(), '0x7f3a5c000000');
    await page.timeline.byId('resolve-file').click();
    await page.timeline.byId('resolve-file-name').getByText('guest.mem').waitFor();
    await base.fill('7f3a5c001000');
    await page.timeline.byId('resolve-submit').click();
    await page.timeline.sends('fault/resolve');
    const source = { kind: 'image', file: { fileId: 5 }, base: '0x7f3a5c001000' };
    assert.deepEqual(await sentActions(), [{ ioctl: 'copy', source, dontWake: false, wp: false }]);
  });

  it('copies another page of the target', async () => {
    await page.open();
    await page.select(2);
    await page.timeline.byId('resolve-source').selectOption('target');
    await page.timeline.byId('resolve-target-address').fill('0x7f3a5c001000');
    await page.timeline.byId('resolve-submit').click();
    await page.timeline.sends('fault/resolve');
    const source = { kind: 'target', address: '0x7f3a5c001000' };
    assert.deepEqual(await sentActions(), [{ ioctl: 'copy', source, dontWake: false, wp: false }]);
  });

  it('names what is wrong in the form and sends nothing', async () => {
    await page.open();
    await page.select(2);
    await page.timeline.byId('resolve-fill').fill('300');
    await page.timeline.page.keyboard.press('Tab');
    await page.timeline.byId('resolve-fill-error').getByText('300 is more than a byte holds').waitFor();
    await page.timeline.byId('resolve-submit').click();
    assert.deepEqual(await page.timeline.sent('fault/resolve'), []);
  });

  it('tells no mistake in a field that nobody has typed into', async () => {
    await page.open();
    await page.select(2);
    await page.timeline.byId('resolve-source').selectOption('bytes');
    await page.timeline.byId('resolve-bytes').waitFor();
    assert.equal(await page.timeline.byId('resolve-bytes-error').count(), 0);
    await page.timeline.byId('resolve-submit').click();
    await page.timeline.byId('resolve-bytes-error').getByText('Type at least one byte.').waitFor();
  });

  it('keeps the focus while an answer is awaited, and gives it to the chart when the fault is over', async () => {
    await page.open();
    await page.select(2);
    await page.timeline.answer('fault/resolve', 'Not now.');
    await page.timeline.byId('resolve-submit').press('Enter');
    await page.timeline.byId('results').getByText('Not now.').waitFor();
    await page.timeline.byId('resolve-submit').and(page.timeline.page.locator(':focus')).waitFor();
    const last = { timeNs: 1100 * ms, faultId: 0, address: 0x7f3a5c002000n, lengthBytes: 4096 };
    const wake = { ...fourFaults()[0]!, ...last, kind: 'wake', actor: 'user', flags: 0n, tid: 0 } as const;
    await page.timeline.append(fourFaults().length + 1, [wake], 1200 * ms);
    await page.timeline.has('selected-phase', 'handedBack');
    await page.timeline.byId('chart').and(page.timeline.page.locator(':focus')).waitFor();
    await page.timeline
      .byId('announcement')
      .getByText('Fault 2: handed back.')
      .waitFor({ state: 'attached' });
  });

  it('shows a refusal in the host’s words', async () => {
    await page.open();
    await page.select(2);
    await page.timeline.answer('fault/resolve', 'The range ends at 0x7f3a5d000000.');
    await page.timeline.byId('resolve-submit').click();
    await page.timeline.byId('results').getByText('The range ends at 0x7f3a5d000000.').waitFor();
  });

  it('offers Wake after EEXIST, which woke nobody', async () => {
    await page.open();
    await page.select(4);
    const at = { faultId: 4, start: '0x7f3a5c004000' };
    const text = 'UFFDIO_COPY failed with EEXIST: the page is already there; nobody was woken.';
    const failed = ioctlResult({ ...at, errno: 'EEXIST', out: '-17', text, offersWake: true });
    await page.timeline.answer('fault/resolve', batchOf([failed]));
    const woken = ioctlResult({ ...at, ioctl: 'wake', text: 'UFFDIO_WAKE succeeded.' });
    await page.timeline.answer('fault/wake', batchOf([woken]));
    await page.timeline.byId('resolve-submit').click();
    await page.timeline.byId('results').getByText('EEXIST · out -17').waitFor();
    await page.timeline.byId('wake-answered').click();
    await page.timeline.byId('results').getByText('UFFDIO_WAKE succeeded.').waitFor();
    assert.deepEqual(await page.timeline.sent('fault/wake'), [
      { sessionId: 1, progressToken: 'batch-2', faultIds: [4] },
    ]);
  });
});
