import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { timelineCommand, TraceCommand, traceViewType } from '../../extension/contributions.ts';
import { eventually } from '../helper/eventually.ts';
import { attachHolding, detachIfAttached, sessionWith } from './extensionUnderTest.ts';
import { useTargets } from './useTargets.ts';

function traceTabs(): vscode.Tab[] {
  return vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .filter(({ input }) => input instanceof vscode.TabInputCustom && input.viewType === traceViewType);
}

describe('trace files', () => {
  const test = useTargets();
  let folder: string;
  const fileIn = (name: string): string => path.join(folder, name);

  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'uffd-traces-'));
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });
  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    rmSync(folder, { recursive: true, force: true });
  });

  async function record(file: string, what: RegExp): Promise<void> {
    const target = await test.start('missing', '--threads', '2', '--pages', '1');
    await attachHolding({ pid: target.pid }, 2);
    test.user.will({ pick: what }, { save: file });
    await vscode.commands.executeCommand(TraceCommand.startRecording);
    await eventually('the file is there', () => existsSync(file));
  }

  it('are recorded from before, stopped, opened by themselves, and exported', async () => {
    const { user } = test;
    const file = fileIn('one.uffd.arrows');
    await record(file, /from before/);
    await vscode.commands.executeCommand(TraceCommand.startRecording);
    await user.reads(/already being recorded/);
    await vscode.commands.executeCommand(TraceCommand.stopRecording);
    // Of two faults the code that raised them, that they were raised, and that they were read.
    const saved = await user.reads(/Recorded 6 rows into/);
    assert.deepEqual(saved.buttons, ['Open']);
    await vscode.commands.executeCommand(TraceCommand.stopRecording);
    await user.reads(/No session is being recorded/);
    await detachIfAttached();
    await user.reads(/handed back: 2/);

    await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(file));
    await eventually('its editor is active', () => traceTabs()[0]?.isActive);

    const csv = fileIn('one.csv');
    user.will({ pick: /CSV/ }, { save: csv });
    await eventually('it is read', async () => {
      await vscode.commands.executeCommand(TraceCommand.export);
      return existsSync(csv);
    });
    await user.reads(/Exported 6 events/);
    assert.equal(readFileSync(csv, 'utf8').trimEnd().split('\r\n').length, 7);

    const other = fileIn('other.uffd.arrows');
    copyFileSync(file, other);
    user.will({ pick: /one\.uffd/ }, { pick: /Choose a File/ }, { open: other });
    await vscode.commands.executeCommand(TraceCommand.compare);
    // The recording was stopped before its session ended, and a whole one is compared without a word.
    assert.deepEqual(user.messages, []);
    await eventually('the comparison is shown', () =>
      vscode.window.tabGroups.all
        .flatMap(({ tabs }) => tabs)
        .some(({ label, isActive }) => label === 'Compare Traces' && isActive),
    );
    await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(file));
    await eventually('its editor is active again', () => traceTabs()[0]?.isActive);

    const json = fileIn('one.json');
    user.will({ pick: /Chrome/ }, { save: json });
    await vscode.commands.executeCommand(TraceCommand.export);
    await user.reads(/Exported \d+ events/);
    const { traceEvents } = JSON.parse(readFileSync(json, 'utf8')) as {
      traceEvents: { cat?: string; args?: { outcome?: string } }[];
    };
    assert.deepEqual(
      traceEvents.filter(({ cat }) => cat === 'fault').map(({ args }) => args?.outcome),
      ['open', 'open'],
    );
  });

  it('from now on hold the open faults and what comes, until the session ends', async () => {
    const { user } = test;
    const file = fileIn('now.uffd.arrows');
    await record(file, /From now on/);
    await detachIfAttached();
    await user.reads(/handed back: 2/);
    // Their six rows, and the wake that hands them back.
    await user.reads(/Recorded ([7-9]|1\d) rows into/);
  });

  it('cannot be written everywhere: that is told, and the session goes on', async () => {
    const { user } = test;
    const target = await test.start('missing', '--pages', '1');
    await attachHolding({ pid: target.pid }, 1);
    user.will({ pick: /From now on/ }, { save: fileIn('none/x.uffd.arrows') });
    await vscode.commands.executeCommand(TraceCommand.startRecording);
    assert.deepEqual((await user.reads(/Nothing is recorded.*ENOENT/)).buttons, ['Retry']);
    await sessionWith('it is attached', ({ state }) => state === 'attached');
  });

  it('whose folder is deleted end with one message, and the session goes on', async () => {
    const { user } = test;
    await record(fileIn('gone.uffd.arrows'), /From now on/);
    rmSync(folder, { recursive: true });
    await user.reads(/stopped: the file was deleted. The session goes on/);
    assert.deepEqual(user.messages, []);
  });

  it('explain themselves without a session or a trace', async () => {
    const { user } = test;
    await vscode.commands.executeCommand(TraceCommand.startRecording);
    await user.reads(/No process is attached/);
    await vscode.commands.executeCommand(TraceCommand.export);
    await user.reads(/no trace to export/);
  });

  it('are what the timeline’s commands act on, as long as their editor is the active one', async () => {
    const { user } = test;
    const file = fileIn('one.uffd.arrows');
    await record(file, /from before/);
    await vscode.commands.executeCommand(TraceCommand.stopRecording);
    await user.reads(/Recorded 6 rows into/);
    await detachIfAttached();
    await user.reads(/handed back: 2/);
    user.will({ open: file });
    await vscode.commands.executeCommand(TraceCommand.open);
    await eventually('its editor is active', () => traceTabs()[0]?.isActive);
    await vscode.env.clipboard.writeText('');
    const copied = await eventually('a fault of it is selected and copied', async () => {
      for (const command of ['firstInLane', 'copyFaultAsJson'] as const) {
        await vscode.commands.executeCommand(timelineCommand(command));
      }
      return (await vscode.env.clipboard.readText()) || undefined;
    });
    const { fault } = JSON.parse(copied) as { fault: number };
    const csv = fileIn('one-fault.csv');
    user.will({ pick: /The 1 selected faults/ }, { pick: /CSV/ }, { save: csv });
    await vscode.commands.executeCommand(TraceCommand.export);
    await user.reads(/Exported 3 events/);
    const lines = readFileSync(csv, 'utf8').trimEnd().split('\r\n').slice(1);
    assert.deepEqual(
      lines.map((line) => Number(line.split(',')[4])),
      [fault, fault, fault],
    );
    await vscode.commands.executeCommand(timelineCommand('toggleFollow'));
    await user.reads(/This is a recording/);
    assert.deepEqual(user.messages, []);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await eventually('its editor is closed', () => traceTabs().length === 0);
    await vscode.commands.executeCommand(timelineCommand('toggleFollow'));
    await user.reads(/No process is attached/);
  });

  it('open side by side, also damaged and foreign ones', async () => {
    const { user } = test;
    for (const [name, bytes] of [
      ['empty.uffd.arrows', ''],
      ['text.uffd.arrows', 'hello'],
    ] as const) {
      writeFileSync(fileIn(name), bytes);
      await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(fileIn(name)), {
        viewColumn: vscode.ViewColumn.Beside,
        preview: false,
      });
    }
    await eventually('both are open', () => traceTabs().length === 2);
    user.will(
      { pick: /Choose a File/ },
      { open: fileIn('text.uffd.arrows') },
      { pick: /Choose a File/ },
      { open: fileIn('empty.uffd.arrows') },
    );
    await vscode.commands.executeCommand(TraceCommand.compare);
    await user.reads(/text.uffd.arrows cannot be compared. This is no Arrow stream/);
  });
});
