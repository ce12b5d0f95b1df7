/** Several sessions in one timeline: groups of lanes on one axis, and one of them the current one. */
import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { liveView, SampleLog } from './sampleTrace.ts';
import { laterNs, secondSession, secondView, twoSessions } from './twoSessions.ts';
import { ms, suiteTimeoutMs, usePage } from './usePage.ts';

describe('Several sessions', function () {
  this.timeout(suiteTimeoutMs);
  const page = usePage();

  const header = (id: number): Locator => page.timeline.page.locator(`.header[data-session="${id}"]`);
  const press = async (...keys: string[]): Promise<void> => {
    await page.timeline.byId('chart').focus();
    for (const key of keys) {
      await page.timeline.page.keyboard.press(key);
    }
  };
  const chosen = (): Promise<unknown[]> => page.timeline.sent('session/chosen');
  /** Middle of the canvas' lanes below a session's header, at a share of the chart's width. */
  async function besideLanesOf(id: number, share: number): Promise<{ x: number; y: number }> {
    const band = (await header(id).boundingBox())!;
    const chart = (await page.timeline.byId('chart').boundingBox())!;
    return { x: chart.x + share * chart.width, y: band.y + band.height + 16 };
  }

  it('have a header each, with number, name and state; a single one has none', async () => {
    await page.open();
    await page.timeline.has('sessions', 1);
    assert.equal(await page.timeline.byId('session-header').count(), 0);
    await page.timeline.close();
    await page.open(twoSessions);
    await header(1).getByText('2 held').waitFor();
    assert.match((await header(2).textContent())!, /2\s+restore\s+pid 5150 · fd 11\s+2 held · attached/);
    assert.equal(await header(1).getAttribute('aria-current'), 'true');
    assert.equal(await header(2).getAttribute('aria-label'), 'Session 2: restore (5150), fd 11');
    await page.timeline.byId('session-name').locator('select').waitFor();
  });

  it('say that a session is a forked child’s', async () => {
    const session = { ...secondView.session, isCustody: true };
    await page.open({ ...twoSessions, others: [{ view: { ...secondView, session } }] });
    await header(2).getByText('forked child').waitFor();
  });

  it('lie on one axis by the common clock, whichever is current', async () => {
    await page.open(twoSessions);
    await press('f', 'f');
    await press('PageDown', 'n', 'f', 'f');
    await page.timeline.has('current', 2);
    const [startNs, endNs] = await Promise.all(
      ['data-start-ns', 'data-end-ns'].map((name) => page.timeline.root.getAttribute(name).then(Number)),
    );
    const raisedNs = laterNs + 400 * ms;
    assert.ok(startNs! < raisedNs && endNs! > raisedNs, `${raisedNs} is between ${startNs} and ${endNs}`);
    // A quarter of the fault's length lies before it and after it, however long it is by then.
    const shareBefore = (raisedNs - startNs!) / (endNs! - startNs!);
    assert.ok(
      Math.abs(shareBefore - 0.25 / 1.5) < 1e-6,
      `the fault of the later session fills the window: ${raisedNs} in ${startNs} to ${endNs}`,
    );
    await page.timeline.byId('fault-facts').getByText('loader').waitFor();
  });

  it('change by Page Down and Page Up, round at the end, and the host is told', async () => {
    await page.open(twoSessions);
    await page.timeline.has('held', 2);
    await press('PageDown');
    await page.timeline.has('current', 2);
    await page.timeline.byId('announcement').getByText('Session 2: restore (5150), fd 11').waitFor();
    await press('PageDown');
    await page.timeline.has('current', 1);
    await press('PageUp');
    await page.timeline.has('current', 2);
    assert.deepEqual(await chosen(), [{ sessionId: 2 }, { sessionId: 1 }, { sessionId: 2 }]);
    await page.timeline.has('faults', 3);
  });

  it('are crossed by the arrow keys from lane to lane, and by N from held fault to held fault', async () => {
    await page.open(twoSessions);
    await page.select(4);
    await press('ArrowDown');
    await page.timeline.has('current', 2);
    await page.timeline.has('selected', 1);
    assert.deepEqual((await page.timeline.sent('selection/didChange')).at(-1), {
      sessionId: 2,
      faultId: 1,
      faultIds: [1],
    });
    await press('ArrowUp');
    await page.timeline.has('current', 1);
    await page.timeline.has('selected', 4);
    await press('n');
    await page.timeline.has('current', 2);
    await press('n', 'n');
    await page.timeline.has('current', 1);
    await page.timeline.has('selected', 2);
  });

  it('keep a selection within one of them', async () => {
    await page.open(twoSessions);
    await press('h');
    await page.timeline.has('selected-count', 2);
    await press('Shift+ArrowDown', 'Shift+ArrowDown', 'Shift+ArrowDown');
    await page.timeline.has('current', 1);
    const { x, y } = await besideLanesOf(2, 0.3);
    await press('0');
    await page.timeline.page.mouse.move(x, y + 40);
    await page.timeline.page.mouse.down();
    await page.timeline.page.mouse.move(x + 2000, y - 300, { steps: 4 });
    await page.timeline.page.mouse.up();
    await page.timeline.has('current', 2);
    assert.equal(
      await page.timeline.root.getAttribute('data-selected-count'),
      '3',
      'the box began in the second session and selects there alone',
    );
  });

  it('become current by a click on a lane, on its label or on the header', async () => {
    await page.open(twoSessions);
    await page.timeline.has('held', 2);
    const { x, y } = await besideLanesOf(2, 0.02);
    await page.timeline.page.mouse.click(x, y);
    await page.timeline.has('current', 2);
    await header(1).getByTestId('show-session').click();
    await page.timeline.has('current', 1);
    await page.timeline.byId('session-select').selectOption('2');
    await page.timeline.has('current', 2);
    await page.timeline.byId('session-facts').getByText('restore (pid 5150)').waitFor();
  });

  it('collapse to their header by key and button, and open for a fault that is selected', async () => {
    await page.open(twoSessions);
    await page.timeline.has('held', 2);
    const before = (await header(2).boundingBox())!;
    await press('c');
    await page.timeline.has('collapsed', '1');
    await page.timeline.page.waitForFunction(
      ([id, y]) =>
        document
          .querySelector('uffd-timeline')!
          .shadowRoot!.querySelector('uffd-chart')!
          .shadowRoot!.querySelector('uffd-session-headers')!
          .shadowRoot!.querySelector(`.header[data-session="${id}"]`)!
          .getBoundingClientRect().y < y!,
      [2, before.y],
    );
    await press('n');
    await page.timeline.has('collapsed', '');
    await header(2).getByTestId('collapse').click();
    await page.timeline.has('collapsed', '2');
    await page.timeline.page.waitForFunction(() =>
      sessionStorage.getItem('fakeHostState')?.includes('"collapsed":["2@'),
    );
    await page.timeline.page.reload();
    await page.timeline.has('collapsed', '2');
    await header(2).getByTestId('collapse').click();
    await page.timeline.has('collapsed', '');
  });

  it('take rows each, also while they are not current', async () => {
    await page.open(twoSessions);
    await header(2).getByText('2 held').waitFor();
    const log = new SampleLog();
    log.fault({ tid: 5153, raisedNs: 1100 * ms, page: 9, readAfterNs: ms });
    const rows = log.rows().map((row) => ({ ...row, faultId: 4 }));
    await page.timeline.append(secondSession().rows!.length + 1, rows, 1200 * ms, 2);
    await header(2).getByText('3 held').waitFor();
    await page.timeline.has('faults', 4);
    assert.equal((await page.timeline.sent('view/hydrate')).length, 1);
  });

  it('come and go: one begins, ends, is left, and is closed', async () => {
    await page.open({ nowNs: laterNs });
    await page.timeline.has('held', 2);
    await page.timeline.notify('sessions/didChange', {
      sessions: [liveView, { ...secondView, nowNs: 0 }],
      currentId: 2,
    });
    await page.timeline.has('current', 2);
    await page.timeline.has('faults', 0);
    await page.timeline.append(1, secondSession().rows!, 1000 * ms, 2);
    await page.timeline.has('held', 2);
    await header(2).getByTestId('leave').click();
    assert.deepEqual(await page.timeline.sent('session/leaveAsked'), [{ sessionId: 2 }]);
    const ended = { ...liveView, endText: 'The target exited.', endReason: 'targetExited', nowNs: 1000 * ms };
    await page.timeline.notify('sessions/didChange', { sessions: [ended, secondView], currentId: 2 });
    await header(1).getByText('ended').waitFor();
    await page.timeline.has('session', 'live');
    const windowNs = async (): Promise<number> =>
      Number(await page.timeline.root.getAttribute('data-start-ns'));
    await press('Space');
    const before = await windowNs();
    await page.timeline.notify('sessions/didChange', { sessions: [secondView], currentId: 2 });
    await page.timeline.has('sessions', 1);
    await page.timeline.page.waitForFunction(
      () => window.fakeHost.received.filter((m) => m.method === 'view/hydrate').length === 2,
    );
    await page.timeline.page.waitForFunction(
      (startNs) => Number(document.querySelector('uffd-timeline')!.getAttribute('data-start-ns')) < startNs,
      before - laterNs / 2,
    );
    assert.ok(Math.abs((await windowNs()) - (before - laterNs)) < 1, 'the window stays at its moment');
  });

  it('do not lose the page’s choice to what the host said before it heard of it', async () => {
    await page.open(twoSessions);
    await page.timeline.has('held', 2);
    await press('PageDown', 'n');
    await page.timeline.has('selected', 2);
    await page.timeline.notify('sessions/didChange', { sessions: [liveView, secondView], currentId: 1 });
    await page.timeline.has('current', 2);
    await page.timeline.has('selected', 2);
    await page.timeline.notify('sessions/didChange', { sessions: [liveView, secondView], currentId: 2 });
    await page.timeline.notify('sessions/didChange', { sessions: [liveView, secondView], currentId: 1 });
    await page.timeline.has('current', 1);
  });

  for (const theme of ['dark', 'light', 'highContrast', 'highContrastLight'] as const) {
    it(`have colours of their own that differ: ${theme}`, async () => {
      const third = { ...secondView, session: { ...secondView.session, sessionId: 3 } };
      const others = [1, 2, 3, 4].map((colour) => ({
        view: { ...third, colour, session: { ...third.session, sessionId: colour + 1 } },
      }));
      await page.open({ ...twoSessions, others }, { theme });
      await header(5).waitFor();
      const colours = await page.timeline
        .byId('session-header')
        .evaluateAll((headers) =>
          headers.map((element) => getComputedStyle(element, '::before').backgroundColor),
        );
      assert.equal(new Set(colours).size, 5, colours.join(' '));
      assert.ok(!colours.includes('rgba(0, 0, 0, 0)'), colours.join(' '));
    });
  }
});
