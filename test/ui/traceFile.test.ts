/** A trace file in the workbench: opened, looked at, and nothing offered that would need its process. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  fileOf,
  batchesOf,
  extremeRow,
  servedAtOnce,
  servedFaults,
} from '../unit/extension/trace/sampleRecording.ts';
import { makeTemporaryFolder } from '../workbench/temporaryFolder.ts';
import { useWorkbench } from './useWorkbench.ts';

describe('A trace file in the workbench', function () {
  this.timeout(120_000);
  const ui = useWorkbench();

  it('shows its timeline and its details, and that it was cut off', async () => {
    const { workbench } = ui;
    const folder = await makeTemporaryFolder('trace');
    const file = path.join(folder.path, 'vmm.uffd.arrows');
    const rows = [...servedFaults(200), { ...extremeRow, kind: 'log', timeNs: 250_000 } as const];
    await writeFile(file, fileOf(batchesOf(rows, 100), false));
    await workbench.openTrace(file);
    await workbench.timelineHas('data-session', 'ended');
    await workbench.timelineHas('data-faults', 200);
    const banner = workbench.timelineFrame.getByTestId('end-banner');
    await banner.filter({ hasText: /recording of vmm "1" \(4711\).*was not ended/ }).waitFor();
    await workbench.timelineFrame.locator('uffd-chart').focus();
    await workbench.page.keyboard.press('ArrowRight');
    await workbench.timelineFrame.getByTestId('recording').waitFor();
    assert.equal(await workbench.timelineFrame.getByTestId('resolve-form').count(), 0);
  });

  it('shows its picture at once, how far it is read, and what was read when that is cancelled', async () => {
    const { workbench } = ui;
    const folder = await makeTemporaryFolder('trace');
    const file = path.join(folder.path, 'long.uffd.arrows');
    // Many small batches, as of a recording of hours: the rows are few, but reading takes seconds.
    const batches = 20_000;
    await writeFile(file, fileOf(batchesOf(servedAtOnce(batches), 1)));
    await workbench.openTrace(file);
    await workbench.timelineHas('data-lanes', 4);
    const progress = workbench.notifications.filter({ hasText: `Reading ${file}` });
    await progress.getByRole('button', { name: 'Cancel' }).click();
    const banner = workbench.timelineFrame.getByTestId('end-banner');
    await banner.filter({ hasText: /was cancelled/ }).waitFor();
    await progress.waitFor({ state: 'detached' });
    await workbench.timelineFrame.getByTestId('history-progress').waitFor({ state: 'detached' });
    const faults = Number(await workbench.timeline.getAttribute('data-faults'));
    assert.ok(faults > 0 && faults < batches, `${faults} faults`);
  });
});
