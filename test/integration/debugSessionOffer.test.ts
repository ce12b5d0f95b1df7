/** With the debugger of test/fixtures/debugger, which tells of real processes. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import * as vscode from 'vscode';
import { Command, Setting } from '../../extension/contributions.ts';
import { eventually } from '../helper/eventually.ts';
import { holdsUffd } from '../helper/targetProcess.ts';
import { targetFolder } from '../workbench/paths.ts';
import { activate, isActive, leaveInspect, sessionWith } from './extensionUnderTest.ts';
import { useTargets } from './useTargets.ts';

describe('the offer in a debug session', () => {
  const test = useTargets();
  const sessions: vscode.DebugSession[] = [];
  let names = 0;

  afterEach(async () => {
    await Promise.all(sessions.splice(0).map((session) => vscode.debug.stopDebugging(session)));
    await vscode.workspace
      .getConfiguration()
      .update(Setting.offerInDebugSessions, undefined, vscode.ConfigurationTarget.Global);
  });

  after(leaveInspect);

  async function debug(request: 'launch' | 'attach', pid: number): Promise<vscode.DebugSession> {
    const name = `session ${++names}`;
    const started = new Promise<vscode.DebugSession>((resolve) => {
      const subscription = vscode.debug.onDidStartDebugSession((session) => {
        if (session.name === name) {
          subscription.dispose();
          resolve(session);
        }
      });
    });
    const isStarted = await vscode.debug.startDebugging(
      undefined,
      { type: 'gdb', name, request, pid },
      { suppressDebugView: true, suppressDebugToolbar: true },
    );
    assert.ok(isStarted, 'the debug session has started');
    const session = await started;
    sessions.push(session);
    return session;
  }

  const stop = (session: vscode.DebugSession) =>
    session.customRequest('tell', { event: 'stopped', body: { reason: 'step', threadId: 1 } });

  const offerFor = (pid: number) => new RegExp(`\\(${pid}\\) has a userfaultfd\\.$`);

  /** When another session that began later has been told, what was asked of the first is done. */
  async function isNotOffered(pid: number): Promise<void> {
    const other = await test.start('missing');
    await debug('launch', other.pid);
    await test.user.reads(offerFor(other.pid));
    assert.deepEqual(
      test.user.messages.filter(({ text }) => text.includes(String(pid))),
      [],
    );
  }

  it('is made once for a program that is launched, starts the extension for that, and attaches', async () => {
    assert.equal(isActive(), false);
    const target = await test.start('missing', '--pages', '1');
    const session = await debug('launch', target.pid);
    const offer = await test.user.reads(offerFor(target.pid));
    assert.equal(offer.severity, 'info');
    assert.equal(offer.text, `missing (${target.pid}) has a userfaultfd.`);
    assert.deepEqual(offer.buttons, ['Inspect', 'Attach', 'Don’t Offer Again']);
    await stop(session);
    await isNotOffered(target.pid);
    offer.press('Attach');
    await sessionWith('its fault is held', ({ pid, heldFaults }) => {
      return pid === target.pid && heldFaults.length === 1;
    });
  });

  it('is made for a program that is attached to, and shows it in Inspect', async () => {
    const target = await test.start('missing');
    await debug('attach', target.pid);
    (await test.user.reads(offerFor(target.pid))).press('Inspect');
    const api = await activate();
    await eventually('its row is there', () =>
      api.inspectRows.some(({ description }) => description.startsWith(`${target.pid} `)),
    );
  });

  it('is made at a later stop when the program gets its userfaultfd then', async () => {
    // The shell becomes the target, under the same pid.
    const shell = spawn('/bin/sh', ['-c', 'read line; exec "$0"', path.join(targetFolder, 'missing')], {
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    await once(shell, 'spawn');
    const pid = shell.pid!;
    try {
      const session = await debug('launch', pid);
      await isNotOffered(pid);
      shell.stdin.write('go\n');
      await eventually('it has a userfaultfd', () => holdsUffd(pid));
      await stop(session);
      await test.user.reads(offerFor(pid));
    } finally {
      shell.kill('SIGKILL');
      await once(shell, 'exit');
    }
  });

  it('is not made for a userfaultfd that is attached already', async () => {
    const target = await test.start('missing', '--pages', '1');
    await vscode.commands.executeCommand(Command.attachToProcess, { pid: target.pid });
    await sessionWith('its fault is held', (session) => session.pid === target.pid);
    await debug('launch', target.pid);
    await isNotOffered(target.pid);
  });

  it('is switched off by its button, and on again by the setting for sessions to come', async () => {
    const first = await test.start('missing');
    await debug('launch', first.pid);
    (await test.user.reads(offerFor(first.pid))).press('Don’t Offer Again');
    const setting = () => vscode.workspace.getConfiguration().inspect(Setting.offerInDebugSessions);
    await eventually('the setting is off', () => setting()?.globalValue === false);
    const second = await test.start('missing');
    await debug('launch', second.pid);
    await vscode.workspace
      .getConfiguration()
      .update(Setting.offerInDebugSessions, true, vscode.ConfigurationTarget.Global);
    await isNotOffered(second.pid);
  });
});
