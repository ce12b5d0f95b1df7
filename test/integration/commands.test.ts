import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { Command, timelineCommand, timelineCommands } from '../../extension/contributions.ts';
import { activate, detachIfAttached } from './extensionUnderTest.ts';
import { UserAtKeyboard } from './userAtKeyboard.ts';

describe('the commands', () => {
  let user: UserAtKeyboard;

  before(async () => {
    await activate();
    await detachIfAttached();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });
  beforeEach(() => {
    user = new UserAtKeyboard();
  });
  afterEach(() => user.leave());

  it('are all there after activation', async () => {
    const all = await vscode.commands.getCommands(true);
    assert.deepEqual(
      [...Object.values(Command), ...timelineCommands.map(([id]) => id)].filter((id) => !all.includes(id)),
      [],
    );
  });

  for (const command of [
    Command.resolveFault,
    Command.ioctlOnRange,
    Command.wake,
    Command.switchSession,
    Command.detach,
    Command.detachAll,
  ]) {
    it(`${command} says without a session what to do first`, async () => {
      await vscode.commands.executeCommand(command);
      const message = await user.reads(/No process is attached/);
      assert.deepEqual(message.buttons, ['Attach to Process…', 'Start Demo Target']);
    });
  }

  it(`${Command.closeSession} says that there is nothing to close`, async () => {
    await vscode.commands.executeCommand(Command.closeSession);
    await user.reads(/No session has ended/);
  });

  for (const command of [
    timelineCommand('fitTimeline'),
    timelineCommand('toggleFollow'),
    timelineCommand('focusResolveForm'),
    timelineCommand('toggleLedger'),
    timelineCommand('nextSlowest'),
  ]) {
    it(`${command} says without a session what to do first, also with the timeline closed`, async () => {
      await vscode.commands.executeCommand(command);
      await user.reads(/No process is attached/);
      assert.deepEqual(user.messages, []);
    });
  }

  for (const [what, argument, field] of [
    ['a pid below 1', { pid: -1 }, /pid/],
    ['a descriptor that is no number', { pid: 1, fd: 'three' }, /fd/],
    ['a field it does not know', { pid: 1, core: 2 }, /core/],
    ['no object', 'everything', /everything/],
  ] as const) {
    it(`uffd.attachToProcess refuses ${what}`, async () => {
      await vscode.commands.executeCommand(Command.attachToProcess, argument);
      const message = await user.reads(field);
      assert.equal(message.severity, 'error');
    });
  }

  it('uffd.attachToProcess says that a process does not exist, and offers another', async () => {
    await vscode.commands.executeCommand(Command.attachToProcess, { pid: 0x7fffffff });
    const message = await user.reads(/no process 2147483647/);
    assert.equal(message.severity, 'error');
    assert.deepEqual(message.buttons, ['Attach to Process…']);
  });

  it('uffd.attachToProcess says that a process has no userfaultfd', async () => {
    await vscode.commands.executeCommand(Command.attachToProcess, { pid: process.pid });
    await user.reads(/has no userfaultfd/);
  });
});
