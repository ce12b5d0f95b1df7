import assert from 'node:assert/strict';
import { suiteTimeoutMs, usePage } from './usePage.ts';

describe('The lanes of the chart', function () {
  this.timeout(suiteTimeoutMs);
  const page = usePage();

  it('are grouped by range on demand, and so again after a reload', async () => {
    await page.open();
    const { timeline } = page;
    const button = timeline.byId('lanes-button');
    await button.click();
    await timeline.page.waitForFunction(lanesBy, 'range');
    assert.match((await button.getAttribute('title')) ?? '', /by Thread/);
    // The state is stored a moment after the change.
    await timeline.page.waitForFunction(() => sessionStorage.getItem('fakeHostState')?.includes('"range"'));
    await timeline.page.reload();
    await timeline.page.waitForFunction(lanesBy, 'range');
    await timeline.byId('lanes-button').click();
    await timeline.page.waitForFunction(lanesBy, 'thread');
  });
});

/** Runs in the page: whether the shown lanes are grouped so. */
function lanesBy(wanted: string): boolean {
  const app = document.querySelector('uffd-timeline') as unknown as {
    readonly state?: { readonly trace: { readonly lanes: { readonly laneBy: string } } };
  } | null;
  return app?.state?.trace.lanes.laneBy === wanted;
}
