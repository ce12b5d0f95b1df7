import assert from 'node:assert/strict';
import { liveView, SampleLog } from './sampleTrace.ts';
import { suiteTimeoutMs, usePage } from './usePage.ts';

const ms = 1e6;

describe('The lanes of the chart', function () {
  this.timeout(suiteTimeoutMs);
  const page = usePage();

  it('are grouped by range on demand, and so again after a reload', async () => {
    await page.open();
    const { timeline } = page;
    const button = timeline.byId('lanes-button');
    await button.click();
    await timeline.page.waitForFunction(lanesBy, 'range');
    assert.match((await button.getAttribute('title')) ?? '', /by Faulting Code/);
    // The state is stored a moment after the change.
    await timeline.page.waitForFunction(() => sessionStorage.getItem('fakeHostState')?.includes('"range"'));
    await timeline.page.reload();
    await timeline.page.waitForFunction(lanesBy, 'range');
    await button.click();
    await timeline.page.waitForFunction(lanesBy, 'code');
    await button.click();
    await timeline.page.waitForFunction(lanesBy, 'thread');
  });

  it('are grouped by the code that faulted, by key, and the details name it', async () => {
    const log = new SampleLog();
    const codes = [0x401136n, 0x7fff0000n, 0x401136n, undefined];
    codes.forEach((code, n) =>
      log.fault({
        tid: 4242 + n,
        raisedNs: (100 + n) * ms,
        page: n,
        readAfterNs: ms,
        ...(code === undefined ? {} : { code }),
      }),
    );
    const source = { path: '/src/restore.c', line: 12 };
    const named = { address: '0x401136', name: 'restore_page+0x1a', source };
    const view = { ...liveView, codes: [named, { address: '0x7fff0000', name: '', source: null }] };
    await page.open({ view, rows: log.rows() });
    const { timeline } = page;
    await timeline.byId('chart').focus();
    await timeline.page.keyboard.press('i');
    await timeline.page.waitForFunction(lanesBy, 'code');
    assert.deepEqual(await timeline.page.evaluate(laneCodes), ['0x401136', '0x7fff0000', null]);

    const code = timeline.byId('fault-code');
    await page.select(1);
    const said = timeline.byId('announcement').filter({ hasText: 'in restore_page+0x1a' });
    await said.waitFor({ state: 'attached' });
    await code.filter({ hasText: /restore_page\+0x1a\s+\/src\/restore\.c:12/ }).waitFor();
    await timeline.page.keyboard.press('ArrowDown');
    await timeline.has('selected', 2);
    await code.filter({ hasText: '0x7fff0000' }).waitFor();
    await timeline.page.keyboard.press('ArrowDown');
    await timeline.has('selected', 4);
    await code.waitFor({ state: 'detached' });
  });
});

/** Runs in the page: whether the shown lanes are grouped so. */
function lanesBy(wanted: string): boolean {
  const app = document.querySelector('uffd-timeline') as unknown as {
    readonly state?: { readonly trace: { readonly lanes: { readonly laneBy: string } } };
  } | null;
  return app?.state?.trace.lanes.laneBy === wanted;
}

/** Runs in the page: the instructions of lanes by code. */
function laneCodes(): unknown[] {
  const app = document.querySelector('uffd-timeline') as unknown as {
    readonly state: {
      readonly trace: {
        readonly lanes: { readonly list: readonly { readonly of: { readonly code: unknown } }[] };
      };
    };
  };
  return app.state.trace.lanes.list.map(({ of }) => of.code);
}
