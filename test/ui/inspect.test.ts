/** Inspect in the workbench: a stuck thread is found, understood and freed by keyboard alone. */
import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { eventually } from '../helper/eventually.ts';
import { HelperProcess } from '../helper/helperProcess.ts';
import { TargetProcess } from '../helper/targetProcess.ts';
import { useWorkbench } from './useWorkbench.ts';

describe('Inspect in the workbench', function () {
  this.timeout(120_000);
  const ui = useWorkbench();
  const targets: TargetProcess[] = [];
  afterEach(async () => {
    await Promise.all(targets.splice(0).map((target) => target.stop()));
  });

  async function start(program: string, ...options: string[]): Promise<TargetProcess> {
    const target = await TargetProcess.start(program, ...options);
    targets.push(target);
    return target;
  }

  const view = (): Locator =>
    ui.workbench.page.locator('.pane').filter({
      has: ui.workbench.page.locator('.pane-header', { hasText: 'Userfaultfds' }),
    });
  const focused = (): Locator => view().locator('.monaco-list-row.focused');

  /** What a screen reader says of the focused row. */
  async function spoken(): Promise<string> {
    for (;;) {
      const [said] = await focused().evaluateAll((rows) =>
        rows.map((row) => row.getAttribute('aria-label') ?? ''),
      );
      if (said !== undefined) {
        return said;
      }
      // When processes come and go, the list may show another part of itself: the next key shows the focus again.
      await ui.workbench.page.keyboard.press('ArrowUp');
      await ui.workbench.page.keyboard.press('ArrowDown');
    }
  }

  /** Opens the view by the palette, and walks down to the row. */
  async function walkTo(row: RegExp): Promise<void> {
    await ui.workbench.runCommand('Userfaultfd: Inspect');
    await view().locator('.monaco-list-row').first().waitFor();
    // VS Code shows the focus in the list as soon as its command is done.
    await view().locator('.monaco-list:focus').waitFor();
    // A look that is under way may change a row that was passed already.
    await eventually(`a row like ${row}`, () => walkDownTo(row));
  }

  /** Walks from the first row down to this one; false when it is not there. */
  async function walkDownTo(row: RegExp): Promise<boolean> {
    const { keyboard } = ui.workbench.page;
    await keyboard.press('Home');
    let before = '';
    let said = await spoken();
    while (!row.test(said) && said !== before) {
      before = said;
      await keyboard.press('ArrowDown');
      said = await spoken();
    }
    return row.test(said);
  }

  /** The focus is on the row while that changes what it says: three looks. */
  async function staysAt(row: RegExp): Promise<void> {
    const said = new Set<string>();
    while (said.size < 3) {
      const now = await spoken();
      assert.match(now, row);
      said.add(now);
      await ui.workbench.page.waitForTimeout(50);
    }
  }

  it('tells what is stuck, explains it in full, and wakes it', async () => {
    const { workbench } = ui;
    const target = await start('stuck', 'eexist');
    target.send('touch');
    await target.asleep(1);

    await walkTo(new RegExp(`^stuck, ${target.pid} · 1 thread asleep, stuck$`));
    await workbench.page.keyboard.press('ArrowDown');
    assert.equal(await spoken(), 'Descriptor 3, 1 read, not woken, stuck');
    await workbench.page.keyboard.press('ArrowDown');
    assert.match(
      await spoken(),
      /^Read, never woken, 1 thread sleeps in a fault that was read and not woken since/,
    );

    await workbench.page.keyboard.press('Enter');
    const message = workbench.notifications.filter({ hasText: `stuck (${target.pid})` });
    await message.getByText('Unless the page is still on its way, wake them once').waitFor();
    await workbench.page.keyboard.press('Escape');

    await workbench.runCommand('Userfaultfd: Wake Sleeping Threads');
    await workbench.isAsked('Choose the userfaultfd');
    await workbench.answer(`${target.pid}`, `stuck (${target.pid})`);
    const dialog = workbench.page.locator('.monaco-dialog-box');
    await dialog.getByText('that sleeps in a fault?').waitFor();
    assert.equal(target.touched.length, 0, 'nothing is woken before the answer');
    await dialog.locator('.monaco-button:focus', { hasText: 'Wake' }).waitFor();
    await workbench.page.keyboard.press('Enter');
    await eventually('the thread goes on', () => target.touched.length === 1);
    await workbench.notifications.filter({ hasText: 'Woke the threads of stuck' }).waitFor();
    await walkTo(new RegExp(`^stuck, ${target.pid} · not stuck$`));
  });

  it('keeps what is expanded and where the user is while it looks again', async () => {
    const { workbench } = ui;
    const target = await start('missing');
    const [tid] = await target.asleep(1);
    await walkTo(new RegExp(`^missing, ${target.pid} `));
    await workbench.page.keyboard.press('ArrowDown');
    await workbench.page.keyboard.press('ArrowDown');
    while (!(await spoken()).startsWith('Sleeping Threads')) {
      await workbench.page.keyboard.press('ArrowDown');
    }
    const row = new RegExp(`^toucher-0 ${tid!}, touch`);
    // It expands the group, and goes to its first row once that is there.
    while (!row.test(await spoken())) {
      await workbench.page.keyboard.press('ArrowRight');
    }
    await staysAt(row);
    // Processes come and go, so that the list is painted anew.
    const other = await start('liveHandler', 'poll');
    await staysAt(row);
    await other.stop();
    await staysAt(row);
    await workbench.page.keyboard.press('ArrowUp');
    assert.match(await spoken(), /^Sleeping Threads/);
  });

  it('tells at the start of threads that a killed debugger has left asleep; Wake raises their faults again', async () => {
    const target = await start('missing', '--pages', '1');
    await target.asleep(1);
    const killed = await HelperProcess.start();
    await killed.attachHolding(target.pid, 1);
    // All in the same instant: nobody is left to hand back.
    const ours = [...killed.guardianPids, killed.pid];
    for (const signal of ['SIGSTOP', 'SIGKILL'] as const) {
      ours.forEach((pid) => process.kill(pid, signal));
    }
    await killed.stop();
    assert.deepEqual(target.faultCounts(), { pending: 0, total: 1 });

    await ui.workbench.runCommand('Userfaultfd: Inspect');
    const message = ui.workbench.notifications.filter({ hasText: `of process ${target.pid} (missing)` });
    await message.getByRole('button', { name: 'Wake', exact: true }).click();
    await target.pending(1);
  });
});
