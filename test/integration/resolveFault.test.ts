import assert from 'node:assert/strict';
import { rmSync, truncateSync } from 'node:fs';
import * as vscode from 'vscode';
import { Command } from '../../extension/contributions.ts';
import { eventually } from '../helper/eventually.ts';
import { activate, attachHolding, sessionWith } from './extensionUnderTest.ts';
import { useTargets } from './useTargets.ts';

const pageBytes = 4096;

describe('Resolve Fault by keyboard', () => {
  const test = useTargets();
  const firstFault = { pick: /^#/ };
  const wakeNow = { pick: /Wake the thread/ };
  const resolveFault = (): Thenable<unknown> => vscode.commands.executeCommand(Command.resolveFault);

  it('copies from a file at an offset', async () => {
    const target = await test.start('missing', '--pages', '1');
    const file = test.file(Buffer.concat([Buffer.alloc(100, 0x11), Buffer.alloc(pageBytes, 0x77)]));
    await attachHolding({ pid: target.pid }, 1);
    test.user.will(
      firstFault,
      { pick: /COPY/ },
      { pick: /File at an offset/ },
      { open: file },
      { type: '100' },
      wakeNow,
    );
    await resolveFault();
    await test.user.reads(/UFFDIO_COPY succeeded/);
    await eventually('the thread went on', () => target.finished === 1);
    assert.equal(target.touched[0]!.byte, 0x77);
  });

  it('restores from a memory image, each address from its own place in the file', async () => {
    const target = await test.start('missing', '--pages', '2');
    const image = test.file(Buffer.concat([Buffer.alloc(pageBytes, 0xa1), Buffer.alloc(pageBytes, 0xa2)]));
    await attachHolding({ pid: target.pid }, 1);
    const base = `0x${target.ready!.address.toString(16)}`;
    for (const touched of [1, 2]) {
      await sessionWith('the next fault is held', ({ heldFaults }) => heldFaults.length === 1);
      test.user.will(
        firstFault,
        { pick: /COPY/ },
        { pick: /Memory image/ },
        { open: image },
        { type: base },
        { pick: /The fault’s page/ },
        wakeNow,
      );
      await resolveFault();
      await eventually('the thread went on', () => target.touched.length === touched);
    }
    assert.deepEqual(
      target.touched.map(({ byte }) => byte),
      [0xa1, 0xa2],
    );
  });

  it('moves a page of the target while its own handler is frozen', async () => {
    const target = await test.start('moveHandler', 'poll');
    await target.ask('fill 3 119');
    await attachHolding({ pid: target.pid, freeze: true }, 0);
    target.send('touch 0');
    await sessionWith('its fault is held', ({ heldFaults }) => heldFaults.length === 1);
    const source = BigInt(target.said('memory')[0]!['source'] as string) + BigInt(3 * pageBytes);
    test.user.will(
      firstFault,
      { pick: /MOVE/ },
      { type: `0x${source.toString(16)}` },
      { pick: /Refuse/ },
      { pick: /The fault’s page/ },
      wakeNow,
    );
    await resolveFault();
    await test.user.reads(/UFFDIO_MOVE succeeded/);
    await eventually('the thread went on', () => target.touched.length === 1);
    assert.equal(target.touched[0]!.byte, 119);
    assert.equal((await target.ask('source 3'))['byte'], 0);
  });

  for (const [what, spoil, sentence] of [
    ['has changed', (file: string) => truncateSync(file, 10), /has changed since it was chosen/],
    ['is gone', (file: string) => rmSync(file), /is not there any more/],
  ] as const) {
    it(`names a file that ${what} since it was chosen, and keeps the fault held`, async () => {
      const target = await test.start('missing', '--pages', '1');
      const file = test.file(Buffer.alloc(pageBytes, 1));
      const { heldFaults } = await attachHolding({ pid: target.pid }, 1);
      test.user.will(
        firstFault,
        { pick: /COPY/ },
        { pick: /File at an offset/ },
        { open: file },
        { type: '0', first: () => spoil(file) },
        wakeNow,
      );
      await resolveFault();
      const message = await test.user.reads(sentence);
      assert.ok(message.text.includes(file), message.text);
      assert.notEqual(message.severity, 'info');
      assert.deepEqual((await activate()).session?.heldFaults, heldFaults);
      assert.equal(target.sleeping().length, 1);
    });
  }

  it('says in a sentence what a page that ends before its last byte lacks', async () => {
    const target = await test.start('missing', '--pages', '1');
    const file = test.file(Buffer.alloc(pageBytes - 1, 1));
    await attachHolding({ pid: target.pid }, 1);
    test.user.will(
      firstFault,
      { pick: /COPY/ },
      { pick: /File at an offset/ },
      { open: file },
      { type: '0' },
      wakeNow,
    );
    await resolveFault();
    const message = await test.user.reads(/4095 bytes/);
    assert.notEqual(message.severity, 'info');
    assert.equal(target.sleeping().length, 1);
  });

  it('copies another page of the target', async () => {
    const target = await test.start('missing', '--pages', '2');
    await attachHolding({ pid: target.pid }, 1);
    const page = { pick: /The fault’s page/ };
    test.user.will(firstFault, { pick: /COPY/ }, { pick: /Given bytes/ }, { type: '"Hello"' }, page, wakeNow);
    await resolveFault();
    await eventually('the first page is there', () => target.touched.length === 1);
    await sessionWith('the next fault is held', ({ heldFaults }) => heldFaults.length === 1);
    test.user.will(
      firstFault,
      { pick: /COPY/ },
      { pick: /Another page/ },
      { type: target.touched[0]!.address },
      page,
      wakeNow,
    );
    await resolveFault();
    await eventually('the second page is there', () => target.finished === 1);
    assert.equal(target.touched[1]!.byte, 'H'.charCodeAt(0));
  });

  it('provides pages around the fault, so that the thread faults no more', async () => {
    const target = await test.start('missing', '--pages', '8');
    await attachHolding({ pid: target.pid }, 1);
    test.user.will(
      firstFault,
      { pick: /COPY/ },
      { pick: /Fill byte/ },
      { type: '7' },
      { pick: /around the fault/ },
      { type: '8' },
      wakeNow,
    );
    await resolveFault();
    await eventually('the thread touched several pages', () => target.touched.length > 1);
    await sessionWith('only then it faulted again', ({ heldFaults }) => heldFaults[0]?.id === 2);
    assert.ok(target.touched.length >= 4, `${target.touched.length} pages were there`);
  });

  it('shows MOVE with the reason why it cannot work, and stays', async () => {
    const target = await test.start('missing', '--pages', '1');
    await attachHolding({ pid: target.pid }, 1);
    test.user.will(firstFault, { pick: /MOVE/ }, { pick: /CONTINUE/ }, { pick: /ZEROPAGE/ }, wakeNow);
    await resolveFault();
    assert.match(test.user.questions[2]!, /^UFFDIO_MOVE cannot work here: .+ Choose another ioctl\.$/);
    assert.match(test.user.questions[3]!, /^UFFDIO_CONTINUE cannot work here: .+/);
    await eventually('the thread went on', () => target.finished === 1);
  });

  it('poisons a page: its thread gets SIGBUS', async () => {
    const target = await test.start('memory', '--modes', 'missing');
    await vscode.commands.executeCommand(Command.attachToProcess, { pid: target.pid });
    target.send('read 0 0');
    await sessionWith('its fault is held', ({ heldFaults }) => heldFaults.length === 1);
    test.user.will(firstFault, { pick: /POISON/ }, { pick: /The fault’s page/ }, wakeNow);
    await resolveFault();
    await test.user.reads(/UFFDIO_POISON succeeded/);
    await eventually('the thread got SIGBUS', () => target.said('sigbus').length === 1);
  });

  it('maps a page of the page cache for a minor fault', async () => {
    const target = await test.start(
      'memory',
      '--memory',
      'shmem',
      '--modes',
      'minor',
      '--features',
      'THREAD_ID,MINOR_SHMEM',
    );
    await target.ask('cache 0 1 67');
    await vscode.commands.executeCommand(Command.attachToProcess, { pid: target.pid });
    target.send('read 0 0');
    await sessionWith('its fault is held', ({ heldFaults }) => heldFaults.length === 1);
    test.user.will(firstFault, { pick: /CONTINUE/ }, { pick: /The fault’s page/ }, wakeNow);
    await resolveFault();
    await test.user.reads(/UFFDIO_CONTINUE succeeded/);
    await eventually('the thread went on', () => target.touched.length === 1);
    assert.equal(target.touched[0]!.byte, 67);
  });
});
