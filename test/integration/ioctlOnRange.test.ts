import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { Command } from '../../extension/contributions.ts';
import { eventually } from '../helper/eventually.ts';
import type { TargetProcess } from '../helper/targetProcess.ts';
import { activate, sessionWith } from './extensionUnderTest.ts';
import { useTargets } from './useTargets.ts';

describe('Ioctl on Range by keyboard', () => {
  const test = useTargets();
  const wholeRange = { pick: /^0x/ };
  const ioctlOnRange = (): Thenable<unknown> => vscode.commands.executeCommand(Command.ioctlOnRange);

  /** A target with present pages, registered for write protection and taken over. */
  async function attachToWp(): Promise<TargetProcess> {
    const target = await test.start(
      'memory',
      '--modes',
      'wp',
      '--features',
      'THREAD_ID,PAGEFAULT_FLAG_WP',
      '--populate',
      '80',
    );
    await vscode.commands.executeCommand(Command.attachToProcess, { pid: target.pid });
    await sessionWith('it is attached', ({ pid, ranges }) => pid === target.pid && ranges.length === 1);
    return target;
  }

  /** Protects all pages and has a thread write to one. */
  async function holdWrite(target: TargetProcess): Promise<void> {
    test.user.will(wholeRange, { pick: /WRITEPROTECT on/ });
    await ioctlOnRange();
    await test.user.reads(/UFFDIO_WRITEPROTECT succeeded/);
    target.send('write 0 1');
    await sessionWith('its fault is held', ({ heldFaults }) => heldFaults.length === 1);
  }

  it('protects a range, and Resolve Fault lets the write go on that faults then', async () => {
    const target = await attachToWp();
    await holdWrite(target);
    test.user.will(
      { pick: /^#/ },
      { pick: /WRITEPROTECT off/ },
      { pick: /The fault’s page/ },
      { pick: /Wake the thread/ },
    );
    await vscode.commands.executeCommand(Command.resolveFault);
    await test.user.reads(/UFFDIO_WRITEPROTECT succeeded/);
    await eventually('the write went on', () => target.touched.length === 1);
  });

  it('unregisters once it is confirmed, and wakes the threads that this leaves asleep', async () => {
    const target = await attachToWp();
    await holdWrite(target);
    test.user.will(wholeRange, { pick: /UNREGISTER/ });
    void ioctlOnRange();
    const question = await test.user.reads(/^Unregister 0x/);
    assert.deepEqual(question.buttons, ['Unregister']);
    question.press('Unregister');
    const answer = await test.user.reads(/UFFDIO_UNREGISTER succeeded/);
    assert.deepEqual(answer.buttons, ['Wake the Range']);
    assert.equal(target.sleeping().length, 1, 'a WP-only range wakes nobody');
    answer.press('Wake the Range');
    await eventually('the write went on', () => target.touched.length === 1);
    await sessionWith('nothing is registered', ({ ranges }) => ranges.length === 0);
  });

  it('registers part of the memory once it is confirmed', async () => {
    const target = await test.start('memory', '--modes', 'missing');
    await vscode.commands.executeCommand(Command.attachToProcess, { pid: target.pid });
    await sessionWith('it is attached', ({ ranges }) => ranges.length === 1);
    const page = `${target.pageAt(1)}-${target.pageAt(2)}`;
    const unregisterPage = async (): Promise<void> => {
      test.user.will({ pick: /Another range/ }, { type: page }, { pick: /UNREGISTER/ });
      void ioctlOnRange();
      (await test.user.reads(/^Unregister 0x/)).press('Unregister');
      await test.user.reads(/UFFDIO_UNREGISTER succeeded/);
    };
    await unregisterPage();
    await sessionWith('the range is split', ({ ranges }) => ranges.length === 2);
    test.user.will(
      { pick: /Another range/ },
      { type: page },
      { pick: /UFFDIO_REGISTER/ },
      { pick: /MISSING/ },
    );
    void ioctlOnRange();
    (await test.user.reads(/^Register 0x.* for MISSING\?/)).press('Register');
    await test.user.reads(/UFFDIO_REGISTER succeeded/);
    await sessionWith('it is one range again', ({ ranges }) => ranges.length === 1);
  });

  it('wakes a range and copies to pages nobody has touched', async () => {
    const target = await test.start('memory', '--modes', 'missing');
    await vscode.commands.executeCommand(Command.attachToProcess, { pid: target.pid });
    await sessionWith('it is attached', ({ ranges }) => ranges.length === 1);
    test.user.will(wholeRange, { pick: /UFFDIO_WAKE/ });
    await ioctlOnRange();
    await test.user.reads(/UFFDIO_WAKE succeeded/);
    test.user.will(
      wholeRange,
      { pick: /COPY/ },
      { pick: /Fill byte/ },
      { type: "'A'" },
      { pick: /Wake the thread/ },
    );
    await ioctlOnRange();
    await test.user.reads(/UFFDIO_COPY succeeded/);
    assert.deepEqual(target.readMemory(target.ready!.address, 4 * 4096), Buffer.alloc(4 * 4096, 'A'));
  });

  it('says what was wrong with a range, and does nothing', async () => {
    const target = await test.start('missing', '--pages', '1');
    await vscode.commands.executeCommand(Command.attachToProcess, { pid: target.pid });
    await sessionWith('its fault is held', ({ heldFaults }) => heldFaults.length === 1);
    test.user.will({ pick: /Another range/ }, { type: '0x1001+4096' });
    await ioctlOnRange();
    const message = await eventually('a message', () => test.user.messages[0]);
    assert.equal(message.severity, 'error');
    assert.equal((await activate()).session?.heldFaults.length, 1);
  });
});
