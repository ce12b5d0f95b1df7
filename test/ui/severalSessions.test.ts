/** Two real targets attached at once in a real VS Code, by keyboard alone. */
import assert from 'node:assert/strict';
import { eventually } from '../helper/eventually.ts';
import { TargetProcess } from '../helper/targetProcess.ts';
import { resolveByPalette } from './resolveByPalette.ts';
import { useWorkbench } from './useWorkbench.ts';

describe('Two sessions in the workbench', function () {
  this.timeout(120_000);
  const ui = useWorkbench();
  let targets: readonly TargetProcess[];

  beforeEach(async () => {
    targets = await Promise.all([1, 2].map(() => TargetProcess.start('missing', '--pages', '2')));
    await Promise.all(targets.map((target) => target.asleep(1)));
  });
  afterEach(() => Promise.all(targets.map((target) => target.stop())));

  async function attach(target: TargetProcess): Promise<void> {
    await ui.workbench.runCommand('Userfaultfd: Attach to Process');
    await ui.workbench.isAsked('Choose a process that uses userfaultfd');
    await ui.workbench.answer(String(target.pid), 'missing');
  }

  /** Both in turn: the second session is the current one then. */
  async function attachBoth(): Promise<void> {
    await attach(targets[0]!);
    await ui.workbench.timelineHas('data-held', 1);
    await attach(targets[1]!);
    await ui.workbench.timelineHas('data-sessions', 2);
    await ui.workbench.timelineHas('data-current', 2);
  }

  async function press(key: string): Promise<void> {
    await ui.workbench.timelineFrame.getByTestId('chart').focus();
    await ui.workbench.page.keyboard.press(key);
  }

  it('are attached, resolved each, and one is detached while the other goes on', async () => {
    const { workbench } = ui;
    const [first, second] = targets as [TargetProcess, TargetProcess];
    const header = (id: number) => workbench.timelineFrame.locator(`.header[data-session="${id}"]`);
    await attachBoth();
    await header(1).getByText(`pid ${first.pid}`).waitFor();
    await header(1).getByText('1 held').waitFor();
    await workbench.statusBar.getByText('2 sessions').waitFor();

    await press('PageUp');
    await workbench.timelineHas('data-current', 1);
    await resolveByPalette(workbench, 0x11);
    await eventually('the first target went on', () => first.touched.length === 1);
    assert.equal(first.touched[0]!.byte, 0x11);
    assert.equal(second.touched.length, 0, 'the other one is not touched');

    await press('PageDown');
    await workbench.timelineHas('data-current', 2);
    await press('n');
    await workbench.timelineHas('data-selected-phase', 'held');
    await resolveByPalette(workbench, 0x22);
    await eventually('the second target went on', () => second.touched.length === 1);
    assert.equal(second.touched[0]!.byte, 0x22);

    await workbench.runCommand('Userfaultfd: Detach');
    await workbench.isAsked('Choose the session to detach from');
    await workbench.answer(String(first.pid), `missing (${first.pid})`);
    await header(1).getByText('ended').waitFor();
    await header(2).getByText('attached').waitFor();
    await workbench.runCommand('Userfaultfd: Close Ended Session');
    await workbench.timelineHas('data-sessions', 1);
    await workbench.timelineHas('data-session', 'live');
  });

  it('hand the held faults of both back when the window is closed', async () => {
    const { workbench } = ui;
    await attachBoth();
    await workbench.timelineFrame.locator('.header[data-session="2"]').getByText('1 held').waitFor();
    assert.deepEqual(
      targets.map((target) => target.faultCounts().pending),
      [0, 0],
      'both held faults have been read',
    );

    // As a person closes it: without its goodbye the server would wait for the window to come back.
    await workbench.page.close({ runBeforeUnload: true });
    await Promise.all(targets.map((target) => target.pending(1)));
  });
});
