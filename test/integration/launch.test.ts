import assert from 'node:assert/strict';
import path from 'node:path';
import * as vscode from 'vscode';
import { Command } from '../../extension/contributions.ts';
import { eventually } from '../helper/eventually.ts';
import { targetFolder } from '../workbench/paths.ts';
import { activate, isAlive, sessionWith } from './extensionUnderTest.ts';
import { useTargets } from './useTargets.ts';

const program = path.join(targetFolder, 'launched');

describe('launching a program', () => {
  const test = useTargets();

  async function heldFault(pid?: number) {
    return sessionWith(
      'its first fault is held',
      (session) => session.state === 'attached' && session.heldFaults.length === 1 && session.pid !== pid,
    );
  }

  it('holds its first fault, and after a detach its own handler serves it', async () => {
    await vscode.commands.executeCommand(Command.launchProgram, { program, args: ['--handler'] });
    const { pid } = await heldFault();
    await vscode.commands.executeCommand(Command.detach);
    await test.user.reads(/handed back: 1/);
    await eventually('it has ended', () => !isAlive(pid));
  });

  it('is asked for by keyboard, remembered, and ended by the same command', async () => {
    test.user.will({ pick: /Type a Command/ }, { type: `'${program}' --pages 1` });
    await vscode.commands.executeCommand(Command.launchProgram);
    const first = await heldFault();
    await vscode.commands.executeCommand(Command.detach);
    await test.user.reads(/handed back: 1/);
    test.user.will({ pick: new RegExp(`Stop launched \\(${first.pid}\\)`) });
    await vscode.commands.executeCommand(Command.launchProgram);
    await eventually('it has ended', () => !isAlive(first.pid));

    test.user.will({ pick: /launched --pages 1$/ });
    await vscode.commands.executeCommand(Command.launchProgram);
    const second = await heldFault(first.pid);
    test.user.will({ pick: new RegExp(`Stop launched \\(${second.pid}\\)`) });
    await vscode.commands.executeCommand(Command.launchProgram);
    await test.user.reads(/has ended/);
    await sessionWith('the session is over', ({ state }) => state === 'ended');
  });

  it('is chosen as a file, with arguments', async () => {
    test.user.will({ pick: /Choose a File/ }, { open: program }, { type: '--pages "1"' });
    await vscode.commands.executeCommand(Command.launchProgram);
    const { pid } = await heldFault();
    process.kill(pid, 'SIGKILL');
    await test.user.reads(/has ended/);
  });

  it('says why a program does not start, or ended too soon, and starts nothing', async () => {
    await vscode.commands.executeCommand(Command.launchProgram, { program: '/no/such/program' });
    const missing = await test.user.reads(/there is no file \/no\/such\/program/);
    assert.deepEqual([missing.severity, missing.buttons], ['error', ['Retry']]);
    await vscode.commands.executeCommand(Command.launchProgram, { program, args: ['--exit', '3'] });
    await test.user.reads(/ended \(exit code 3\) before it registered memory/);
    await vscode.commands.executeCommand(Command.launchProgram, { args: [] });
    await test.user.reads(/argument it cannot use/);
    assert.equal((await activate()).session?.state === 'attached', false);
  });

  it('adds a session while another one is attached', async () => {
    const target = await test.start('missing', '--pages', '1');
    await vscode.commands.executeCommand(Command.attachToProcess, { pid: target.pid });
    await heldFault();
    await vscode.commands.executeCommand(Command.launchProgram, { program, args: ['--pages', '1'] });
    const { pid } = await heldFault(target.pid);
    const attached = (await activate()).sessions.filter(({ state }) => state === 'attached');
    assert.deepEqual(
      attached.map((session) => session.pid),
      [target.pid, pid],
    );
    process.kill(pid, 'SIGKILL');
    await test.user.reads(/has ended/);
  });
});
