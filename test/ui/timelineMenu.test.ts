/** The timeline's commands where people find them in a real VS Code: its menus, the palette and chords. */
import { axisPx } from '../../webview/render/chartFrame.ts';
import { TargetProcess } from '../helper/targetProcess.ts';
import { useWorkbench } from './useWorkbench.ts';

describe('The timeline’s commands in the workbench', function () {
  this.timeout(120_000);
  const ui = useWorkbench();
  let target: TargetProcess;

  beforeEach(async () => {
    target = await TargetProcess.start('missing', '--pages', '2');
    await target.asleep(1);
    await ui.workbench.runCommand('Userfaultfd: Attach to Process');
    await ui.workbench.isAsked('Choose a process that uses userfaultfd');
    await ui.workbench.answer(String(target.pid), 'missing');
    await ui.workbench.timelineHas('data-held', 1);
    await part('chart').focus();
    await ui.workbench.page.keyboard.press('n');
    await ui.workbench.timelineHas('data-selected', 1);
  });
  afterEach(() => target.stop());

  const part = (testId: string) => ui.workbench.timelineFrame.getByTestId(testId);
  const menuItem = (name: string) =>
    ui.workbench.page.locator('.monaco-menu').getByRole('menuitem', { name, exact: true });

  /** VS Code's menus ignore clicks in their first moment. */
  async function choose(name: string): Promise<void> {
    await menuItem(name).waitFor();
    let isChosen = false;
    while (!isChosen) {
      await menuItem(name)
        .click({ timeout: 1000 })
        .catch(() => undefined);
      isChosen = await menuItem(name)
        .waitFor({ state: 'hidden', timeout: 1000 })
        .then(
          () => true,
          () => false,
        );
    }
  }

  it('are in the menu of a fault by key, and act on it', async () => {
    await ui.workbench.page.keyboard.press('Shift+F10');
    await menuItem('Resolve Fault…').waitFor();
    await menuItem('Copy Fault as JSON').waitFor();
    await choose('Pin or Unpin Tooltip');
    await part('pinned-tooltip').getByText('Fault 1').waitFor();
  });

  it('are in the menu of a lane, by its label, and act on it', async () => {
    await part('chart').click({ button: 'right', position: { x: 60, y: axisPx + 16 } });
    await menuItem('Group Lanes by Range').waitFor();
    await menuItem('Hide This Thread').waitFor();
    await choose('Show Only This Thread');
    await part('chip-tids').getByText(String(target.sleeping()[0])).waitFor();
  });

  it('are in the menu of the toolbar', async () => {
    await part('chart').focus();
    await ui.workbench.page.keyboard.press('Escape');
    await ui.workbench.timelineHas('data-selected', '');
    await part('more-button').click();
    await menuItem('Go to Next Slowest Fault').waitFor();
    await choose('Go to Next Held Fault');
    await ui.workbench.timelineHas('data-selected', 1);
  });

  it('are in the palette, and Ctrl+F finds faults', async () => {
    await ui.workbench.runCommand('Userfaultfd: Select Time of Faults or of Window');
    await part('time-selection').waitFor();
    await ui.workbench.runCommand('Userfaultfd: Group Lanes by Range');
    await part('told').getByText('Lanes are by range.').waitFor();
    await ui.workbench.runCommand('Userfaultfd: Filter by Access and Thread');
    await part('filter-kind-missing').and(ui.workbench.timelineFrame.locator(':focus')).waitFor();
    await ui.workbench.page.keyboard.press('Escape');
    await part('filter-menu').waitFor({ state: 'detached' });
    await part('chart').focus();
    await ui.workbench.page.keyboard.press('Control+F');
    await part('find-text').and(ui.workbench.timelineFrame.locator(':focus')).waitFor();
    await ui.workbench.page.keyboard.type('missing');
    await part('find-count').getByText('1 of 1').waitFor();
  });
});
