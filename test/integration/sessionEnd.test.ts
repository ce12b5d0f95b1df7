import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { Command } from '../../extension/contributions.ts';
import { eventually } from '../helper/eventually.ts';
import { TargetProcess } from '../helper/targetProcess.ts';
import { activate, attachHolding, detachIfAttached, helperPid, sessionWith } from './extensionUnderTest.ts';
import { UserAtKeyboard } from './userAtKeyboard.ts';

describe('the end of a session', () => {
  let user: UserAtKeyboard;
  let target: TargetProcess;

  beforeEach(async () => {
    user = new UserAtKeyboard();
    target = await TargetProcess.start('missing', '--pages', '1');
  });
  afterEach(async () => {
    await detachIfAttached();
    await target.stop();
    user.leave();
  });

  it('comes with a sentence when the target exits while a fault is held', async () => {
    await attachHolding({ pid: target.pid }, 1);
    target.send('exit');
    const { endText } = await sessionWith('it has ended', ({ state }) => state === 'ended');
    const message = await user.reads(/has ended/);
    assert.equal(message.severity, 'warning');
    assert.equal(message.text, endText);
  });

  it('waits for the user when nobody else has the userfaultfd open, and only then are pages zeros', async () => {
    const api = await activate();
    await attachHolding({ pid: target.pid }, 1);
    target.send('close');
    const told = await user.reads(/No other process has the userfaultfd of .* open any more/);
    assert.equal(told.severity, 'warning');
    assert.deepEqual(told.buttons, ['Show Session']);

    const detaching = vscode.commands.executeCommand(Command.detach);
    (await user.reads(/Close the userfaultfd of/)).close();
    await detaching;
    assert.equal(api.session?.state, 'attached', 'the user did not want it');
    assert.equal(target.touched.length, 0);

    const again = vscode.commands.executeCommand(Command.detach);
    (await user.reads(/Close the userfaultfd of/)).press('Close Userfaultfd');
    await again;
    await user.reads(/is closed and its threads are released/);
    await eventually('the thread reads zeros', () => target.touched[0]?.byte === 0);
  });

  it('comes with one message when the helper is killed, and no thread is left to us', async () => {
    await attachHolding({ pid: target.pid }, 1);
    process.kill(helperPid(), 'SIGKILL');
    const { endText } = await sessionWith('it has ended', ({ state }) => state === 'ended');
    assert.match(endText!, /helper process ended unexpectedly/);
    const message = await user.reads(/helper process ended unexpectedly/);
    assert.equal(message.severity, 'error');
    assert.deepEqual(message.buttons, ['Attach to Process…', 'Show Log']);
    assert.deepEqual(user.messages, []);
    await target.pending(1);
  });

  it('does not bring the helper back by itself, but the next attach does', async () => {
    await attachHolding({ pid: target.pid }, 1);
    const killed = helperPid();
    process.kill(killed, 'SIGKILL');
    await sessionWith('it has ended', ({ state }) => state === 'ended');
    await vscode.commands.executeCommand(Command.resolveFault);
    await user.reads(/No process is attached/);
    assert.throws(helperPid, /one helper runs/);
    await target.pending(1);
    await attachHolding({ pid: target.pid }, 1);
    assert.notEqual(helperPid(), killed);
  });
});
