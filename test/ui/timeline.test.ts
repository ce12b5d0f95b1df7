/** The whole path in a real VS Code: a thread asleep in a fault, seen and resolved by hand. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { helperName } from '../../native-helper/inspect/debuggerNames.ts';
import { readUffd } from '../../native-helper/inspect/descriptors.ts';
import { findHolders } from '../../native-helper/inspect/holders.ts';
import { procRoot } from '../../native-helper/inspect/procFile.ts';
import { eventually } from '../helper/eventually.ts';
import { TargetProcess } from '../helper/targetProcess.ts';
import { resolveByPalette } from './resolveByPalette.ts';
import { useWorkbench } from './useWorkbench.ts';

const fillByte = 0x5a;

describe('Debugging by hand in the workbench', function () {
  this.timeout(120_000);
  const ui = useWorkbench();
  let target: TargetProcess;

  beforeEach(async () => {
    target = await TargetProcess.start('missing', '--pages', '2');
    await target.asleep(1);
  });
  afterEach(() => target.stop());

  /** Palette → picker → the target → its held fault in the timeline. */
  async function attach(): Promise<void> {
    await ui.workbench.runCommand('Userfaultfd: Attach to Process');
    await ui.workbench.isAsked('Choose a process that uses userfaultfd');
    await ui.workbench.answer(String(target.pid), 'missing');
    await ui.workbench.timelineHas('data-held', 1);
  }

  /** Waits until the thread has seen its first page and sleeps in the fault of the second. */
  async function goesOn(): Promise<void> {
    await eventually('the thread touched its first page', () => target.touched.length === 1);
    await target.asleep(1);
    assert.equal(target.touched[0]!.byte, fillByte);
  }

  it('resolves a fault from the form with DONTWAKE, and the thread sleeps until Wake', async () => {
    const { workbench } = ui;
    await attach();
    const [tid] = target.sleeping();

    const part = (testId: string) => workbench.timelineFrame.getByTestId(testId);
    await part('chart').focus();
    await workbench.page.keyboard.press('ArrowRight');
    await workbench.timelineHas('data-selected-phase', 'held');
    await part('fault-code')
      .filter({ hasText: /\btouch/ })
      .waitFor();
    await part('resolve-ioctl').selectOption('copy');
    await part('resolve-fill').fill(`0x${fillByte.toString(16)}`);
    await part('resolve-dontwake').check();
    await part('resolve-submit').click();
    await part('result').getByText('out 4096').waitFor();
    await workbench.timelineHas('data-selected-phase', 'asleep');

    assert.deepEqual(target.sleeping(), [tid], 'with DONTWAKE the thread sleeps on');
    assert.deepEqual(target.touched, []);
    await part('wake').click();
    await goesOn();
    await workbench.timelineHas('data-faults', 2);
  });

  it('resolves a fault from the palette by keyboard alone', async () => {
    const { workbench } = ui;
    await attach();

    await resolveByPalette(workbench, fillByte);

    await goesOn();
    await workbench.timelineHas('data-faults', 2);
  });

  it('hydrates the timeline when it is shown again', async () => {
    const { workbench } = ui;
    await attach();

    await workbench.runCommand('New Untitled Text File');
    await workbench.timeline.waitFor({ state: 'detached' });
    await resolveByPalette(workbench, fillByte);
    await goesOn();

    await workbench.runCommand('Userfaultfd: Show Timeline');
    await workbench.timelineHas('data-faults', 2);
    await workbench.timelineHas('data-held', 1);
  });

  it('hands the held fault back when the window reloads, and restores the panel', async () => {
    const { workbench } = ui;
    await attach();
    assert.equal(target.faultCounts().pending, 0, 'the held fault has been read');

    await workbench.reload();
    await target.pending(1);
    await workbench.timelineHas('data-session', 'none');
    await attach();
  });

  it('hands the held fault back when the extension host is killed', async () => {
    await attach();
    const { inode } = readUffd(procRoot, target.pid, target.ready!.fd)!;
    const helpers = findHolders(procRoot, inode)
      .map(({ pid }) => pid)
      .filter((pid) => nameOf(pid) === helperName);
    assert.equal(helpers.length, 1, 'one helper holds its uffd');
    process.kill(parentOf(helpers[0]!), 'SIGKILL');
    await target.pending(1);
    await eventually('the helper has ended', () => nameOf(helpers[0]!) === '');
  });
});

/** Name of a process; empty when it is gone. */
function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]);
}
