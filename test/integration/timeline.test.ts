import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { Command, timelineCommand, timelineViewType } from '../../extension/contributions.ts';
import { eventually } from '../helper/eventually.ts';
import { TargetProcess } from '../helper/targetProcess.ts';
import { attachHolding, detachIfAttached } from './extensionUnderTest.ts';
import { UserAtKeyboard } from './userAtKeyboard.ts';

function timelineTabs(): vscode.Tab[] {
  return vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .filter(
      ({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith(timelineViewType),
    );
}

describe('the timeline panel', () => {
  let user: UserAtKeyboard;

  beforeEach(async () => {
    user = new UserAtKeyboard();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });
  afterEach(async () => {
    await detachIfAttached();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    user.leave();
  });

  it('opens once, however often it is asked for', async () => {
    await vscode.commands.executeCommand(Command.showTimeline);
    await vscode.commands.executeCommand(Command.showTimeline);
    await eventually('the timeline is open', () => timelineTabs().length > 0);
    assert.equal(timelineTabs().length, 1);
  });

  it('opens by itself when a process is attached, and stays when the session ends', async () => {
    const target = await TargetProcess.start('missing', '--pages', '1');
    try {
      await attachHolding({ pid: target.pid }, 1);
      await eventually('the timeline is active', () => timelineTabs()[0]?.isActive);
      await detachIfAttached();
      assert.equal(timelineTabs().length, 1);
    } finally {
      await target.stop();
    }
  });

  it('takes its commands while it is visible, and each explains itself otherwise', async () => {
    const target = await TargetProcess.start('missing', '--pages', '1');
    const all = (['fitTimeline', 'toggleFollow', 'focusResolveForm', 'toggleLedger'] as const).map(
      timelineCommand,
    );
    try {
      await attachHolding({ pid: target.pid }, 1);
      await eventually('the timeline is active', () => timelineTabs()[0]?.isActive);
      for (const command of all) {
        await vscode.commands.executeCommand(command);
      }
      assert.deepEqual(user.messages, []);

      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
      for (const command of all) {
        await vscode.commands.executeCommand(command);
        assert.deepEqual((await user.reads(/timeline is not open/)).buttons, ['Show Timeline']);
      }

      await vscode.commands.executeCommand(Command.detach);
      await user.reads(/handed back: 1/);
      await vscode.commands.executeCommand(timelineCommand('toggleFollow'));
      await vscode.commands.executeCommand(timelineCommand('focusResolveForm'));
      await user.reads(/session has ended/);
      await user.reads(/session has ended/);
    } finally {
      await target.stop();
    }
  });
});
