/** Launching a program: it is taken over before its first fault, and never left stopped or traced. */
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import type { ProgramDto } from '../../native-helper/protocol/launch.ts';
import { targetFolder } from '../workbench/paths.ts';
import { eventually } from './eventually.ts';
import { Fixture } from './fixture.ts';
import type { HelperProcess } from './helperProcess.ts';
import { nobodyIsTraced } from './nobodyIsTraced.ts';
import { isRunning } from './processTasks.ts';
import { refused } from './refused.ts';
import type { TargetEvent } from './targetProcess.ts';

const servedByHandler = 'h'.charCodeAt(0);
const servedByHand = 0x5a;
const byHand = {
  ioctl: 'copy',
  source: { kind: 'fill', byte: servedByHand },
  dontWake: false,
  wp: false,
} as const;
const program = path.join(targetFolder, 'launched');

describe('launching a program', () => {
  const fixture = new Fixture();
  const launched = new Set<number>();
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'uffd-launch-'));
  });
  afterEach(async () => {
    await fixture.stop();
    for (const pid of launched) {
      kill(pid);
    }
    launched.clear();
    rmSync(folder, { recursive: true });
  });

  function programWith(...args: string[]): ProgramDto {
    return { program, args, cwd: folder, env: { PATH: process.env['PATH']!, UFFD_TEST: 'a value' } };
  }

  async function launch(helper: HelperProcess, dto: ProgramDto) {
    const { launchId, pid } = await helper.launch(dto);
    launched.add(pid);
    const said = (name: string): TargetEvent[] =>
      (helper.printed.get(launchId) ?? '')
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as TargetEvent)
        .filter(({ event }) => event === name);
    const exit = () =>
      eventually('it has ended', () => helper.exits.find((exited) => exited.launchId === launchId)?.how);
    return { launchId, pid, said, exit };
  }

  it('holds its very first fault, though a handler of its own waits for it', async () => {
    const helper = await fixture.helper();
    const { launchId, pid, said, exit } = await launch(helper, programWith('--handler', '--pages', '3'));
    const session = (await helper.launchAttach(launchId))!;
    assert.equal(session.pid, pid);
    const log = helper.log(session.sessionId);
    for (let fault = 1; fault <= 3; fault++) {
      await eventually('its fault is held', () => log.open.size === 1);
      await helper.resolve(session.sessionId, { faultIds: [fault] }, byHand);
    }
    assert.equal(await exit(), 'exit code 0');
    assert.deepEqual(
      said('touched').map(({ byte }) => byte),
      [servedByHand, servedByHand, servedByHand],
    );
  });

  for (const how of ['--handler', '--early']) {
    it(`lets its handler go when the session ends, and it serves everything from then on (${how})`, async () => {
      const helper = await fixture.helper();
      const { launchId, pid, said, exit } = await launch(helper, programWith(how, '--pages', '4'));
      const session = (await helper.launchAttach(launchId))!;
      const log = helper.log(session.sessionId);
      await eventually('its fault is held', () => log.open.size === 1);
      const handler = await eventually('its handler stands still', () =>
        threadsOf(pid).find((tid) => commOf(pid, tid) === 'handler' && stateOf(pid, tid) === 't'),
      );
      assert.ok(handler);
      const { handedBack } = await helper.detach(session.sessionId);
      assert.equal(handedBack, 1);
      assert.equal(await exit(), 'exit code 0');
      assert.deepEqual(
        said('touched').map(({ byte }) => byte),
        Array<number>(4).fill(servedByHandler),
      );
    });
  }

  it('serves it by rules from its first fault on', async () => {
    const helper = await fixture.helper();
    const { launchId, said, exit } = await launch(helper, programWith('--handler', '--pages', '50'));
    await helper.launchAttach(launchId, [
      {
        name: '',
        isEnabled: true,
        match: {},
        action: { do: 'resolve', action: byHand, lengthPages: 1, around: false },
        delayMs: 0,
      },
    ]);
    assert.equal(await exit(), 'exit code 0');
    assert.deepEqual(
      said('touched').map(({ byte }) => byte),
      Array<number>(50).fill(servedByHand),
    );
  });

  for (const [what, dto] of [
    ['passes over a uffd that is only asked for features', () => programWith('--probe', '--pages', '1')],
    ['follows a child process', () => programWith('--child', '--pages', '1')],
    [
      'follows a script to the program that it becomes',
      () => ({ ...programWith(), program: script(`exec ${program} --pages 1`) }),
    ],
    [
      'follows a script to a program that it starts',
      () => ({ ...programWith(), program: script(`${program} --pages 1; exit 0`) }),
    ],
  ] as const) {
    it(what, async () => {
      const helper = await fixture.helper();
      const { launchId, said, exit } = await launch(helper, dto());
      const session = (await helper.launchAttach(launchId))!;
      await eventually('its fault is held', () => helper.log(session.sessionId).open.size === 1);
      assert.equal(said('ready')[0]?.['pid'] ?? session.pid, session.pid);
      await helper.resolve(session.sessionId, { faultIds: [1] }, byHand);
      assert.equal(await exit(), 'exit code 0');
      assert.equal(said('touched')[0]!['byte'], servedByHand);
    });
  }

  it('gives it its arguments, folder and environment, and tells all that it prints and how it ends', async () => {
    const helper = await fixture.helper();
    const args = ['--say', 'UFFD_TEST', '--exit', '3'];
    const { said, exit } = await launch(helper, programWith(...args));
    assert.equal(await exit(), 'exit code 3');
    assert.deepEqual(said('said'), [{ event: 'said', arguments: 4, folder, value: 'a value' }]);
  });

  it('tells much output completely', async () => {
    const helper = await fixture.helper();
    const { launchId, exit } = await launch(helper, {
      ...programWith(),
      program: script('i=0; while [ $i -lt 5000 ]; do echo "line $i é"; i=$((i+1)); done; echo end >&2'),
    });
    await exit();
    const lines = helper.printed.get(launchId)!.split('\n');
    assert.equal(lines.length, 5002);
    assert.deepEqual([lines[0], lines[4999], lines[5000]], ['line 0 é', 'line 4999 é', 'end']);
  });

  it('says that a program ended before it used a uffd', async () => {
    const helper = await fixture.helper();
    const { launchId } = await launch(helper, programWith('--exit', '7'));
    await refused(helper.launchAttach(launchId), 'programEnded', /ended \(exit code 7\) before/);
    await refused(helper.launchAttach(launchId), 'programEnded', /exit code 7/);
  });

  it('refuses what cannot be started, in words', async () => {
    const helper = await fixture.helper();
    const launching = (change: Partial<ProgramDto>) => helper.launch({ ...programWith(), ...change });
    await refused(launching({ program: '/no/such' }), 'programNotStarted', /there is no file \/no\/such/);
    await refused(launching({ program: 'no-such-program' }), 'programNotStarted', /no folder of PATH has it/);
    await refused(launching({ program: './' }), 'programNotStarted', /is not a file/);
    writeFileSync(path.join(folder, 'text'), 'text');
    await refused(launching({ program: './text' }), 'programNotStarted', /chmod/);
    const broken = script('', '#!/no/such/interpreter');
    await refused(launching({ program: broken }), 'programNotStarted', /interpreter/);
    assert.equal(
      (await refused(launching({ cwd: '/no/folder' }), 'programNotStarted', /no folder \/no\/folder/)).field,
      'cwd',
    );
    await refused(launching({ cwd: 'relative' }), 'invalidParams', /cwd/);
    await refused(launching({ args: ['a\0b'] }), 'invalidParams', /args/);
    await refused(helper.launchAttach(77), 'noSuchLaunch', /Launch it again/);
    await refused(helper.launchStop(77), 'noSuchLaunch', /Launch it again/);
  });

  it('lets a program run on when waiting for its uffd is cancelled', async () => {
    const helper = await fixture.helper();
    const { launchId, pid, said } = await launch(helper, programWith('--sleep'));
    const cancellation = new CancellationTokenSource();
    const attaching = helper.launchAttach(launchId, [], cancellation.token);
    await eventually('it sleeps', () => said('sleeps').length === 1);
    cancellation.cancel();
    assert.equal(await attaching, null);
    await nobodyIsTraced(pid);
    await eventually('it sleeps untraced', () =>
      readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') S '),
    );
  });

  it('ends a program when asked to, also while it is held', async () => {
    const helper = await fixture.helper();
    const first = await launch(helper, programWith('--handler'));
    await helper.launchAttach(first.launchId);
    await helper.launchStop(first.launchId);
    assert.equal(await first.exit(), 'SIGTERM');
    // Nobody has asked to attach to it, so it stands still before its first fault.
    const second = await launch(helper, programWith('--handler'));
    await eventually('it stands still', () => stateOf(second.pid, second.pid) === 't');
    await helper.launchStop(second.launchId, true);
    assert.equal(await second.exit(), 'SIGKILL');
  });

  for (const [what, end] of [
    ['the helper is killed', (helper: HelperProcess) => void helper.process.kill('SIGKILL')],
    ['the client goes away', (helper: HelperProcess) => helper.stop()],
  ] as const) {
    it(`runs on when ${what} while it is held, with its output`, async () => {
      const helper = await fixture.helper();
      const { launchId, pid } = await launch(helper, programWith('--handler', '--pages', '200'));
      const session = (await helper.launchAttach(launchId))!;
      await eventually('its fault is held', () => helper.log(session.sessionId).open.size === 1);
      await end(helper);
      await eventually('it has served itself and ended', () => !isRunning(pid));
    });

    it(`runs on when ${what} while it stands still before its first fault`, async () => {
      const helper = await fixture.helper();
      const { pid } = await launch(helper, programWith('--handler'));
      await eventually('it stands still', () => stateOf(pid, pid) === 't');
      await end(helper);
      await eventually('it has served itself and ended', () => !isRunning(pid));
    });
  }

  it('is let go by itself once no handler of its own comes', async () => {
    const helper = await fixture.helper();
    const { launchId, pid } = await launch(helper, programWith('--pages', '1'));
    const session = (await helper.launchAttach(launchId))!;
    await eventually('its fault is held', () => helper.log(session.sessionId).open.size === 1);
    await nobodyIsTraced(pid);
    assert.equal(helper.log(session.sessionId).open.size, 1);
  });

  it('holds the first fault every time', async function () {
    this.timeout(120_000);
    const helper = await fixture.helper();
    for (let round = 0; round < 10; round++) {
      const { launchId, said, exit } = await launch(helper, programWith('--handler', '--pages', '1'));
      const session = (await helper.launchAttach(launchId))!;
      await eventually('its fault is held', () => helper.log(session.sessionId).open.size === 1);
      await helper.resolve(session.sessionId, { faultIds: [1] }, byHand);
      await exit();
      assert.deepEqual(
        said('touched').map(({ byte }) => byte),
        [servedByHand],
      );
    }
  });

  describe('with uffdbg', () => {
    function rulesFile(): string {
      const file = path.join(folder, 'rules.json');
      const source = { kind: 'fill', byte: servedByHand };
      const action = { do: 'resolve', action: { ioctl: 'copy', source } };
      writeFileSync(file, JSON.stringify({ rules: [{ action }] }));
      return file;
    }

    it('serves a program by rules from its first fault on, and ends with it', async () => {
      const args = ['--handler', '--pages', '20'];
      const uffdbg = fixture.uffdbg('serve', '--rules', rulesFile(), '--json', '--', program, ...args);
      assert.equal(await uffdbg.exited(), 0);
      assert.equal(uffdbg.said('summary')[0]!['served'], 20);
      const bytes = [...uffdbg.stderr.matchAll(/"byte":(\d+)/g)].map((match) => Number(match[1]));
      assert.deepEqual(bytes, Array<number>(20).fill(servedByHand));
    });

    it('says that a program had no uffd, does not start, or is missing', async () => {
      for (const [args, exitCode, sentence] of [
        [['--', program, '--exit', '5'], 3, /ended \(exit code 5\) before/],
        [['--', '/no/such'], 3, /there is no file/],
        [['--'], 2, /a program is missing/],
        [['--pid', '1', '--', program], 2, /takes no --pid/],
      ] as const) {
        const uffdbg = fixture.uffdbg('serve', '--rules', rulesFile(), ...args);
        assert.equal(await uffdbg.exited(), exitCode);
        assert.match(uffdbg.stderr, sentence);
      }
    });

    it('lets the program run on when it is told to stop while it waits for its uffd', async () => {
      const uffdbg = fixture.uffdbg('serve', '--rules', rulesFile(), '--', program, '--sleep');
      const pid = await eventually('it sleeps', () => {
        const line = /"sleeps","pid":(\d+)/.exec(uffdbg.stderr);
        return line !== null && Number(line[1]);
      });
      launched.add(pid);
      uffdbg.process.kill('SIGTERM');
      await eventually('uffdbg has ended', () => uffdbg.process.exitCode === 0);
      await nobodyIsTraced(pid);
      assert.ok(isRunning(pid));
    });
  });

  /** A new script that can be executed. */
  function script(text: string, interpreter = '#!/bin/sh'): string {
    const file = path.join(folder, `script-${readdirSync(folder).length}`);
    writeFileSync(file, `${interpreter}\n${text}\n`);
    chmodSync(file, 0o755);
    return file;
  }
});

function threadsOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return [];
  }
}

function commOf(pid: number, tid: number): string {
  return readFileSync(`/proc/${pid}/task/${tid}/comm`, 'latin1').trim();
}

function stateOf(pid: number, tid: number): string {
  return /\) (\S)/.exec(readFileSync(`/proc/${pid}/task/${tid}/stat`, 'latin1'))![1]!;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
