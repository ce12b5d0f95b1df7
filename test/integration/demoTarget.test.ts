import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { Command } from '../../extension/contributions.ts';
import { eventually } from '../helper/eventually.ts';
import { childrenWith, detachIfAttached, isAlive, sessionWith } from './extensionUnderTest.ts';
import { UserAtKeyboard } from './userAtKeyboard.ts';

describe('the demo target', () => {
  let user: UserAtKeyboard;

  beforeEach(() => {
    user = new UserAtKeyboard();
  });
  afterEach(async () => {
    await detachIfAttached();
    childrenWith('demoTarget.cjs').forEach((pid) => process.kill(pid));
    user.leave();
  });

  async function start(kind: RegExp) {
    user.will({ pick: kind });
    await vscode.commands.executeCommand(Command.startDemoTarget);
    const message = await user.reads(/Demo target running as pid/);
    return { message, pid: Number(/pid (\d+)/.exec(message.text)![1]) };
  }

  it('starts without a handler, and one button attaches to its sleeping threads', async () => {
    const { message, pid } = await start(/Without a handler/);
    message.press('Attach');
    const session = await sessionWith(
      'its faults are held',
      (current) => current.pid === pid && current.heldFaults.length > 0,
    );
    assert.equal(session.state, 'attached');
  });

  it('is refused while its own handler is alive', async () => {
    const { message } = await start(/With its own handler/);
    message.press('Attach');
    await user.reads(/handler is alive/);
  });

  it('ends when it is told to stop, by its message or by the command', async () => {
    const first = await start(/Without a handler/);
    first.message.press('Stop');
    await eventually('it has ended', () => !isAlive(first.pid));
    const second = await start(/Without a handler/);
    user.will({ pick: new RegExp(`Stop the demo target with pid ${second.pid}`) });
    await vscode.commands.executeCommand(Command.startDemoTarget);
    await eventually('it has ended', () => !isAlive(second.pid));
  });
});
