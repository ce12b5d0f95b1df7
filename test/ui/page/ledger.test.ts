/** The ledger under the chart. */
import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import type { EventRow } from '../../../native-helper/log/eventRows.ts';
import { flagged, flaggedNowNs, flaggedRows } from './flaggedTrace.ts';
import { SampleLog } from './sampleTrace.ts';
import { ms, suiteTimeoutMs, usePage } from './usePage.ts';

const rowPx = 22;

/** Many served faults, so many that only a part of them is ever seen. */
function manyRows(count: number): EventRow[] {
  const log = new SampleLog();
  for (let n = 0; n < count; n++) {
    log.fault({
      tid: 4242 + (n % 5),
      raisedNs: (10 + n) * ms,
      page: n % 4000,
      readAfterNs: 0.1 * ms,
      resolvedAfterNs: (0.1 + ((n * 37) % 100) / 200) * ms,
      wakesAtOnce: true,
    });
  }
  return log.rows();
}

describe('The ledger', function () {
  this.timeout(suiteTimeoutMs);
  const page = usePage();

  const ledger = (): Locator => page.timeline.byId('ledger');
  const row = (faultId: number): Locator => ledger().locator(`[role=row][data-fault="${faultId}"]`);
  const cell = (faultId: number, column: string): Locator => row(faultId).locator(`[data-column=${column}]`);
  const focused = (locator: Locator): Locator => locator.and(page.timeline.page.locator(':focus'));

  async function openLedger(rows: EventRow[] = flaggedRows(), nowNs = flaggedNowNs): Promise<void> {
    await page.open({ rows, nowNs });
    await page.timeline.byId('chart').focus();
    await page.timeline.page.keyboard.press('t');
    await focused(ledger()).waitFor();
    await ledger().locator('[role=row][data-fault]').first().waitFor();
  }

  async function listedIds(): Promise<number[]> {
    return ledger()
      .locator('[role=row][data-fault]')
      .evaluateAll((rows) => rows.map((each) => Number((each as HTMLElement).dataset['fault'])));
  }

  async function lists(count: number): Promise<void> {
    await page.timeline.page.locator(`[data-testid=ledger][data-listed="${count}"]`).waitFor();
  }

  async function topFault(): Promise<number> {
    return (await listedIds())[0]!;
  }

  it('is shown and hidden by key, button and command, and takes and returns the focus', async () => {
    await openLedger();
    await page.timeline.page.keyboard.press('Escape');
    await focused(page.timeline.byId('chart')).waitFor();
    await page.timeline.page.keyboard.press('t');
    await ledger().waitFor({ state: 'detached' });
    await page.timeline.byId('ledger-button').click();
    await ledger().waitFor();
    await page.timeline.notify('view/command', { command: 'toggleLedger' });
    await ledger().waitFor({ state: 'detached' });
  });

  it('tells of each fault its life, its ioctls and what is wrong with it', async () => {
    await openLedger();
    await lists(13);
    const flags = async (faultId: number): Promise<string> =>
      (await cell(faultId, 'flags').textContent())!.trim();
    assert.equal(await flags(flagged.fine), '');
    assert.equal(await flags(flagged.exists), 'EEXIST, nobody woken');
    assert.equal(await flags(flagged.notWoken), 'resolved with DONTWAKE, not woken');
    assert.equal(await flags(flagged.nothingDone), 'read, nothing done');
    assert.match(await flags(flagged.removed), /stale: page removed/);
    assert.match(await flags(flagged.unmapped), /stale: page unmapped/);
    await ledger().press('End');
    assert.match(await flags(flagged.livelock[3]), /livelock: 4th time/);
    assert.match(await flags(flagged.livelock[1]), /faulted again after a wake that resolved nothing/);
    const text = async (faultId: number, column: string): Promise<string> =>
      (await cell(faultId, column).textContent())!.trim();
    assert.equal(await text(flagged.livelock[3], 'retry'), '3');
    assert.equal(await text(flagged.inferred, 'thread'), 'Thread 4249 (inferred)');
    await ledger().press('Home');
    assert.equal(await text(flagged.fine, 'state'), 'Woken');
    assert.equal(await text(flagged.fine, 'thread'), 'postcopy 4242');
    assert.equal(await text(flagged.fine, 'address'), '0x7f3a5c001000');
    assert.equal(await text(flagged.fine, 'range'), '0x7f3a5c000000 + 16 MiB');
    assert.equal(await text(flagged.fine, 'access'), 'MISSING WRITE');
    assert.equal(await text(flagged.fine, 'waiting'), '2.00 ms');
    assert.equal(await text(flagged.fine, 'service'), '78.0 ms');
    assert.equal(await text(flagged.fine, 'latency'), '80.0 ms');
    assert.equal(await text(flagged.exists, 'ioctls'), 'COPY EEXIST');
    assert.match(await text(flagged.moved, 'address'), /moved to 0x7f3a5c0c8000/);
  });

  it('sorts by each column, one way and the other', async () => {
    await openLedger();
    const head = (column: string): Locator =>
      ledger()
        .locator('[role=columnheader]')
        .filter({ has: page.timeline.byId(`ledger-sort-${column}`) });
    assert.equal(await head('id').getAttribute('aria-sort'), 'ascending');
    await page.timeline.byId('ledger-sort-id').click();
    await row(flagged.unknownThread).waitFor();
    assert.equal(await head('id').getAttribute('aria-sort'), 'descending');
    assert.equal(await topFault(), 13);
    await page.timeline.byId('ledger-sort-flags').click();
    await page.timeline.byId('ledger-sort-flags').click();
    await page.timeline.page.waitForFunction(
      (worst) =>
        document
          .querySelector('uffd-timeline')
          ?.shadowRoot?.querySelector('uffd-ledger')
          ?.shadowRoot?.querySelector('[data-place="0"]')
          ?.getAttribute('data-fault') === worst,
      String(flagged.livelock[3]),
    );
    assert.equal(await head('id').getAttribute('aria-sort'), 'none');
    assert.equal(await head('flags').getAttribute('aria-sort'), 'descending');
  });

  it('sorts by keyboard alone', async () => {
    await openLedger();
    await page.timeline.byId('ledger-sort-id').focus();
    await page.timeline.page.keyboard.press('ArrowRight');
    await focused(page.timeline.byId('ledger-sort-state')).waitFor();
    await page.timeline.page.keyboard.press('Enter');
    await ledger().locator('[role=columnheader][aria-sort=ascending]').getByText('State').waitFor();
    await page.timeline.page.keyboard.press('ArrowDown');
    await focused(ledger()).waitFor();
  });

  it('filters by text and to the open or flagged faults, and says when none is left', async () => {
    await openLedger();
    await page.timeline.page.keyboard.press('/');
    const filter = page.timeline.byId('ledger-filter');
    await focused(filter).waitFor();
    await page.timeline.page.keyboard.type('eexist');
    await lists(1);
    assert.deepEqual(await listedIds(), [flagged.exists]);
    await page.timeline.byId('ledger-count').getByText('1 of 13 faults').waitFor();
    await filter.fill('no such thing');
    await lists(0);
    await ledger().getByText('No fault matches the filter.').waitFor();
    await filter.fill('');
    await lists(13);
    await page.timeline.byId('ledger-scope').selectOption('open');
    await lists(9);
    await page.timeline.byId('ledger-scope').selectOption('flagged');
    await row(flagged.exists).waitFor();
    assert.equal(await row(flagged.fine).count(), 0);
  });

  it('counts a single fault as one', async () => {
    const log = new SampleLog();
    log.fault({ tid: 4242, raisedNs: 100 * ms, page: 1, readAfterNs: ms });
    await page.open({ rows: log.rows() });
    await page.timeline.has('held', 1);
    await page.timeline.byId('chart').focus();
    await page.timeline.page.keyboard.press('t');
    await page.timeline
      .byId('ledger-count')
      .getByText(/^1 fault$/)
      .waitFor();
  });

  it('makes only the rows that are seen', async () => {
    await openLedger(manyRows(20_000), 30_000 * ms);
    await lists(20_000);
    assert.equal(await ledger().getAttribute('aria-rowcount'), '20001');
    await ledger().press('End');
    await page.timeline.has('selected', 20_000);
    await row(20_000).waitFor();
    assert.ok((await listedIds()).length < 60);
    await ledger().press('PageUp');
    await ledger().press('Home');
    await page.timeline.has('selected', 1);
    await row(1).waitFor();
  });

  it('selects by pointer: one, one more, and all up to it', async () => {
    await openLedger();
    await row(2).click();
    await page.timeline.has('selected', 2);
    await row(4).click({ modifiers: ['Control'] });
    await page.timeline.has('selected-count', 2);
    await row(2).click();
    await row(5).click({ modifiers: ['Shift'] });
    await page.timeline.has('selected-count', 4);
    await page.timeline.has('selected', 5);
    for (const id of [2, 3, 4, 5]) {
      assert.equal(await row(id).getAttribute('aria-selected'), 'true');
    }
    assert.equal(await row(6).getAttribute('aria-selected'), 'false');
    assert.deepEqual((await page.timeline.sent('selection/didChange')).at(-1), {
      sessionId: 1,
      faultId: 5,
      faultIds: [2, 3, 4, 5],
    });
  });

  it('selects by keyboard, in its own order, and leads to the form and back to the chart', async () => {
    await openLedger();
    await page.timeline.byId('ledger-sort-id').click();
    await row(13).waitFor();
    await ledger().focus();
    await page.timeline.page.keyboard.press('ArrowDown');
    await page.timeline.has('selected', 13);
    await page.timeline.page.keyboard.press('Shift+ArrowDown');
    await page.timeline.page.keyboard.press('Shift+ArrowDown');
    await page.timeline.has('selected', 11);
    assert.deepEqual((await page.timeline.sent('selection/didChange')).at(-1), {
      sessionId: 1,
      faultId: 11,
      faultIds: [13, 12, 11],
    });
    const active = await ledger().getAttribute('aria-activedescendant');
    assert.equal(active, await row(11).getAttribute('id'));
    await page.timeline.page.keyboard.press('Control+a');
    await page.timeline.has('selected-count', 13);
    await page.timeline.has('selected', 11);
    await page.timeline.page.keyboard.press('Enter');
    await focused(
      page.timeline.page.locator('uffd-resolve-form select, uffd-resolve-form input').first(),
    ).waitFor();
    await page.timeline.page.keyboard.press('Escape');
    await focused(page.timeline.byId('chart')).waitFor();
  });

  it('scrolls to what the chart selects, and moves the chart to what it selects itself', async () => {
    await openLedger(manyRows(3000), 3100 * ms);
    await lists(3000);
    await page.timeline.byId('chart').focus();
    await page.timeline.page.keyboard.press('ArrowLeft');
    await page.timeline.has('selected', 3000);
    await row(3000).waitFor();
    await page.timeline.page.keyboard.press('Home');
    const selected = Number(await page.timeline.root.getAttribute('data-selected'));
    await row(selected).waitFor();
    await page.timeline.page.keyboard.press('w');
    await page.timeline.page.keyboard.press('Shift+w');
    await ledger().press('End');
    await page.timeline.has('selected', 3000);
    const startNs = Number(await page.timeline.root.getAttribute('data-start-ns'));
    const endNs = Number(await page.timeline.root.getAttribute('data-end-ns'));
    assert.ok(startNs < 3009 * ms && 3010 * ms < endNs, 'fault 3000 is in the window');
  });

  it('takes up new rows where they belong, without moving what is read', async () => {
    const rows = manyRows(500);
    await openLedger(rows, 600 * ms);
    await page.timeline.byId('ledger-sort-id').click();
    await row(500).waitFor();
    await ledger().evaluate((scroller, toPx) => {
      scroller.scrollTop = toPx;
    }, 100 * rowPx);
    await row(400).waitFor();
    assert.equal(await topFault(), 400);
    const log = new SampleLog();
    log.fault({ tid: 4242, raisedNs: 700 * ms, page: 1, readAfterNs: ms });
    const added = log.rows().map((each) => ({ ...each, faultId: 501 }));
    await page.timeline.append(rows.length + 1, added, 710 * ms);
    await lists(501);
    assert.equal(await topFault(), 400);
    assert.equal(await ledger().evaluate((scroller) => scroller.scrollTop), 101 * rowPx);
  });

  it('is resized by keyboard and pointer, and remembered with its sort and filter', async () => {
    await openLedger();
    const heightPx = async (): Promise<number> =>
      page.timeline.page.locator('uffd-ledger').evaluate((element) => element.getBoundingClientRect().height);
    const before = await heightPx();
    const splitter = page.timeline.byId('ledger-splitter');
    await splitter.press('ArrowUp');
    assert.equal(await heightPx(), before + rowPx);
    const line = (await splitter.boundingBox())!;
    await page.timeline.page.mouse.move(line.x + 100, line.y + 3);
    await page.timeline.page.mouse.down();
    await page.timeline.page.mouse.move(line.x + 100, line.y + 33, { steps: 3 });
    await page.timeline.page.mouse.up();
    assert.equal(await heightPx(), before + rowPx - 30);
    await page.timeline.byId('ledger-sort-latency').click();
    await page.timeline.byId('ledger-filter').fill('held');
    await page.timeline.page.waitForFunction(
      () =>
        sessionStorage.getItem('fakeHostState')?.includes('"column":"latency"') === true &&
        sessionStorage.getItem('fakeHostState')?.includes('"text":"held"') === true,
    );
    await page.timeline.page.reload();
    await ledger().locator('[role=columnheader][aria-sort=ascending]').getByText('Latency').waitFor();
    assert.equal(await page.timeline.byId('ledger-filter').inputValue(), 'held');
    assert.equal(await heightPx(), before + rowPx - 30);
  });
});
