/** A trace file in the workbench: opened, looked at, and nothing offered that would need its process. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileOf, batchesOf, extremeRow, servedFaults } from '../unit/extension/trace/sampleRecording.ts';
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
    await workbench.runCommand('File: Open File');
    await workbench.answer(file, null);
    await workbench.timelineHas('data-session', 'ended');
    await workbench.timelineHas('data-faults', 200);
    const banner = workbench.timelineFrame.getByTestId('end-banner');
    assert.match((await banner.textContent()) ?? '', /recording of vmm "1" \(4711\).*was not ended/);
    await workbench.timelineFrame.locator('uffd-chart').focus();
    await workbench.page.keyboard.press('ArrowRight');
    await workbench.timelineFrame.getByTestId('recording').waitFor();
    assert.equal(await workbench.timelineFrame.getByTestId('resolve-form').count(), 0);
  });
});
