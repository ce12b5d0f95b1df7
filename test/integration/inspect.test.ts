/** Inspect as the user meets it: rows of the view as arguments, and the palette without them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { InspectCommand } from '../../extension/contributions.ts';
import type { ApiInspectRow } from '../../extension/api.ts';
import { eventually } from '../helper/eventually.ts';
import { activate, leaveInspect, sessionWith } from './extensionUnderTest.ts';
import { useTargets } from './useTargets.ts';

describe('Inspect', () => {
  const test = useTargets();

  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  after(leaveInspect);

  /** Rows below a process, once one fits. */
  async function rowOf(
    pid: number,
    what: string,
    fits: (row: ApiInspectRow) => boolean,
  ): Promise<ApiInspectRow> {
    const api = await activate();
    await vscode.commands.executeCommand(InspectCommand.show);
    return eventually(what, () => {
      const process = api.inspectRows.find(({ id }) => id === `process ${pid}`);
      return process && below(process).find(fits);
    });
  }

  it('lists a stuck process with its sentence, and frees it by one Wake once that is confirmed', async () => {
    const target = await test.start('stuck', 'eexist');
    target.send('touch');
    const finding = await rowOf(target.pid, 'the finding', ({ label }) => label === 'Read, never woken');
    assert.match(
      finding.description,
      /^1 thread sleeps in a fault that was read and not woken since, while handler/,
    );

    const asked = vscode.commands.executeCommand(InspectCommand.wake, finding.id);
    const question = await test.user.reads(/^Wake every thread of stuck \(\d+\) that sleeps in a fault\?$/);
    assert.deepEqual(question.buttons, ['Wake']);
    assert.equal(target.touched.length, 0, 'nothing is woken before the answer');
    question.press('Wake');
    await asked;
    await test.user.reads(/^Woke the threads of stuck/);
    await eventually('the thread goes on', () => target.touched.length === 1);
    await rowOf(target.pid, 'it is not stuck any more', ({ description }) =>
      description.endsWith('· not stuck'),
    );
  });

  it('explains a finding in full, and attaches from there', async () => {
    const target = await test.start('missing', '--pages', '1');
    const advice = await rowOf(target.pid, 'what to try', ({ label }) => label === 'What to try');
    await vscode.commands.executeCommand(InspectCommand.explain, advice.id);
    const message = await test.user.reads(/^missing \(\d+\): 1 thread sleeps in a fault that was never read/);
    assert.deepEqual(message.buttons, ['Attach…', 'Copy']);
    message.press('Attach…');
    await sessionWith(
      'its fault is held',
      ({ pid, heldFaults }) => pid === target.pid && heldFaults.length === 1,
    );
  });

  it('attaches from the row of a userfaultfd', async () => {
    const target = await test.start('missing', '--uffds', '1');
    const fd = target.ready!.fd;
    const row = await rowOf(target.pid, 'the descriptor', ({ label }) => label === `Descriptor ${fd}`);
    await vscode.commands.executeCommand(InspectCommand.attach, row.id);
    await sessionWith('its fault is held', (session) => session.fd === fd && session.heldFaults.length === 1);
  });

  it('copies a row, a finding with its advice, and without a row all findings', async () => {
    const target = await test.start('missing', '--pages', '1');
    const finding = await rowOf(target.pid, 'the finding', ({ label }) => label === 'Nobody reads');
    const text = new RegExp(
      `^missing \\(${target.pid}\\), descriptor ${target.ready!.fd}: 1 thread sleeps .*\\nStart the handler`,
      'm',
    );
    await vscode.commands.executeCommand(InspectCommand.copy, finding.id);
    assert.match(await vscode.env.clipboard.readText(), text);
    const flags = await rowOf(target.pid, 'its flags', ({ label }) => label === 'Flags');
    await vscode.commands.executeCommand(InspectCommand.copy, flags.id);
    assert.equal(await vscode.env.clipboard.readText(), 'Flags O_NONBLOCK');
    await vscode.commands.executeCommand(InspectCommand.copy);
    assert.match(await vscode.env.clipboard.readText(), text);
  });

  it('opens the line of source a thread sleeps at, from its row and from the palette', async () => {
    const target = await test.start('missing', '--pages', '1');
    const [tid] = await target.asleep(1);
    // How long it sleeps is not known at every look: where processors' clocks disagree, a later one tells.
    const asleepAtLine = /^touch(_pages)?\+0x[0-9a-f]+ · (target\.h|missing\.c):\d+ · /;
    const thread = await rowOf(
      target.pid,
      'the thread, with its line and how long it sleeps',
      ({ label, description }) => label === `toucher-0 ${tid!}` && asleepAtLine.test(description),
    );
    await vscode.commands.executeCommand(InspectCommand.goToSource, thread.id);
    isAtTouch();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    test.user.will({ pick: new RegExp(`^toucher-0 ${tid!}$`) });
    await vscode.commands.executeCommand(InspectCommand.goToSource);
    isAtTouch();
  });

  it('asks which userfaultfd is meant when a command comes without a row', async () => {
    const target = await test.start('stuck', 'eexist');
    const other = await test.start('missing');
    target.send('touch');
    await target.asleep(1);
    await other.asleep(1);
    await rowOf(target.pid, 'the finding', ({ label }) => label === 'Read, never woken');
    test.user.will({ pick: new RegExp(`^stuck \\(${target.pid}\\)$`) });
    await vscode.commands.executeCommand(InspectCommand.explain);
    const { buttons } = await test.user.reads(new RegExp(`^stuck \\(${target.pid}\\): 1 thread sleeps`));
    assert.deepEqual(buttons, ['Wake…', 'Attach…', 'Copy']);
    test.user.will({ pick: new RegExp(`^stuck \\(${target.pid}\\)$`) });
    const asked = vscode.commands.executeCommand(InspectCommand.wake);
    (await test.user.reads(/^Wake every thread of stuck/)).press('Wake');
    await asked;
    await test.user.reads(/^Woke the threads/);
    await eventually('the thread goes on', () => target.touched.length === 1);
    test.user.will({ pick: new RegExp(`^missing \\(${other.pid}\\)$`) });
    await vscode.commands.executeCommand(InspectCommand.attach);
    await sessionWith(
      'its fault is held',
      ({ pid, heldFaults }) => pid === other.pid && heldFaults.length === 1,
    );
  });

  it('says so when there is nothing a command could be about', async function () {
    await vscode.commands.executeCommand(InspectCommand.refresh);
    if ((await activate()).inspectRows.length > 0) {
      console.log('    skipped: another program of this machine has a userfaultfd');
      this.skip();
    }
    for (const [command, text] of [
      [InspectCommand.explain, /^No userfaultfd that can be seen is stuck\./],
      [InspectCommand.copy, /^No userfaultfd that can be seen is stuck\./],
      [InspectCommand.wake, /^No thread that can be seen sleeps in a fault/],
      [InspectCommand.attach, /^No process with a userfaultfd can be seen\./],
      [InspectCommand.goToSource, /^No thread sleeps at a line of source that is known/],
    ] as const) {
      await vscode.commands.executeCommand(command);
      await test.user.reads(text);
    }
  });

  it('refuses to wake a process that has ended since, and says so', async () => {
    const target = await test.start('stuck', 'eexist');
    target.send('touch');
    const finding = await rowOf(target.pid, 'the finding', ({ label }) => label === 'Read, never woken');
    const asked = vscode.commands.executeCommand(InspectCommand.wake, finding.id);
    const question = await test.user.reads(/^Wake every thread/);
    await target.stop();
    question.press('Wake');
    await asked;
    await test.user.reads(/There is no process/);
  });
});

function below(row: ApiInspectRow): ApiInspectRow[] {
  return [row, ...row.children.flatMap(below)];
}

/** The editor shows the line in which the target touches a page. */
function isAtTouch(): void {
  const { document, selection } = vscode.window.activeTextEditor!;
  const line = readFileSync(document.uri.fsPath, 'utf8').split('\n')[selection.active.line]!;
  assert.match(path.basename(document.uri.fsPath), /^(target\.h|missing\.c)$/);
  assert.match(line, /page\[0\]/);
}
