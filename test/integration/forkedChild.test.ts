import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { Command } from '../../extension/contributions.ts';
import { eventually } from '../helper/eventually.ts';
import { activate, sessionWith } from './extensionUnderTest.ts';
import { useTargets } from './useTargets.ts';

describe('a forked child', () => {
  const test = useTargets();

  before(function () {
    if (process.getuid?.() !== 0) {
      // Fork events need CAP_SYS_PTRACE in the target.
      this.skip();
    }
  });

  it('becomes a session of its own, which is told, shown by choice, and resolved', async () => {
    const api = await activate();
    const target = await test.start('events', '--fork');
    await vscode.commands.executeCommand(Command.attachToProcess, { pid: target.pid });
    await test.user.reads(/uses fork events/);
    target.send('fork');
    const message = await test.user.reads(/forked, and .* is now a session of its own/);
    assert.match(message.text, /cannot be handed back/);
    assert.match(message.text, /missing pages then read as zeros/);
    assert.equal(api.session?.pid, target.pid, 'the parent stays shown');
    const child = await eventually('the child’s fault is held', () =>
      api.sessions.find(({ isCustody, heldFaults }) => isCustody && heldFaults.length === 1),
    );

    message.press('Show Session');
    await sessionWith('the child is shown', ({ id }) => id === child.id);
    test.user.will(
      { pick: /^#/ },
      { pick: /COPY/ },
      { pick: /Fill byte/ },
      { type: '65' },
      { pick: /The fault’s page/ },
      { pick: /Wake the thread/ },
    );
    await vscode.commands.executeCommand(Command.resolveFault);
    await eventually('the child read its page', () => target.said('child')[0]?.['byte'] === 65);
    await target.ask('reap');
    await sessionWith('the child has ended', ({ id, state }) => id === child.id && state === 'ended');

    await vscode.commands.executeCommand(Command.resolveFault);
    assert.deepEqual((await test.user.reads(/others are attached/)).buttons, ['Show Session…']);
    await vscode.commands.executeCommand(Command.attachToProcess, { pid: target.pid });
    await sessionWith('the parent is shown', ({ pid, state }) => pid === target.pid && state === 'attached');
  });

  it('is closed only once the user has confirmed it, and then reads zeros', async () => {
    const api = await activate();
    const target = await test.start('events', '--fork');
    await vscode.commands.executeCommand(Command.attachToProcess, { pid: target.pid });
    await test.user.reads(/uses fork events/);
    target.send('fork');
    (await test.user.reads(/is now a session of its own/)).press('Show Session');
    const child = await sessionWith(
      'the child’s fault is held',
      ({ isCustody, heldFaults }) => isCustody && heldFaults.length === 1,
    );
    test.user.will({ pick: /fd/, where: /forked child/ });
    const detaching = vscode.commands.executeCommand(Command.detach);
    const question = await test.user.reads(/Close the userfaultfd of/);
    assert.equal(api.session?.state, 'attached', 'nothing is done before the answer');
    assert.equal(target.said('child').length, 0);
    question.press('Close Userfaultfd');
    await detaching;
    await sessionWith(
      'the child’s session has ended',
      ({ id, state }) => id === child.id && state === 'ended',
    );
    await eventually('the child read zeros', () => target.said('child')[0]?.['byte'] === 0);
    await target.ask('reap');
  });
});
