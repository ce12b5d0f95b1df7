/**
 * The helper as root. sudo is the real one. pkexec needs a polkit daemon and an agent of a desktop:
 * a stand-in on PATH does what it does with its arguments and environment, or what it does when refused.
 */
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { Command, Setting } from '../../extension/contributions.ts';
import { HelperRefusal } from '../../extension/helper/helperError.ts';
import { requestFailed } from '../../extension/messages/requestMessages.ts';
import { showMessage } from '../../extension/messages/userMessage.ts';
import { eventually } from '../helper/eventually.ts';
import { findOnPath } from '../workbench/findOnPath.ts';
import {
  activate,
  attachHolding,
  childrenWith,
  detachIfAttached,
  sessionWith,
} from './extensionUnderTest.ts';
import { useTargets } from './useTargets.ts';

const standIn = `#!/bin/sh
echo "$@" > "$0.args"
shift
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin PKEXEC_UID=$(id -u) "$@"
`;

describe('a helper that runs as root', () => {
  const userPath = process.env['PATH'];
  let folder: string;

  before(function () {
    if (process.getuid?.() !== 0 || findOnPath('sudo') === null) {
      console.log('      skipped: it takes sudo, and root, who may use it without a rule in sudoers');
      this.skip();
    }
  });
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'uffd-pkexec-'));
    process.env['PATH'] = `${folder}${path.delimiter}${userPath ?? ''}`;
  });
  afterEach(async () => {
    await detachIfAttached();
    if (childrenWith('--elevated').length > 0) {
      await vscode.commands.executeCommand(Command.runHelperAsRoot);
      (await test.user.reads(/The helper runs as root\./)).press('Run Helper as Yourself');
      await eventually('it runs as the user', () => childrenWith('--elevated').length === 0);
      await eventually('it runs', () => childrenWith('helper.cjs').length === 1);
    }
    await setElevation(undefined);
    process.env['PATH'] = userPath;
    rmSync(folder, { recursive: true });
  });

  // Its user must still be there when the hook above asks.
  const test = useTargets();

  function pkexec(script: string): string {
    const file = path.join(folder, 'pkexec');
    writeFileSync(file, script);
    chmodSync(file, 0o755);
    return file;
  }

  async function setElevation(elevation: string | undefined): Promise<void> {
    await vscode.workspace
      .getConfiguration()
      .update(Setting.helperElevation, elevation, vscode.ConfigurationTarget.Global);
  }

  it('is started by sudo when the setting says so, and serves sessions', async () => {
    const target = await test.start('missing', '--pages', '1');
    await attachHolding({ pid: target.pid }, 1);
    await setElevation('sudo');
    childrenWith('helper.cjs').forEach((pid) => process.kill(pid, 'SIGKILL'));
    await test.user.reads(/helper process ended unexpectedly/);
    await target.pending(1);
    await attachHolding({ pid: target.pid }, 1);
    const [sudo] = childrenWith('--elevated');
    assert.match(readFileSync(`/proc/${sudo!}/comm`, 'latin1'), /^sudo$/m);
    await vscode.commands.executeCommand(Command.detach);
    await test.user.reads(/handed back: 1/);
    await target.pending(1);
  });

  it('is asked for by the button of a refusal: says what root will run, detaches first, and retries', async () => {
    const file = pkexec(standIn);
    const target = await test.start('missing', '--pages', '1');
    await attachHolding({ pid: target.pid }, 1);
    let retries = 0;
    const refusal = new HelperRefusal('Not permitted to attach to process 1: it is root’s.', 'notPermitted');
    const log = vscode.window.createOutputChannel('elevation test');
    showMessage(requestFailed(refusal, log, () => retries++));
    const message = await test.user.reads(/Not permitted/);
    assert.deepEqual(message.buttons, ['Run Helper as Root…', 'Retry', 'Show Log']);
    message.press('Run Helper as Root…');
    const question = await test.user.reads(/Run the helper as root for this window/);
    assert.deepEqual(question.buttons, ['Use pkexec', 'Use sudo -n']);
    assert.match(question.detail, /Root will run: \S+ \S+helper\.cjs --elevated/);
    assert.match(question.detail, /detached first.*: 1\./);
    question.press('Use pkexec');
    await test.user.reads(/runs as root now/);
    await sessionWith('the session is over', ({ state }) => state === 'ended');
    await target.pending(1);
    await eventually('what was refused was tried again', () => retries === 1);
    assert.match(
      readFileSync(`${file}.args`, 'utf8'),
      /^--disable-internal-agent \/\S+ \S+helper\.cjs --elevated --pipe=/,
    );
    log.dispose();
    await attachHolding({ pid: target.pid }, 1);
    assert.equal(childrenWith('--elevated').length, 1);
  });

  it('is not started while the user keeps a userfaultfd that would be closed for it', async () => {
    pkexec(standIn);
    const api = await activate();
    const target = await test.start('missing', '--pages', '1');
    await attachHolding({ pid: target.pid }, 1);
    target.send('close');
    await test.user.reads(/No other process has the userfaultfd of .* open any more/);
    const running = vscode.commands.executeCommand<boolean>(Command.runHelperAsRoot);
    (await test.user.reads(/Run the helper as root/)).press('Use pkexec');
    (await test.user.reads(/Close the userfaultfd of/)).close();
    assert.equal(await running, false);
    assert.equal(api.session?.state, 'attached');
    assert.equal(target.touched.length, 0);
    const detaching = vscode.commands.executeCommand(Command.detach);
    (await test.user.reads(/Close the userfaultfd of/)).press('Close Userfaultfd');
    await detaching;
  });

  for (const [what, script, sentence] of [
    [
      'its question is closed',
      '#!/bin/sh\necho "Error executing command as another user: Request dismissed" >&2; exit 126\n',
      /was closed, or not answered/,
    ],
    [
      'nobody can ask',
      '#!/bin/sh\necho "Error executing command as another user: No authentication agent found." >&2; exit 127\n',
      /Use sudo/,
    ],
  ] as const) {
    it(`stays as it was when ${what}, in words`, async () => {
      pkexec(script);
      const running = vscode.commands.executeCommand<boolean>(Command.runHelperAsRoot);
      (await test.user.reads(/Run the helper as root/)).press('Use pkexec');
      const message = await test.user.reads(sentence);
      assert.deepEqual(message.buttons, ['Retry', 'Show Log', 'Open Setting']);
      assert.equal(await running, false);
      const target = await test.start('missing', '--pages', '1');
      await attachHolding({ pid: target.pid }, 1);
    });
  }
});
