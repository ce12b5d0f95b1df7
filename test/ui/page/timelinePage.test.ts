/** The built timeline page alone in a browser, with a host made up by the test. */
import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import type { EventRow } from '../../../native-helper/log/eventRows.ts';
import { launchChromium } from '../../workbench/chromium.ts';
import { liveView, SampleLog } from './sampleTrace.ts';
import type { ThemeName } from './themes.ts';
import { type PageStart, TimelinePage } from './timelinePage.ts';

const ms = 1e6;
/** Width of the lane labels. */
const gutterPx = 184;

/** Three threads: one finished fault and one held, one held, one resolved but asleep. */
function rows(): EventRow[] {
  const log = new SampleLog();
  const over = { readAfterNs: 5 * ms, resolvedAfterNs: 90 * ms, wakesAtOnce: true };
  log.fault({ tid: 4242, raisedNs: 100 * ms, page: 1, ...over });
  log.fault({ tid: 4242, raisedNs: 500 * ms, page: 2, readAfterNs: 5 * ms });
  log.fault({ tid: 4243, raisedNs: 600 * ms, page: 3, isWrite: true, readAfterNs: 5 * ms });
  log.fault({ tid: 4244, raisedNs: 700 * ms, page: 4, readAfterNs: 5 * ms, resolvedAfterNs: 50 * ms });
  return log.rows();
}

const endedView = { ...liveView, endText: 'The target exited.', endReason: 'targetExited' } as const;

