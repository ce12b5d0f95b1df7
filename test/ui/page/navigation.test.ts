/** Following, stepping, the menu, the pinned tooltip, the wheel and the list of keys. */
import assert from 'node:assert/strict';
import { commandEntries, keyLabels } from '../../../webview/input/keys.ts';
import { axisPx } from '../../../webview/render/chartFrame.ts';
import { SampleLog } from './sampleTrace.ts';
import { endedView, fourFaults, ms, suiteTimeoutMs, usePage } from './usePage.ts';

const gutterPx = 184;

/** Three finished faults that last 30, 90 and 60 ms. */
function threeLatencies() {
  const log = new SampleLog();
  for (const [raisedMs, lastsMs] of [
    [100, 30],
    [300, 90],
    [500, 60],
  ] as const) {
    log.fault({
      tid: 4242,
      raisedNs: raisedMs * ms,
      page: raisedMs,
      readAfterNs: 0,
      resolvedAfterNs: lastsMs * ms,
      wakesAtOnce: true,
    });
  }
  return log.rows();
}

describe('Finding one’s way', function () {
  this.timeout(suiteTimeoutMs);
  const page = usePage();

  const keyboard = () => page.timeline.page.keyboard;

  it('pauses following at a pan, says so, counts what is new and jumps back to now', async () => {
    await page.open();
    await page.timeline.has('following', 'true');
    assert.equal(await page.timeline.byId('jump-to-now').count(), 0);
    await keyboard().press('a');
    await page.timeline.has('following', 'false');
    await page.timeline.byId('announcement').getByText('Following is paused').waitFor({ state: 'attached' });
    await page.timeline.byId('jump-to-now').getByText('Paused').waitFor();
    const rows = fourFaults();
    const log = new SampleLog();
    [1, 2, 3, 4, 5, 6].forEach((n) => log.fault({ tid: 4242 + n, raisedNs: 1000 * ms, page: 20 + n }));
    const later = log.rows().slice(4);
    await page.timeline.append(rows.length + 1, later, 1100 * ms);
    await page.timeline.byId('jump-to-now').getByText('2 new faults: jump to now').click();
    await page.timeline.has('following', 'true');
    await keyboard().press('a');
    await page.timeline.has('following', 'false');
    await keyboard().press('End');
    await page.timeline.has('following', 'true');
  });

  it('keeps following while it is zoomed', async () => {
    await page.open();
    await keyboard().press('w');
    await page.timeline.has('following', 'true');
  });

  it('steps through the slowest faults in the order of their latencies', async () => {
    await page.open({ rows: threeLatencies() });
    await keyboard().press('o');
    await page.timeline.has('selected', 2);
    await page.timeline.byId('told').getByText('Slowest fault number 1.').waitFor();
    await keyboard().press('o');
    await page.timeline.has('selected', 3);
    await keyboard().press('o');
    await page.timeline.has('selected', 1);
    await keyboard().press('o');
    await page.timeline.byId('told').getByText('No fault is less slow').waitFor();
    await keyboard().press('Shift+O');
    await page.timeline.has('selected', 3);
  });

  it('steps through the flagged faults', async () => {
    // Its clock stands, so that no other fault grows old enough for a flag.
    await page.open({ view: endedView });
    await keyboard().press('x');
    // Fault 4 was resolved with DONTWAKE and not woken.
    await page.timeline.has('selected', 4);
    await keyboard().press('x');
    await page.timeline.byId('told').getByText('No flagged fault after this one.').waitFor();
  });

  it('steps through the gaps where rows were dropped, and says how many faults are not shown', async () => {
    const rows = threeLatencies();
    const lost = { ...rows[0]!, kind: 'lost' as const, timeNs: 700 * ms, faultId: 0, tid: 0, out: 1234n };
    await page.open({ rows: [...rows, lost] });
    await keyboard().press('Shift+G');
    await page.timeline.byId('told').getByText('1\u202f234 faults not shown').waitFor();
    await page.timeline.has('time-selection', `${700 * ms} ${700 * ms}`);
    await keyboard().press('Shift+G');
    await page.timeline.byId('told').getByText('No gap before this.').waitFor();
  });

  it('pins the tooltip of the selected fault until Escape, wherever the pointer is', async () => {
    await page.open();
    await page.select(2);
    await keyboard().press('p');
    await page.timeline.byId('pinned-tooltip').getByText('Fault 2').waitFor();
    await page.timeline.page.mouse.move(400, 500);
    await page.timeline.byId('pinned-tooltip').getByText('Fault 2').waitFor();
    await keyboard().press('Escape');
    await page.timeline.byId('pinned-tooltip').waitFor({ state: 'hidden' });
    await page.timeline.has('selected', 2);
  });

  it('centres the selected fault first, and fits it then', async () => {
    await page.open();
    await page.select(2);
    const span = async (): Promise<number> =>
      Number(await page.timeline.root.getAttribute('data-end-ns')) -
      Number(await page.timeline.root.getAttribute('data-start-ns'));
    const beforeNs = await span();
    await keyboard().press('f');
    assert.ok(Math.abs((await span()) - beforeNs) < 10);
    await keyboard().press('f');
    assert.ok((await span()) < beforeNs / 2);
  });

  for (const [wheel, zooms] of [
    ['modern', false],
    ['classic', true],
  ] as const) {
    it(`${zooms ? 'zooms' : 'does not zoom'} by the plain wheel in ${wheel} mode, and always with Ctrl`, async () => {
      await page.open({}, { wheel });
      await keyboard().press('0');
      await page.timeline.has('following', 'false');
      const start = () => page.timeline.root.getAttribute('data-start-ns');
      const before = await start();
      await page.timeline.page.mouse.move(600, 300);
      await page.timeline.page.mouse.wheel(0, -200);
      await page.timeline.page.evaluate(
        () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
      );
      assert.equal((await start()) !== before, zooms);
      const then = await start();
      await keyboard().down('Control');
      await page.timeline.page.mouse.wheel(0, -50);
      await keyboard().up('Control');
      await page.timeline.page.waitForFunction(
        (old) => document.querySelector('uffd-timeline')?.getAttribute('data-start-ns') !== old,
        then,
      );
    });
  }

  describe('by the menu', () => {
    /** What VS Code would make of the next menu: it takes the context after all listeners of the page. */
    async function nextMenu(open: () => Promise<unknown>): Promise<Record<string, unknown>> {
      await page.timeline.page.evaluate(() => {
        window.addEventListener(
          'contextmenu',
          (event) => {
            event.preventDefault();
            const root = document.querySelector<HTMLElement>('uffd-timeline')!;
            root.dataset['menu'] = JSON.stringify([
              event.clientX,
              event.clientY,
              JSON.parse(root.dataset['vscodeContext'] ?? '{}'),
            ]);
          },
          { once: true },
        );
      });
      await open();
      await page.timeline.page.waitForFunction(
        () => document.querySelector<HTMLElement>('uffd-timeline')!.dataset['menu'] !== undefined,
      );
      const text = await page.timeline.root.getAttribute('data-menu');
      return (JSON.parse(text!) as [number, number, Record<string, unknown>])[2];
    }

    it('is about the fault under the pointer, which it selects', async () => {
      await page.open();
      const box = (await page.timeline.byId('chart').boundingBox())!;
      const x = box.x + gutterPx + ((0.8 + 0.2) / 10) * (box.width - gutterPx);
      const menu = await nextMenu(() =>
        page.timeline.page.mouse.click(x, box.y + axisPx + 32 + 16, { button: 'right' }),
      );
      assert.deepEqual(menu, {
        webviewSection: 'fault',
        preventDefaultContextMenuItems: true,
        sessionId: 1,
        faultId: 3,
        uffdFaultIsOpen: true,
        uffdIsMarked: false,
      });
      await page.timeline.has('selected', 3);
    });

    for (const key of ['Shift+F10', 'ContextMenu']) {
      it(`is about the selected fault at ${key}`, async () => {
        await page.open();
        await page.select(2);
        const menu = await nextMenu(() => keyboard().press(key));
        assert.equal(menu['webviewSection'], 'fault');
        assert.equal(menu['faultId'], 2);
      });
    }

    it('is about the selected time inside of it', async () => {
      await page.open();
      await keyboard().press('0');
      await keyboard().press('r');
      const menu = await nextMenu(() => page.timeline.page.mouse.click(600, 500, { button: 'right' }));
      assert.equal(menu['webviewSection'], 'time');
    });

    it('leaves inputs the menu that VS Code gives them', async () => {
      await page.open();
      await page.select(2);
      assert.deepEqual(
        await nextMenu(() => page.timeline.byId('resolve-fill').click({ button: 'right' })),
        {},
      );
    });

    it('of the toolbar has the steps', async () => {
      await page.open();
      const menu = await nextMenu(() => page.timeline.byId('more-button').click());
      assert.equal(menu['webviewSection'], 'more');
    });

    it('copies a fault, its facts as JSON and the statistics of the selected time', async () => {
      await page.open();
      await page.select(2);
      const copied = async (command: string): Promise<string> => {
        await page.timeline.notify('view/command', { command });
        await page.timeline.sends('clipboard/copy');
        const [last] = (await page.timeline.sent('clipboard/copy')).slice(-1) as { text: string }[];
        return last!.text;
      };
      assert.match(await copied('copyFault'), /^Fault 2, postcopy 4242, address 0x7f3a5c002000, held/);
      await page.timeline.notify('view/command', { command: 'copyFaultAsJson' });
      await page.timeline.page.waitForFunction(
        () => window.fakeHost.received.filter(({ method }) => method === 'clipboard/copy').length === 2,
      );
      const [, json] = (await page.timeline.sent('clipboard/copy')) as { text: string }[];
      const facts = JSON.parse(json!.text) as Record<string, unknown>;
      assert.deepEqual(
        [facts['fault'], facts['phase'], facts['raisedNs'], facts['resolvedNs']],
        [2, 'held', 500 * ms, null],
      );
    });
  });

  it('lists every command that has a key, with its keys, by the names of the palette', async () => {
    await page.open();
    await keyboard().press('?');
    const keys = page.timeline.byId('keys');
    await keys.waitFor();
    const listed = await keys.evaluate((element) =>
      [...element.shadowRoot!.querySelectorAll('dt')].map((term) => [
        [...term.querySelectorAll('kbd')].map((key) => key.textContent),
        term.nextElementSibling?.textContent,
      ]),
    );
    for (const [, entry] of commandEntries.filter(([, each]) => keyLabels(each).length > 0)) {
      assert.ok(
        listed.some(
          ([labels, title]) => title === entry.title && String(labels) === String(keyLabels(entry)),
        ),
        entry.title,
      );
    }
  });

  it('opens the ledger from the start with a screen reader, and follows in steps without motion', async () => {
    await page.open({}, { bodyClasses: ['vscode-using-screen-reader', 'vscode-reduce-motion'] });
    await page.timeline.byId('ledger-filter').waitFor();
    const { root } = page.timeline;
    await page.timeline.has('following', 'true');
    const startNs = await root.getAttribute('data-start-ns');
    const log = new SampleLog();
    [1, 2, 3, 4, 5].forEach((n) => log.fault({ tid: 4242, raisedNs: 1000 * ms, page: 20 + n }));
    await page.timeline.append(fourFaults().length + 1, log.rows().slice(4), 9800 * ms);
    await page.timeline.has('faults', 5);
    assert.equal(await root.getAttribute('data-start-ns'), startNs, 'the edge is still in the window');
  });
});
