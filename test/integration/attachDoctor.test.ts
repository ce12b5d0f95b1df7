/** The attach doctor as a user meets it: by the button of a refused attach, and by its command. */
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { Command, DoctorCommand, doctorScheme, Setting } from '../../extension/contributions.ts';
import { eventually } from '../helper/eventually.ts';
import { activate, attachHolding, childrenWith, helperPid } from './extensionUnderTest.ts';
import { useTargets } from './useTargets.ts';

const isRoot = process.getuid!() === 0;

describe('the attach doctor', () => {
  const context = useTargets();
  let folder: string;

  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'uffd-doctor-'));
  });
  beforeEach(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));
  afterEach(async () => {
    await startHelperBy(undefined);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });
  after(() => rmSync(folder, { recursive: true }));

  /** The next helper is started by this program; none is left. */
  async function startHelperBy(program: string | undefined): Promise<void> {
    await vscode.workspace
      .getConfiguration()
      .update(Setting.helperNodePath, program, vscode.ConfigurationTarget.Global);
    childrenWith('helper.cjs').forEach((pid) => process.kill(pid, 'SIGKILL'));
    await eventually('no helper runs', () => childrenWith('helper.cjs').length === 0);
  }

  /** A target that is refused: not dumpable and, for root, a helper that lacks CAP_SYS_PTRACE. */
  async function startRefused() {
    await activate();
    if (isRoot) {
      const program = path.join(folder, 'node');
      const drop = 'setpriv --bounding-set=-sys_ptrace --inh-caps=-sys_ptrace';
      writeFileSync(program, `#!/bin/sh\nexec ${drop} '${process.execPath}' "$@"\n`);
      chmodSync(program, 0o755);
      await startHelperBy(program);
      // An attach is not asked of the next helper when it meets the one just killed; a look at the machine is.
      await vscode.commands.executeCommand(DoctorCommand.check, {});
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    }
    return context.start('missing', '--not-dumpable', '--pages', '1');
  }

  /** VS Code may keep pages of earlier tests open for a while: the text is to be of this one only. */
  async function pageSaying(text: RegExp): Promise<string> {
    return eventually(`the page says ${text}`, () =>
      vscode.workspace.textDocuments
        .filter(({ uri }) => uri.scheme === doctorScheme)
        .map((page) => page.getText())
        .find((shown) => text.test(shown)),
    );
  }

  function pageRefusing({ pid }: { pid: number }): Promise<string> {
    return pageSaying(new RegExp(`^# Attach Doctor: missing \\(${pid}\\)\n\n✖ \\*\\*Refused\\.\\*\\*`));
  }

  function pageAllowing({ pid }: { pid: number }): Promise<string> {
    return pageSaying(new RegExp(`^✔ Attaching to process ${pid} is allowed\\.$`, 'm'));
  }

  it('is a button of a refused attach, and its page names the gate and what opens it', async () => {
    const target = await startRefused();
    await vscode.commands.executeCommand(Command.attachToProcess, { pid: target.pid });
    const message = await context.user.reads(/Not permitted to attach/);
    assert.deepEqual(message.buttons, ['Run Helper as Root…', 'Attach Doctor', 'Retry', 'Show Log']);
    assert.match(message.text, isRoot ? /has CAP_SYS_PTRACE that the helper has not/ : /not dumpable/);
    message.press('Attach Doctor');
    const gate = isRoot ? 'Capabilities' : 'Dumpable';
    const text = await pageSaying(new RegExp(`^# Attach Doctor: missing \\(${target.pid}\\)$`, 'm'));
    assert.match(text, new RegExp(`^✖ \\*\\*Refused\\.\\*\\* .* by the gate “${gate}”`, 'm'));
    assert.match(text, new RegExp(`^\\| ✖&nbsp;\\*\\*CLOSED\\*\\* \\| ${gate} \\|`, 'm'));
    assert.match(text, /^ {3}```(sh|c|jsonc)\n {3}\S/m);
    assert.match(text, /_Cost:_ /);
    assert.equal(target.faultCounts().pending, 1);
  });

  it('opens in VS Code’s own preview, as a page that cannot be changed', async () => {
    await vscode.commands.executeCommand(DoctorCommand.check, {});
    const input = await eventually('a tab shows it', () => {
      const shown = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
      return shown instanceof vscode.TabInputCustom && shown;
    });
    assert.equal(input.viewType, 'vscode.markdown.preview.editor');
    assert.equal(input.uri.scheme, doctorScheme);
    assert.equal(vscode.workspace.fs.isWritableFileSystem(doctorScheme) ?? false, false);
    await pageSaying(/^# Attach Doctor: this machine$/m);
  });

  it('checks again on demand, and the attach that it allows works', async () => {
    const target = await startRefused();
    await vscode.commands.executeCommand(DoctorCommand.check, { pid: target.pid });
    await pageRefusing(target);
    await startHelperBy(undefined);
    target.send('dumpable');
    await eventually('it is dumpable', () => target.said('dumpable').length === 1);
    await vscode.commands.executeCommand(DoctorCommand.checkAgain);
    await pageAllowing(target);
    assert.equal(vscode.window.tabGroups.activeTabGroup.tabs.length, 1, 'the same page');
    await attachHolding({ pid: target.pid }, 1);
  });

  it('is asked of a new helper when the one that ran has ended in the same moment', async () => {
    const target = await context.start('missing', '--pages', '1');
    await vscode.commands.executeCommand(DoctorCommand.check, { pid: target.pid });
    await pageAllowing(target);
    const killed = helperPid();
    process.kill(killed, 'SIGKILL');
    await vscode.commands.executeCommand(DoctorCommand.checkAgain);
    assert.deepEqual(context.user.messages, []);
    assert.notEqual(helperPid(), killed);
  });

  it('copies a command and runs none', async () => {
    const target = await startRefused();
    await vscode.commands.executeCommand(DoctorCommand.check, { pid: target.pid });
    const text = await pageRefusing(target);
    const code = /^ {3}```(?:sh|c|jsonc)\n {3}(.*)\n/m.exec(text)![1]!;
    context.user.will({ pick: /./ });
    await vscode.env.clipboard.writeText('');
    await vscode.commands.executeCommand(DoctorCommand.copy);
    assert.equal(await vscode.env.clipboard.readText(), code);
    assert.deepEqual(context.user.questions, ['Choose what to copy; nothing is run']);
  });

  it('says that there is nothing to copy where no command opens what is closed', async function () {
    await vscode.commands.executeCommand(DoctorCommand.check, { pid: 0x3ffffe });
    const text = await pageSaying(/There is no process 4194302/);
    if (text.includes('```')) {
      console.log('      skipped: this user is offered commands for a userfaultfd of a program of his own');
      this.skip();
    }
    await vscode.commands.executeCommand(DoctorCommand.copy);
    await context.user.reads(/There is no command to copy/);
  });

  for (const [what, argument, problem] of [
    ['a pid below 1', { pid: 0 }, /pid/],
    ['a field it does not know', { fd: 3 }, /fd/],
    ['no object', 'all', /all/],
  ] as const) {
    it(`refuses ${what}`, async () => {
      await vscode.commands.executeCommand(DoctorCommand.check, argument);
      const message = await context.user.reads(problem);
      assert.equal(message.severity, 'error');
    });
  }

  it('is offered for a process without a userfaultfd too', async () => {
    await vscode.commands.executeCommand(Command.attachToProcess, { pid: process.pid });
    const message = await context.user.reads(/has no userfaultfd/);
    assert.deepEqual(message.buttons, ['Attach to Process…', 'Attach Doctor']);
    message.press('Attach Doctor');
    await pageSaying(/by the gate “Userfaultfd”: it has no userfaultfd open/);
  });
});
