import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { Command, Setting } from '../../extension/contributions.ts';
import { eventually } from '../helper/eventually.ts';
import { TargetProcess } from '../helper/targetProcess.ts';
import { activate, attachHolding, childrenWith, detachIfAttached } from './extensionUnderTest.ts';
import { UserAtKeyboard } from './userAtKeyboard.ts';

async function setNodePath(nodePath: string | undefined): Promise<void> {
  await vscode.workspace
    .getConfiguration()
    .update(Setting.helperNodePath, nodePath, vscode.ConfigurationTarget.Global);
}

describe('a helper that cannot start', () => {
  let user: UserAtKeyboard;
  let target: TargetProcess;

  beforeEach(async () => {
    user = new UserAtKeyboard();
    target = await TargetProcess.start('missing', '--pages', '1');
    await activate();
    childrenWith('helper.cjs').forEach((pid) => process.kill(pid, 'SIGKILL'));
    await eventually('no helper runs', () => childrenWith('helper.cjs').length === 0);
  });
  afterEach(async () => {
    await setNodePath(undefined);
    await detachIfAttached();
    await target.stop();
    user.leave();
  });

  for (const [what, nodePath] of [
    ['does not exist', '/nonexistent/node'],
    ['ends at once', '/bin/false'],
  ] as const) {
    it(`says so when its Node program ${what}, and starts once that is put right`, async () => {
      await setNodePath(nodePath);
      await vscode.commands.executeCommand(Command.attachToProcess, { pid: target.pid });
      const message = await user.reads(/helper process has ended or could not start/);
      assert.equal(message.severity, 'error');
      assert.deepEqual(message.buttons, ['Retry', 'Show Log', 'Open Setting']);
      assert.deepEqual(user.messages, []);
      await setNodePath(undefined);
      await attachHolding({ pid: target.pid }, 1);
    });
  }
});
