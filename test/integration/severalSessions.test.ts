import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { UffdApi } from '../../extension/api.ts';
import { Command } from '../../extension/contributions.ts';
import { eventually } from '../helper/eventually.ts';
import type { TargetProcess } from '../helper/targetProcess.ts';
import { activate, attachHolding, detachIfAttached, helperPid, sessionWith } from './extensionUnderTest.ts';
import { useTargets } from './useTargets.ts';

describe('several sessions at once', () => {
  const test = useTargets();

  before(async () => {
    api = await activate();
    await detachIfAttached();
  });

  let api: UffdApi;
  const attachedPids = (): number[] =>
    api.sessions.filter(({ state }) => state === 'attached').map(({ pid }) => pid);

  /**
   * Resolves the only held fault of the current session with a fill byte.
   * @param isOnlyPage of its range, so that no length is asked for
   */
  async function resolveWith(byte: string, isOnlyPage = false): Promise<void> {
    test.user.will(
      { pick: /^#/ },
      { pick: /COPY/ },
      { pick: /Fill byte/ },
      { type: byte },
      ...(isOnlyPage ? [] : [{ pick: /The fault’s page/ }]),
      { pick: /Wake the thread/ },
    );
    await vscode.commands.executeCommand(Command.resolveFault);
    await test.user.reads(/UFFDIO_COPY succeeded/);
  }

  async function attachTwo(): Promise<readonly [TargetProcess, TargetProcess]> {
    const first = await test.start('missing', '--pages', '2');
    const second = await test.start('missing', '--pages', '2');
    await attachHolding({ pid: first.pid }, 1);
    await attachHolding({ pid: second.pid }, 1);
    return [first, second];
  }

  it('are attached to two targets, each resolved, and detaching one leaves the other', async () => {
    const [first, second] = await attachTwo();
    assert.deepEqual(attachedPids(), [first.pid, second.pid]);

    await resolveWith('0x22');
    await eventually('the second target went on', () => second.touched[0]?.byte === 0x22);
    assert.equal(first.touched.length, 0);
    test.user.will({ pick: new RegExp(`\\(${first.pid}\\)`) });
    await vscode.commands.executeCommand(Command.switchSession);
    await sessionWith('the first one is shown', ({ pid }) => pid === first.pid);
    await resolveWith('0x11');
    await eventually('the first target went on', () => first.touched[0]?.byte === 0x11);

    await sessionWith('its second fault is held', ({ heldFaults }) => heldFaults.length === 1);
    test.user.will({ pick: new RegExp(`\\(${first.pid}\\)`) });
    await vscode.commands.executeCommand(Command.detach);
    await test.user.reads(new RegExp(`Detached from missing \\(${first.pid}\\).*handed back: 1`));
    await first.pending(1);
    assert.deepEqual(attachedPids(), [second.pid]);
    const other = api.sessions.find(({ pid }) => pid === second.pid)!;
    api.showSession(other.id);
    await sessionWith('the second fault is held', ({ heldFaults }) => heldFaults.length === 1);
    await resolveWith('0x33');
    await eventually('the second target went on', () => second.touched[1]?.byte === 0x33);
  });

  it('are attached to two uffds of one target, one after the other and then shown', async () => {
    const target = await test.start('missing', '--pages', '2', '--uffds', '1');
    test.user.will({ pick: new RegExp(`\\b${target.ready!.fd}$`) });
    await attachHolding({ pid: target.pid }, 1);
    const first = api.session!;
    test.user.will({ pick: /^Descriptor/, where: /pending/ });
    await vscode.commands.executeCommand(Command.attachToProcess, { pid: target.pid });
    const second = await sessionWith('the other one is attached', ({ id }) => id !== first.id);
    assert.deepEqual([second.pid, second.fd === first.fd, attachedPids().length], [target.pid, false, 2]);
    await vscode.commands.executeCommand(Command.attachToProcess, { pid: target.pid, fd: first.fd });
    await sessionWith('the first one is shown', ({ id }) => id === first.id);
    assert.equal(api.sessions.length, 2, 'no session was added');

    target.send('touch');
    await eventually('the other one holds a fault', () =>
      api.sessions.some(({ id, heldFaults }) => id === second.id && heldFaults.length === 1),
    );
    await resolveWith('0x44');
    await eventually('the first thread went on', () => target.touched.some(({ byte }) => byte === 0x44));
    api.showSession(second.id);
    await resolveWith('0x55', true);
    await eventually('the other thread went on', () => target.touched.some(({ byte }) => byte === 0x55));
  });

  it('are attached to all uffds of a target at once, and detached at once', async () => {
    const target = await test.start('missing', '--pages', '1', '--uffds', '2');
    test.user.will({ pick: /^All 3 descriptors/ });
    await vscode.commands.executeCommand(Command.attachToProcess, { pid: target.pid });
    assert.equal(attachedPids().length, 3);
    target.send('touch');
    await eventually('each holds a fault', () =>
      api.sessions.every(({ heldFaults }) => heldFaults.length === 1),
    );
    await vscode.commands.executeCommand(Command.detachAll);
    assert.deepEqual(attachedPids(), []);
    assert.equal(api.sessions.length, 3, 'they can still be read');
    test.user.will({ pick: /^All 3 ended sessions/ });
    await vscode.commands.executeCommand(Command.closeSession);
    assert.deepEqual([api.sessions, api.session], [[], undefined]);
    await target.asleep(3);
  });

  it('are all handed back, with one message, when the helper is killed', async () => {
    const [first, second] = await attachTwo();
    process.kill(helperPid(), 'SIGKILL');
    await eventually('no session is attached', () => attachedPids().length === 0);
    await test.user.reads(/helper process ended unexpectedly/);
    assert.deepEqual(test.user.messages, []);
    for (const target of [first, second]) {
      await target.pending(1);
    }
  });

  it('go on when one target exits, and its trace can be closed', async () => {
    const [first, second] = await attachTwo();
    first.send('exit');
    await test.user.reads(new RegExp(`Process ${first.pid} has ended`));
    assert.deepEqual(attachedPids(), [second.pid]);
    assert.equal(api.session?.pid, second.pid);
    await vscode.commands.executeCommand(Command.closeSession);
    assert.deepEqual(
      api.sessions.map(({ pid }) => pid),
      [second.pid],
    );
    await resolveWith('0x66');
    await eventually('the other target went on', () => second.touched[0]?.byte === 0x66);
  });
});