describe('The timeline page', function () {
  this.timeout(60_000);
  let browser: Browser;
  let timeline: TimelinePage;

  before(async () => {
    browser = await launchChromium();
  });
  after(() => browser.close());
  afterEach(async () => {
    assert.deepEqual(timeline.problems, [], 'the page met no error and no policy refusal');
    await timeline.close();
  });

  async function open(start: Partial<PageStart> = {}, theme: ThemeName = 'dark'): Promise<void> {
    timeline = await TimelinePage.open(
      browser,
      { view: liveView, rows: rows(), nowNs: 1000 * ms, ...start },
      { theme },
    );
  }

  async function select(faultId: number): Promise<void> {
    const { page } = timeline;
    await timeline.byId('chart').focus();
    for (let n = 0; n < 4 && (await timeline.root.getAttribute('data-selected')) !== String(faultId); n++) {
      await page.keyboard.press(n === 0 ? 'n' : 'ArrowDown');
    }
    await timeline.has('selected', faultId);
  }

  describe('without a session', () => {
    it('explains itself and offers to attach or to start the demo target', async () => {
      await open({ view: null, rows: [] });
      await timeline.has('session', 'none');
      await timeline.byId('attach').click();
      await timeline.byId('demo').click();
      assert.equal((await timeline.sent('attach/asked')).length, 1);
      assert.equal((await timeline.sent('demo/asked')).length, 1);
    });

    it('shows a session that begins later, and its first fault', async () => {
      await open({ view: null, rows: [] });
      await timeline.has('session', 'none');
      await timeline.notify('session/didChange', { view: liveView });
      await timeline.byId('chart-note').getByText('No thread has faulted yet').waitFor();
      await timeline.append(1, rows(), 1000 * ms);
      await timeline.has('faults', 4);
    });
  });

  describe('with the host', () => {
    it('counts what is held, and takes rows as they come', async () => {
      await open();
      await timeline.has('held', 2);
      const log = new SampleLog();
      log.fault({ tid: 4245, raisedNs: 1100 * ms, page: 9, readAfterNs: ms });
      const next = rows().length + 1;
      await timeline.append(
        next,
        log.rows().map((row) => ({ ...row, faultId: 5 })),
        1200 * ms,
      );
      await timeline.has('held', 3);
      await timeline.has('faults', 5);
    });

    it('ignores rows of another session and rows it already knows', async () => {
      await open();
      await timeline.has('faults', 4);
      await timeline.append(100, rows(), 1200 * ms, 99);
      await timeline.append(1, rows(), 1200 * ms);
      await timeline.notify('session/didChange', { view: endedView });
      await timeline.has('session', 'ended');
      await timeline.has('faults', 4);
      assert.equal((await timeline.sent('view/hydrate')).length, 1);
    });

    it('asks for everything again when rows are missing', async () => {
      await open();
      await timeline.has('faults', 4);
      await timeline.append(500, rows(), 1200 * ms);
      await timeline.page.waitForFunction(
        () => window.fakeHost.received.filter((m) => m.method === 'view/hydrate').length === 2,
      );
      await timeline.has('faults', 4);
    });

    it('asks for everything again when it is shown again', async () => {
      await open();
      await timeline.has('faults', 4);
      await timeline.page.evaluate(() => {
        window.fakeHost.snapshot.batches = [];
        document.dispatchEvent(new Event('visibilitychange'));
      });
      await timeline.has('faults', 0);
    });

    it('tells the host what is selected', async () => {
      await open();
      await select(2);
      await timeline.page.keyboard.press('Escape');
      await timeline.has('selected', '');
      assert.deepEqual(await timeline.sent('selection/didChange'), [{ faultId: 2 }, { faultId: null }]);
    });

    it('says that the session is over, and why nothing can be resolved', async () => {
      await open({ view: endedView });
      await timeline.byId('end-banner').getByText('The target exited.').waitFor();
      await select(2);
      await timeline.byId('form-hint').getByText('The session is over').waitFor();
      assert.equal(await timeline.byId('resolve-submit').getAttribute('disabled'), '');
      assert.equal(await timeline.byId('wake').getAttribute('disabled'), '');
    });

    it('counts rows that are no longer kept', async () => {
      await open({ droppedRows: 1234 });
      await timeline.byId('dropped-rows').getByText('1234 rows').waitFor();
    });

    it('does the commands of the palette', async () => {
      await open();
      await timeline.has('following', 'true');
      await timeline.notify('view/command', { command: 'toggleFollow' });
      await timeline.has('following', 'false');
      await timeline.notify('view/command', { command: 'focusResolveForm' });
      await timeline.has('selected', 2);
      await timeline.byId('resolve-ioctl').and(timeline.page.locator(':focus')).waitFor();
    });
  });

  describe('by mouse and keyboard', () => {
    it('has the focus on the chart from the start, and counts who is held and asleep', async () => {
      await open();
      await timeline.byId('chart').and(timeline.page.locator(':focus')).waitFor();
      await timeline.byId('held-count').getByText('2 held · 1 asleep').waitFor();
      await timeline.byId('announcement').getByText('2 faults held.').waitFor({ state: 'attached' });
    });

    it('selects the fault that is clicked, and pauses following', async () => {
      await open();
      await timeline.has('following', 'true');
      const box = (await timeline.byId('chart').boundingBox())!;
      // Following shows 10 s from just before the start; fault 3 began at 0.6 s and is held.
      const xPx = box.x + gutterPx + ((0.8 + 0.2) / 10) * (box.width - gutterPx);
      await timeline.page.mouse.click(xPx, box.y + 28 + 32 + 16);
      await timeline.has('selected', 3);
      await timeline.has('following', 'false');
      await timeline.byId('follow').click();
      await timeline.has('following', 'true');
    });

    it('moves along a thread and between threads by the arrow keys', async () => {
      await open();
      await select(2);
      await timeline.page.keyboard.press('ArrowLeft');
      await timeline.has('selected', 1);
      await timeline.page.keyboard.press('End');
      await timeline.has('selected', 2);
      await timeline.page.keyboard.press('ArrowDown');
      await timeline.has('selected', 3);
      await timeline.page.keyboard.press('n');
      await timeline.has('selected', 4);
      await timeline.page.keyboard.press('n');
      await timeline.has('selected', 2);
      await timeline.byId('announcement').getByText('Fault 2, postcopy 4242').waitFor({ state: 'attached' });
    });

    it('leaves keys to the field that has the focus, and returns from it by Escape', async () => {
      await open();
      await select(2);
      const fill = timeline.byId('resolve-fill');
      await fill.fill('');
      await fill.pressSequentially('0x5n0');
      assert.equal(await fill.inputValue(), '0x5n0');
      await timeline.has('selected', 2);
      await timeline.page.keyboard.press('Escape');
      await timeline.byId('chart').and(timeline.page.locator(':focus')).waitFor();
      await timeline.has('selected', 2);
    });

    it('lists its keys', async () => {
      await open();
      await timeline.byId('chart').focus();
      await timeline.page.keyboard.press('?');
      await timeline.byId('keys').getByText('Next or previous held fault').waitFor();
      await timeline.page.keyboard.press('Escape');
      await timeline.byId('keys').waitFor({ state: 'detached' });
    });

    it('zooms around the pointer and pans by dragging', async () => {
      await open();
      await timeline.has('faults', 4);
      const windowNs = async (): Promise<[number, number]> => [
        Number(await timeline.root.getAttribute('data-start-ns')),
        Number(await timeline.root.getAttribute('data-end-ns')),
      ];
      const widthPx = (await timeline.byId('chart').boundingBox())!.width - gutterPx;
      const yPx = 300;
      await timeline.page.mouse.move(600, yPx);
      await timeline.page.mouse.down();
      await timeline.page.mouse.move(500, yPx, { steps: 4 });
      await timeline.page.mouse.up();
      await timeline.has('following', 'false');
      const [startNs, endNs] = await windowNs();
      await timeline.page.mouse.wheel(0, -300);
      await timeline.page.waitForFunction(
        (old) => document.querySelector('uffd-timeline')?.getAttribute('data-start-ns') !== old,
        String(startNs),
      );
      const [nearStartNs, nearEndNs] = await windowNs();
      const spanNs = nearEndNs - nearStartNs;
      assert.ok(spanNs < 0.6 * (endNs - startNs));
      const share = (500 - gutterPx) / widthPx;
      const movedNs = nearStartNs + share * spanNs - (startNs + share * (endNs - startNs));
      assert.ok(Math.abs(movedNs) < spanNs / widthPx, 'the time under the pointer stays there');
    });
  });

  describe('the details', () => {
    it('tell everything about the selected fault', async () => {
      await open();
      await select(3);
      const facts = timeline.byId('fault-facts');
      await facts.getByText('worker-1 4243').waitFor();
      await facts.getByText('MISSING WRITE — write to a missing page').waitFor();
      await facts.getByText('16 MiB, MISSING WP').waitFor();
      await timeline.byId('fault-life').getByText('+5.00 ms').waitFor();
      assert.equal(await timeline.byId('fault-phase').getAttribute('data-phase'), 'held');
      assert.equal(await timeline.byId('fault-rows').locator('li').count(), 2);
    });

    it('claim no more than is known of a fault that is older than the session', async () => {
      const log = new SampleLog();
      log.fault({ tid: 4242, raisedNs: 0, page: 1, readAfterNs: 5 * ms });
      await open({ view: endedView, rows: log.rows() });
      await select(1);
      const life = timeline.byId('fault-life');
      await life.getByText('before attach').waitFor();
      assert.equal(await life.getByText('+5.00 ms').count(), 0);
      await timeline.byId('fault-age').filter({ hasText: '≥ 1.00 s' }).waitFor();
    });

    it('say of a fault that the end of its process ended that it ended with it', async () => {
      const log = new SampleLog();
      log.fault({ tid: 4242, raisedNs: 10 * ms, page: 1, readAfterNs: ms, wokenAfterNs: ms });
      const byDetach = log
        .rows()
        .map((row) => (row.kind === 'wake' ? { ...row, actor: 'detach' as const } : row));
      await open({ view: endedView, rows: byDetach });
      await select(1);
      await timeline.byId('fault-phase').getByText('Ended with the process').waitFor();
    });

    it('sends what the form says', async () => {
      await open();
      await select(2);
      await timeline.answer('fault/resolve', [
        {
          faultId: 2,
          ioctl: 'copy',
          start: '0x7f3a5c002000',
          lengthBytes: 4096,
          out: '4096',
          text: 'UFFDIO_COPY succeeded: 4096 bytes.',
        },
      ]);
      await timeline.byId('resolve-fill').fill("'A'");
      await timeline.byId('resolve-pages').fill('2');
      await timeline.byId('resolve-dontwake').check();
      await timeline.byId('resolve-submit').click();
      await timeline.byId('results').getByText('succeeded: 4096 bytes').waitFor();
      await timeline.byId('results').getByText('out 4096').waitFor();
      assert.deepEqual(await timeline.sent('fault/resolve'), [
        {
          sessionId: 1,
          faultIds: [2],
          action: { ioctl: 'copy', source: { kind: 'fill', byte: 65 }, dontWake: true },
          lengthPages: 2,
        },
      ]);
    });

    it('chooses ioctl and source by keyboard', async () => {
      await open();
      await select(2);
      await timeline.page.keyboard.press('Enter');
      await timeline.byId('resolve-ioctl').and(timeline.page.locator(':focus')).waitFor();
      await timeline.page.keyboard.press('ArrowDown');
      await timeline.byId('resolve-fill').waitFor({ state: 'detached' });
      await timeline.answer('fault/resolve', []);
      await timeline.byId('resolve-submit').press('Enter');
      await timeline.page.waitForFunction(() =>
        window.fakeHost.received.some((m) => m.method === 'fault/resolve'),
      );
      assert.deepEqual(await timeline.sent('fault/resolve'), [
        { sessionId: 1, faultIds: [2], action: { ioctl: 'zeropage', dontWake: false }, lengthPages: 1 },
      ]);
    });

    it('name what is wrong in the form and send nothing', async () => {
      await open();
      await select(2);
      await timeline.byId('resolve-fill').fill('300');
      await timeline.page.keyboard.press('Tab');
      await timeline.byId('resolve-fill-error').getByText('300 is more than a byte holds').waitFor();
      await timeline.byId('resolve-submit').click();
      assert.deepEqual(await timeline.sent('fault/resolve'), []);
    });

    it('tell no mistake in a field that nobody has typed into', async () => {
      await open();
      await select(2);
      await timeline.byId('resolve-source').selectOption('bytes');
      await timeline.byId('resolve-bytes').waitFor();
      assert.equal(await timeline.byId('resolve-bytes-error').count(), 0);
      await timeline.byId('resolve-submit').click();
      await timeline.byId('resolve-bytes-error').getByText('Type at least one byte.').waitFor();
    });

    it('keep the focus while an answer is awaited, and give it to the chart when the fault is over', async () => {
      await open();
      await select(2);
      await timeline.answer('fault/resolve', 'Not now.');
      await timeline.byId('resolve-submit').press('Enter');
      await timeline.byId('results').getByText('Not now.').waitFor();
      await timeline.byId('resolve-submit').and(timeline.page.locator(':focus')).waitFor();
      const last = { timeNs: 1100 * ms, faultId: 0, address: 0x7f3a5c002000n, lengthBytes: 4096 };
      const wake = { ...rows()[0]!, ...last, kind: 'wake', actor: 'user', flags: 0n, tid: 0 } as const;
      await timeline.append(rows().length + 1, [wake], 1200 * ms);
      await timeline.has('selected-phase', 'handedBack');
      await timeline.byId('chart').and(timeline.page.locator(':focus')).waitFor();
      await timeline.byId('announcement').getByText('Fault 2: handed back.').waitFor({ state: 'attached' });
    });

    it('show a refusal in the host’s words', async () => {
      await open();
      await select(2);
      await timeline.answer('fault/resolve', 'The range ends at 0x7f3a5d000000.');
      await timeline.byId('resolve-submit').click();
      await timeline.byId('results').getByText('The range ends at 0x7f3a5d000000.').waitFor();
    });

    it('offer Wake after EEXIST, which woke nobody', async () => {
      await open();
      await select(4);
      const start = '0x7f3a5c004000';
      const text = 'UFFDIO_COPY failed with EEXIST: the page is already there; nobody was woken.';
      await timeline.answer('fault/resolve', [
        { faultId: 4, ioctl: 'copy', start, lengthBytes: 4096, errno: 'EEXIST', out: '-17', text },
      ]);
      await timeline.answer('fault/wake', [
        { faultId: 4, ioctl: 'wake', start, lengthBytes: 4096, text: 'UFFDIO_WAKE succeeded.' },
      ]);
      await timeline.byId('resolve-submit').click();
      await timeline.byId('results').getByText('EEXIST · out -17').waitFor();
      await timeline.byId('wake-after-eexist').click();
      await timeline.byId('results').getByText('UFFDIO_WAKE succeeded.').waitFor();
      assert.deepEqual(await timeline.sent('fault/wake'), [{ sessionId: 1, faultIds: [4] }]);
    });
  });

  it('restores window, selection and form after a reload', async () => {
    await open();
    await select(3);
    await timeline.byId('resolve-fill').fill('0x77');
    await timeline.page.waitForFunction(
      () =>
        sessionStorage.getItem('fakeHostState')?.includes('"selectedId":3,') === true &&
        sessionStorage.getItem('fakeHostState')?.includes('0x77') === true,
    );
    await timeline.page.reload();
    await timeline.has('selected', 3);
    await timeline.has('following', 'false');
    assert.equal(await timeline.byId('resolve-fill').inputValue(), '0x77');
  });

  it('ignores a stored state that it cannot use', async () => {
    await open();
    await timeline.has('faults', 4);
    await timeline.page.evaluate(() =>
      sessionStorage.setItem('fakeHostState', '{"version":1,"startNs":"soon"}'),
    );
    await timeline.page.reload();
    await timeline.has('faults', 4);
    await timeline.has('following', 'true');
  });

  it('repaints when the theme changes', async () => {
    await open();
    await timeline.has('faults', 4);
    await timeline.page.evaluate(() => {
      document.documentElement.style.setProperty('--vscode-editor-background', '#102030');
    });
    await timeline
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
      await open({}, theme);
      await timeline.has('held', 2);
      const pixels = await timeline
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
