import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { Command, RuleCommand } from '../../extension/contributions.ts';
import { eventually } from '../helper/eventually.ts';
import { activate, attachHolding, sessionWith } from './extensionUnderTest.ts';
import { useTargets } from './useTargets.ts';

describe('rules', () => {
  const test = useTargets();

  afterEach(async () => {
    await vscode.commands.executeCommand(RuleCommand.removeAll);
  });

  /** COPY of pages of one byte, for every fault. */
  async function addCopyRule(byte: string): Promise<void> {
    test.user.will(
      { pick: /Every fault/ },
      { pick: /COPY/ },
      { pick: /Fill byte/ },
      { type: byte },
      { pick: /Writable/ },
      { pick: /The fault’s page/ },
      { pick: /Wake the thread/ },
    );
    await vscode.commands.executeCommand(RuleCommand.add);
  }

  it('made before an attach serve it from its first fault on, and count their hits', async () => {
    await addCopyRule('0x5a');
    const target = await test.start('missing', '--threads', '2', '--pages', '3');
    await target.asleep(2);
    await vscode.commands.executeCommand(Command.attachToProcess, { pid: target.pid });
    await eventually('all threads have finished', () => target.finished === 2);
    assert.deepEqual([...new Set(target.touched.map(({ byte }) => byte))], [0x5a]);
    await sessionWith('six hits are counted', ({ ruleHits }) => ruleHits[0] === 6);
  });

  it('changed while attached act on the faults that come then, and held ones stay held', async () => {
    const target = await test.start('missing', '--threads', '1', '--pages', '3');
    await attachHolding({ pid: target.pid }, 1);
    await addCopyRule('0x11');
    await sessionWith('the rule is in force', ({ ruleHits }) => ruleHits.length === 1);
    assert.equal(target.touched.length, 0);
    test.user.will({ pick: /#1/ });
    await vscode.commands.executeCommand(Command.wake);
    await test.user.reads(/UFFDIO_WAKE/);
    await eventually('the thread has finished', () => target.finished === 1);
    assert.deepEqual([...new Set(target.touched.map(({ byte }) => byte))], [0x11]);
  });

  it('switched off hold nothing back: faults are held again', async () => {
    await addCopyRule('0x11');
    await vscode.commands.executeCommand(RuleCommand.disableAll);
    const target = await test.start('missing', '--threads', '1');
    await attachHolding({ pid: target.pid }, 1);
    assert.equal(target.touched.length, 0);
  });

  it('get a condition and a hit count, and act on no other faults', async () => {
    await addCopyRule('0x22');
    test.user.will({ pick: /COPY/ }, { type: 'missing thread=toucher-1' });
    await vscode.commands.executeCommand(RuleCommand.editCondition);
    test.user.will({ pick: /COPY/ }, { type: '<= 2' });
    await vscode.commands.executeCommand(RuleCommand.editHitCondition);
    const target = await test.start('missing', '--threads', '2', '--pages', '4');
    await vscode.commands.executeCommand(Command.attachToProcess, { pid: target.pid });
    await sessionWith('two are held, one of each thread', ({ heldFaults }) => heldFaults.length === 2);
    await eventually('two pages were provided', () => target.touched.length === 2);
    assert.equal(new Set(target.touched.map(({ tid }) => tid)).size, 1);
  });

  it('made from a fault are for its kind, thread and range', async () => {
    const target = await test.start('missing', '--threads', '1', '--pages', '2');
    const { id, heldFaults } = await attachHolding({ pid: target.pid }, 1);
    test.user.will({ pick: /Faults like fault 1/ }, { pick: /Log/ });
    await vscode.commands.executeCommand(RuleCommand.add, { sessionId: id, faultId: heldFaults[0]!.id });
    const file = `${test.file(new Uint8Array(1))}.json`;
    test.user.will({ save: file });
    await vscode.commands.executeCommand(RuleCommand.export);
    const { start, lengthBytes } = (await activate()).session!.ranges[0]!;
    const end = (BigInt(start) + BigInt(lengthBytes)).toString(16);
    assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), {
      rules: [
        {
          match: { kinds: ['missing'], thread: 'toucher-0', ranges: [`${start}-0x${end}`] },
          action: { do: 'log' },
        },
      ],
    });
  });

  it('come from a file, whose relative paths start at its folder', async () => {
    const image = test.file(new Uint8Array(8192).fill(0x33));
    const rules = test.file(
      Buffer.from(`{
        // Pages of a file.
        "rules": [
          { "action": { "do": "resolve", "action": { "ioctl": "copy",
            "source": { "kind": "file", "file": { "path": "${image.split('/').at(-1)!}" } } } } },
        ]
      }`),
    );
    test.user.will({ open: rules });
    await vscode.commands.executeCommand(RuleCommand.import);
    await test.user.reads(/The fault rules are now those of .*: 1\./);
    const target = await test.start('missing', '--pages', '2');
    await vscode.commands.executeCommand(Command.attachToProcess, { pid: target.pid });
    await eventually('the thread has finished', () => target.finished === 1);
    assert.deepEqual([...new Set(target.touched.map(({ byte }) => byte))], [0x33]);
  });

  it('are left as they are by a file with a mistake, whose line and key are named', async () => {
    await addCopyRule('0x44');
    const rules = test.file(Buffer.from('{\n  "rules": [\n    { "acton": { "do": "hold" } }\n  ]\n}\n'));
    test.user.will({ open: rules });
    await vscode.commands.executeCommand(RuleCommand.import);
    await test.user.reads(/was not imported.*Line 3.*rules\[0\]/);
    const file = `${rules}.json`;
    test.user.will({ save: file });
    await vscode.commands.executeCommand(RuleCommand.export);
    assert.ok(existsSync(file));
    assert.match(readFileSync(file, 'utf8'), /"byte": 68/);
  });

  it('whose file is gone are switched off, which is said', async () => {
    const rules = test.file(
      Buffer.from(
        '{"rules": [{"action": {"do": "resolve", "action": {"ioctl": "copy", "source": {"kind": "file", "file": {"path": "gone.img"}}}}}]}',
      ),
    );
    test.user.will({ open: rules });
    await vscode.commands.executeCommand(RuleCommand.import);
    await test.user.reads(/The fault rules are now/);
    const target = await test.start('missing');
    await attachHolding({ pid: target.pid }, 1);
    await test.user.reads(/A rule is switched off: .*gone\.img is not there/);
  });

  it('can be removed one by one, and without any a command says so', async () => {
    await addCopyRule('1');
    test.user.will({ pick: /COPY/ });
    await vscode.commands.executeCommand(RuleCommand.remove);
    await vscode.commands.executeCommand(RuleCommand.remove);
    await test.user.reads(/There is no fault rule yet/);
  });
});
