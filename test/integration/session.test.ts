import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { Command } from '../../extension/contributions.ts';
import { eventually } from '../helper/eventually.ts';
import { TargetProcess } from '../helper/targetProcess.ts';
import { activate, attachHolding, detachIfAttached, sessionWith } from './extensionUnderTest.ts';
import { UserAtKeyboard } from './userAtKeyboard.ts';

describe('a session', () => {
  let user: UserAtKeyboard;
  const targets: TargetProcess[] = [];

  async function startTarget(program: string, ...options: string[]): Promise<TargetProcess> {
    const target = await TargetProcess.start(program, ...options);
    targets.push(target);
    return target;
  }

  beforeEach(() => {
    user = new UserAtKeyboard();
  });
  afterEach(async () => {
    await detachIfAttached();
    await Promise.all(targets.splice(0).map((target) => target.stop()));
    user.leave();
  });

  it('resolves a held fault with DONTWAKE by keyboard: its thread sleeps until it is woken', async () => {
    const target = await startTarget('missing', '--pages', '1');
    const [tid] = await target.asleep(1);
    const { heldFaults } = await attachHolding({ pid: target.pid }, 1);
    assert.equal(heldFaults[0]!.tid, tid);

    user.will(
      { pick: new RegExp(heldFaults[0]!.address) },
      { pick: /COPY/ },
      { pick: /Fill byte/ },
      { type: '0x5a' },
      { pick: /DONTWAKE/ },
    );
    await vscode.commands.executeCommand(Command.resolveFault);
    const result = await user.reads(/UFFDIO_COPY succeeded: 4096 bytes/);
    assert.deepEqual(result.buttons, ['Wake…']);
    await sessionWith('the fault is resolved but asleep', (session) => session.sleepingFaults.length === 1);
    assert.deepEqual(target.sleeping(), [tid]);
    assert.equal(target.touched.length, 0);

    await vscode.commands.executeCommand(Command.resolveFault);
    await user.reads(/still sleep/);

    user.will({ pick: new RegExp(heldFaults[0]!.address) });
    result.press('Wake…');
    await user.reads(/UFFDIO_WAKE succeeded/);
    await eventually('the thread went on', () => target.finished === 1);
    assert.equal(target.touched[0]!.byte, 0x5a);
  });

  it('resolves all held faults at once, and says what a second answer means', async () => {
    const target = await startTarget('missing', '--threads', '8', '--pages', '1');
    await attachHolding({ pid: target.pid, fd: target.ready!.fd }, 8);
    user.will(
      { pick: /All 8/ },
      { pick: /ZEROPAGE/ },
      { pick: /The fault’s page/ },
      { pick: /Wake the thread/ },
    );
    await vscode.commands.executeCommand(Command.resolveFault);
    await eventually('all threads went on', () => target.finished === 8);
    await sessionWith('nothing is open', (session) => session.heldFaults.length === 0);
    assert.deepEqual([...new Set(target.touched.map(({ byte }) => byte))], [0]);
    await vscode.commands.executeCommand(Command.resolveFault);
    await user.reads(/No fault is held/);
  });

  it('hands a fault back when it is woken unresolved, and reads it again', async () => {
    const target = await startTarget('missing', '--pages', '1');
    const { heldFaults } = await attachHolding({ pid: target.pid }, 1);
    user.will({ pick: /range/ }, { type: `${heldFaults[0]!.address}+4096` });
    await vscode.commands.executeCommand(Command.wake);
    await user.reads(/UFFDIO_WAKE succeeded/);
    const again = await sessionWith(
      'the fault came again',
      (session) => session.heldFaults.length === 1 && session.heldFaults[0]!.id !== heldFaults[0]!.id,
    );
    assert.equal(again.heldFaults[0]!.address, heldFaults[0]!.address);
    await target.asleep(1);
  });

  it('says what was wrong with a range and keeps every held fault', async () => {
    const target = await startTarget('missing', '--pages', '1');
    const { heldFaults } = await attachHolding({ pid: target.pid }, 1);
    user.will({ pick: /range/ }, { type: '0x1001+4096' });
    await vscode.commands.executeCommand(Command.wake);
    const message = await eventually('a message', () => user.messages[0]);
    assert.notEqual(message.severity, 'info');
    const api = await activate();
    assert.deepEqual(api.session?.heldFaults, heldFaults);
  });

  it('detaches with a report of what was handed back, and leaves the faults to the target', async () => {
    const target = await startTarget('missing', '--threads', '8', '--pages', '1');
    await attachHolding({ pid: target.pid }, 8);
    await vscode.commands.executeCommand(Command.detach);
    await user.reads(/handed back: 8/);
    await sessionWith('it has ended', ({ state }) => state === 'ended');
    await target.pending(8);
    await target.asleep(8);
  });

  it('asks which descriptor is meant when there are several', async () => {
    const target = await startTarget('missing', '--pages', '1', '--uffds', '1');
    user.will({ pick: new RegExp(`\\b${target.ready!.fd}$`) });
    await attachHolding({ pid: target.pid }, 1);
  });

  it('is refused on a live handler, in words, and the handler goes on', async () => {
    const target = await startTarget('liveHandler', 'poll');
    await vscode.commands.executeCommand(Command.attachToProcess, { pid: target.pid });
    const message = await user.reads(/handler is alive/);
    assert.deepEqual(message.buttons, ['Freeze Handler and Attach', 'Retry']);
    target.send('touch');
    await eventually('its handler served a fault', () => target.touched.length === 1);
  });

  it('freezes a live handler when asked to, and says what the handler noticed of it', async () => {
    const target = await startTarget('liveHandler', 'epoll');
    await eventually('the handler waits', () => target.threadSleepsInCall('handler'));
    await vscode.commands.executeCommand(Command.attachToProcess, { pid: target.pid });
    const message = await user.reads(/Freezing stops only the handler/);
    message.press('Freeze Handler and Attach');
    await sessionWith('it is attached', ({ pid, state }) => pid === target.pid && state === 'attached');
    target.send('touch');
    await sessionWith('its fault is held', ({ heldFaults }) => heldFaults.length === 1);
    await vscode.commands.executeCommand(Command.detach);
    await user.reads(/Faults handed back: 1\..*left epoll_\w+ with EINTR/);
    await eventually('its handler served the fault', () => target.touched.length === 1);
    assert.equal(target.touched[0]!.byte, 'h'.charCodeAt(0));
  });
});
