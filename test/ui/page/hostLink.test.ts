/** What the host says, and what the page tells it. */
import assert from 'node:assert/strict';
import { LatencyOverview } from '../../../native-helper/log/latencyOverview.ts';
import { liveView, SampleLog } from './sampleTrace.ts';
import { endedView, fourFaults, ms, suiteTimeoutMs, usePage } from './usePage.ts';

describe('The page and its host', function () {
  this.timeout(suiteTimeoutMs);
  const page = usePage();

  it('explains itself and offers to attach, to start the demo target, or to open a recording', async () => {
    await page.open({ view: null, rows: [] });
    await page.timeline.has('session', 'none');
    await page.timeline.byId('attach').click();
    await page.timeline.byId('demo').click();
    await page.timeline.byId('open-recording').click();
    assert.equal((await page.timeline.sent('attach/asked')).length, 1);
    assert.equal((await page.timeline.sent('demo/asked')).length, 1);
    assert.equal((await page.timeline.sent('recording/asked')).length, 1);
  });

  it('shows a session that begins later, and its first fault', async () => {
    await page.open({ view: null, rows: [] });
    await page.timeline.has('session', 'none');
    await page.timeline.notify('sessions/didChange', { sessions: [liveView], currentId: 1 });
    await page.timeline.byId('chart-note').getByText('No thread has faulted yet').waitFor();
    await page.timeline.append(1, fourFaults(), 1000 * ms);
    await page.timeline.has('faults', 4);
  });

  it('counts what is held, and takes rows as they come', async () => {
    await page.open();
    await page.timeline.has('held', 2);
    const log = new SampleLog();
    log.fault({ tid: 4245, raisedNs: 1100 * ms, page: 9, readAfterNs: ms });
    const next = fourFaults().length + 1;
    await page.timeline.append(
      next,
      log.rows().map((row) => ({ ...row, faultId: 5 })),
      1200 * ms,
    );
    await page.timeline.has('held', 3);
    await page.timeline.has('faults', 5);
  });

  it('ignores rows of another session and rows it already knows', async () => {
    await page.open();
    await page.timeline.has('faults', 4);
    await page.timeline.append(100, fourFaults(), 1200 * ms, 99);
    await page.timeline.append(1, fourFaults(), 1200 * ms);
    await page.timeline.notify('session/didChange', { view: endedView });
    await page.timeline.has('session', 'ended');
    await page.timeline.has('faults', 4);
    assert.equal((await page.timeline.sent('view/hydrate')).length, 1);
  });

  it('asks for everything again when rows are missing', async () => {
    await page.open();
    await page.timeline.has('faults', 4);
    await page.timeline.append(500, fourFaults(), 1200 * ms);
    await page.timeline.page.waitForFunction(
      () => window.fakeHost.received.filter((m) => m.method === 'view/hydrate').length === 2,
    );
    await page.timeline.has('faults', 4);
  });

  it('says what it has taken up, and shows how much of a long history has come until all has', async () => {
    await page.open({ rows: fourFaults().slice(0, 4), revision: fourFaults().length });
    await page.timeline.byId('history-progress').waitFor();
    await page.timeline.append(5, fourFaults().slice(4), 1200 * ms);
    await page.timeline.has('faults', 4);
    await page.timeline.byId('history-progress').waitFor({ state: 'detached' });
    assert.deepEqual(await page.timeline.sent('rows/taken'), [
      { sessionId: 1, sequence: 4 },
      { sessionId: 1, sequence: fourFaults().length },
    ]);
  });

  it('shows the lanes and an overview of a history that is still to come', async () => {
    const overview = LatencyOverview.empty();
    overview.add(900 * ms, 905 * ms);
    const bytes = Buffer.from(overview.packed()).toString('base64');
    await page.open({ rows: fourFaults().slice(0, 2), revision: 100, overview: [{ tid: 999, bytes }] });
    await page.timeline.byId('history-progress').waitFor();
    await page.timeline.has('lanes', 2);
  });

  it('shows all of a recording before its rows come, and waits for no more than there turn out to be', async () => {
    const overview = LatencyOverview.empty();
    overview.add(100 * ms, 105 * ms);
    overview.add(900 * ms, 905 * ms);
    const bytes = Buffer.from(overview.packed()).toString('base64');
    const view = { ...endedView, endReason: 'recording' } as const;
    await page.open({ view, rows: [], revision: 100, overview: [{ tid: 999, bytes }], nowNs: 905 * ms });
    await page.timeline.has('lanes', 1);
    const startNs = Number(await page.timeline.root.getAttribute('data-start-ns'));
    const endNs = Number(await page.timeline.root.getAttribute('data-end-ns'));
    assert.ok(
      startNs < 100 * ms && startNs > 0 && endNs > 900 * ms && endNs < 1000 * ms,
      `${startNs} ${endNs}`,
    );
    await page.timeline.append(1, fourFaults().slice(0, 2), 905 * ms);
    await page.timeline.byId('history-progress').waitFor();
    await page.timeline.notify('session/didChange', { view: { ...view, nowNs: 905 * ms, revision: 2 } });
    await page.timeline.byId('history-progress').waitFor({ state: 'detached' });
  });

  it('asks for everything again when it is shown again', async () => {
    await page.open();
    await page.timeline.has('faults', 4);
    await page.timeline.page.evaluate(() => {
      window.fakeHost.snapshot.sessions[0]!.batches = [];
      document.dispatchEvent(new Event('visibilitychange'));
    });
    await page.timeline.has('faults', 0);
  });

  it('tells the host what is selected', async () => {
    await page.open();
    await page.select(2);
    await page.timeline.page.keyboard.press('Escape');
    await page.timeline.has('selected', '');
    assert.deepEqual(await page.timeline.sent('selection/didChange'), [
      { sessionId: 1, faultId: 2, faultIds: [2] },
      { sessionId: 1, faultId: null, faultIds: [] },
    ]);
  });

  it('says that the session is over, and why nothing can be resolved', async () => {
    await page.open({ view: endedView });
    await page.timeline.byId('end-banner').getByText('The target exited.').waitFor();
    await page.select(2);
    await page.timeline.byId('form-hint').getByText('The session is over').waitFor();
    assert.equal(await page.timeline.byId('resolve-submit').getAttribute('disabled'), '');
    assert.equal(await page.timeline.byId('wake').getAttribute('disabled'), '');
  });

  it('counts rows that are no longer kept', async () => {
    await page.open({ droppedRows: 1234 });
    await page.timeline.byId('dropped-rows').getByText('1234 rows').waitFor();
  });

  it('does the commands of the palette', async () => {
    await page.open();
    await page.timeline.has('following', 'true');
    await page.timeline.notify('view/command', { command: 'toggleFollow' });
    await page.timeline.has('following', 'false');
    await page.timeline.notify('view/command', { command: 'focusResolveForm' });
    await page.timeline.has('selected', 2);
    await page.timeline.byId('resolve-ioctl').and(page.timeline.page.locator(':focus')).waitFor();
  });

  it('restores window, selection and form after a reload', async () => {
    await page.open();
    await page.select(3);
    await page.timeline.byId('resolve-fill').fill('0x77');
    await page.timeline.page.waitForFunction(
      () =>
        sessionStorage.getItem('fakeHostState')?.includes('"selectedId":3,') === true &&
        sessionStorage.getItem('fakeHostState')?.includes('0x77') === true,
    );
    await page.timeline.page.reload();
    await page.timeline.has('selected', 3);
    await page.timeline.has('following', 'false');
    assert.equal(await page.timeline.byId('resolve-fill').inputValue(), '0x77');
  });

  it('ignores a stored state that it cannot use', async () => {
    await page.open();
    await page.timeline.has('faults', 4);
    await page.timeline.page.evaluate(() =>
      sessionStorage.setItem('fakeHostState', '{"version":1,"startNs":"soon"}'),
    );
    await page.timeline.page.reload();
    await page.timeline.has('faults', 4);
    await page.timeline.has('following', 'true');
  });
});
