/** `uffdbg`, the engine without VS Code, on the real kernel. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeTemporaryFolder, type TemporaryFolder } from '../workbench/temporaryFolder.ts';
import { eventually } from './eventually.ts';
import { killAll } from './guardiansOf.ts';
import { Fixture } from './fixture.ts';
import { needs, readingBlockingUffds, readsBlockingUffds } from './kernelAbilities.ts';
import type { TargetProcess } from './targetProcess.ts';
import { uffdbgProgram, type UffdbgProcess } from './uffdbgProcess.ts';

const fill = (byte: number) => ({
  do: 'resolve',
  action: { ioctl: 'copy', source: { kind: 'fill', byte } },
});
const hex = (address: bigint): string => `0x${address.toString(16)}`;

describe('uffdbg', () => {
  const fixture = new Fixture();
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await makeTemporaryFolder('uffdbg');
  });
  afterEach(async () => {
    await fixture.stop();
    await folder.remove();
  });

  async function rulesFile(rules: unknown): Promise<string> {
    const file = path.join(folder.path, 'rules.json');
    await writeFile(file, typeof rules === 'string' ? rules : JSON.stringify({ rules }));
    return file;
  }

  const uffdbg = (...args: string[]): UffdbgProcess => fixture.uffdbg(...args);

  async function serving(
    target: TargetProcess,
    rules: unknown,
    ...options: string[]
  ): Promise<UffdbgProcess> {
    return uffdbg('serve', '--pid', `${target.pid}`, '--rules', await rulesFile(rules), ...options);
  }

  describe('serve', () => {
    it('serves a target to its end by the rules, faults from before it came included', async () => {
      const target = await fixture.target('missing', '--threads', '4', '--pages', '8');
      await target.asleep(4);
      const debug = await serving(target, [{ action: fill(0x21) }], '--json');
      await eventually('all threads have finished', () => target.finished === 4);
      assert.deepEqual([...new Set(target.touched.map(({ byte }) => byte))], [0x21]);
      target.send('exit');
      assert.equal(await debug.exited(), 0, debug.stderr);

      const [session] = debug.said('session');
      assert.equal(session!['pid'], target.pid);
      const raised = debug.said('raised');
      const firstPage = target.ready!.address;
      assert.deepEqual(
        raised.map(({ address }) => address).sort(),
        Array.from({ length: 32 }, (_, page) => hex(firstPage + BigInt(page * 4096))).sort(),
      );
      assert.deepEqual(raised[0]!['flags'], ['MISSING']);
      for (const { faultId } of raised) {
        const copies = debug.said('copy').filter((copy) => copy['faultId'] === faultId);
        assert.deepEqual(
          copies.map(({ actor, lengthBytes, errno, out }) => ({ actor, lengthBytes, errno, out })),
          [{ actor: 'rule', lengthBytes: 4096, errno: undefined, out: '4096' }],
        );
      }
      const sequences = debug.events.flatMap(({ sequence }) => (sequence === undefined ? [] : [sequence]));
      assert.deepEqual(
        sequences,
        sequences.map((_, i) => i + 1),
      );
      assert.equal(debug.said('thread').length, 4);
      assert.deepEqual(debug.said('hits').at(-1)!['hits'], [32]);
      assert.equal(debug.said('end')[0]!['reason'], 'targetExited');
      const [summary] = debug.said('summary');
      assert.deepEqual(
        { faults: summary!['faults'], served: summary!['served'] },
        { faults: 32, served: 32 },
      );
    });

    it('says the same in text', async () => {
      const target = await fixture.target('missing', '--pages', '1');
      await target.asleep(1);
      const debug = await serving(target, [{ action: fill(7) }]);
      await eventually('the thread has finished', () => target.finished === 1);
      target.send('exit');
      assert.equal(await debug.exited(), 0);
      const at = hex(target.ready!.address);
      for (const line of [
        `Took over descriptor \\d+ of process ${target.pid} \\(missing\\): ${at}\\+4096 MISSING\\.`,
        `\\d+\\.\\d{6} ${target.pid} fault 1 raised by thread \\d+.*: MISSING at ${at}`,
        `\\d+\\.\\d{6} ${target.pid} fault 1 COPY by rule, 4096 bytes at ${at}`,
        `Process ${target.pid} has ended\\.`,
        '1 fault in \\d+\\.\\d s: 1 served, 0 handed back\\.',
      ]) {
        assert.match(debug.stdout, new RegExp(`^ *${line}$`, 'm'));
      }
    });

    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      it(`${signal} hands back what is held and says how much`, async () => {
        const target = await fixture.target('missing', '--threads', '3');
        await target.asleep(3);
        const debug = await serving(target, [{ action: { do: 'hold' } }], '--json');
        await debug.saying('read', 3);
        debug.process.kill(signal);
        assert.equal(await debug.exited(), 0);
        assert.match(debug.said('end')[0]!['text'] as string, /3 open faults were handed back/);
        assert.equal(debug.said('summary')[0]!['handedBack'], 3);
        await eventually('all faults are queued again', () => {
          const { pending, total } = target.faultCounts();
          return pending === 3 && total === 3;
        });
      });
    }

    it('the end of its reader hands back', async () => {
      const target = await fixture.target('missing');
      await target.asleep(1);
      const debug = await serving(target, [{ action: { do: 'wake' }, delayMs: 20 }], '--json');
      await debug.saying('read', 1);
      debug.process.stdout.destroy();
      assert.equal(await debug.exited(), 0, debug.stderr);
      await target.pending(1);
    });

    it('an output that cannot be written hands back, and is no success', async () => {
      const target = await fixture.target('missing');
      await target.asleep(1);
      const full = openSync('/dev/full', 'w');
      try {
        const rules = ['--rules', await rulesFile([])];
        const { status, stderr } = spawnSync(
          process.execPath,
          [uffdbgProgram, 'serve', '--pid', `${target.pid}`, ...rules],
          { stdio: ['ignore', full, 'pipe'], encoding: 'utf8', timeout: 60_000 },
        );
        assert.deepEqual([status, stderr], [4, 'The output cannot be written (ENOSPC).\n']);
      } finally {
        closeSync(full);
      }
      await target.pending(1);
    });

    it('the loss of every guardian hands back, since nobody would if it were killed', async () => {
      const target = await fixture.target('missing', '--threads', '2');
      await target.asleep(2);
      const debug = await serving(target, [], '--json');
      await eventually('it has ended', () => {
        if (debug.said('read').length > 0) {
          killAll(debug.guardianPids);
        }
        return debug.process.exitCode !== null;
      });
      assert.equal(debug.process.exitCode, 4, debug.stderr);
      assert.equal(debug.said('end')[0]!['reason'], 'guardianLost');
      await target.pending(2);
    });

    it('says so before it closes a uffd that nobody else has open any more', async () => {
      const target = await fixture.target('missing', '--pages', '1');
      await target.asleep(1);
      const debug = await serving(target, [], '--json');
      await debug.saying('read', 1);
      target.send('close');
      assert.equal(await debug.exited(), 0, debug.stderr);
      const names = debug.events.map(({ event }) => event);
      assert.ok(names.includes('lastHolder') && names.indexOf('lastHolder') < names.indexOf('end'));
      await eventually('its thread reads zeros', () => target.touched[0]?.byte === 0);
    });

    it('its guardians hand back when it is killed', async () => {
      const target = await fixture.target('missing', '--threads', '2');
      await target.asleep(2);
      const debug = await serving(target, [], '--json');
      await debug.saying('read', 2);
      assert.equal(debug.guardianPids.length, 2);
      debug.process.kill('SIGKILL');
      await target.pending(2);
      await eventually('the guardians have ended', () => debug.guardianPids.length === 0);
    });

    it('takes page contents from an image beside the rules file', async () => {
      const target = await fixture.target('missing', '--pages', '3');
      await target.asleep(1);
      const image = Buffer.concat([1, 2, 3].map((byte) => Buffer.alloc(4096, byte)));
      await writeFile(path.join(folder.path, 'memory.img'), image);
      const source = { kind: 'image', file: { path: 'memory.img' }, base: hex(target.ready!.address) };
      await serving(target, [{ action: { do: 'resolve', action: { ioctl: 'copy', source } } }]);
      await eventually('the thread has finished', () => target.finished === 1);
      assert.deepEqual(
        target.touched.map(({ byte }) => byte),
        [1, 2, 3],
      );
      assert.deepEqual(target.readMemory(target.ready!.address, image.length), image);
    });

    it('refuses bytes of a file that has changed: the fault is held and the failure named', async () => {
      const target = await fixture.target('storm', '--threads', '1', '--pages', '1');
      const image = path.join(folder.path, 'memory.img');
      await writeFile(image, Buffer.alloc(4096, 1));
      const source = { kind: 'file', file: { path: 'memory.img' } };
      const rules = [{ action: { do: 'resolve', action: { ioctl: 'copy', source } } }];
      const debug = await serving(target, rules, '--json');
      await debug.saying('session');
      await appendFile(image, 'more');
      target.send('go');
      const [failure] = await debug.saying('ruleFailed');
      assert.equal(failure!['rule'], 1);
      assert.match(failure!['text'] as string, /memory\.img has changed since it was opened/);
      await target.asleep(1);
    });

    if (process.getuid!() === 0) {
      it('serves forked children by the same rules', async () => {
        const target = await fixture.target('events', '--fork');
        const debug = await serving(target, [{ action: fill(0x2a) }], '--json');
        await debug.saying('session');
        target.send('fork');
        const child = await eventually('the child has touched its page', () =>
          target.events.find(({ event }) => event === 'child'),
        );
        assert.equal(child['byte'], 0x2a);
        const sessions = await debug.saying('session', 2);
        assert.equal(sessions[1]!['parentSessionId'], sessions[0]!['sessionId']);
      });
    }

    it('reads a uffd without O_NONBLOCK', async function () {
      needs(this, readsBlockingUffds(), readingBlockingUffds);
      const target = await fixture.target('missing', '--blocking', '--pages', '1');
      await target.asleep(1);
      await serving(target, [{ action: fill(3) }]);
      await eventually('the thread has finished', () => target.finished === 1);
    });
  });

  it('freezes a live handler with --freeze, which serves again afterwards', async () => {
    const target = await fixture.target('liveHandler', 'poll');
    const debug = await serving(target, [{ action: fill(9) }], '--freeze');
    await eventually('it has taken over', () => debug.stdout.includes('Frozen: handler thread'));
    target.send('touch');
    await eventually('the rule serves a fault', () => target.touched.length === 1);
    assert.equal(target.touched[0]!.byte, 9);
    debug.process.kill('SIGINT');
    assert.equal(await debug.exited(), 0);
    target.send('touch');
    await eventually('its handler serves the next', () => target.touched.length === 2);
    assert.equal(target.touched[1]!.byte, 'h'.charCodeAt(0));
  });

  describe('refuses', () => {
    it('a live handler, which goes on', async () => {
      const target = await fixture.target('liveHandler', 'poll');
      await eventually('the handler waits', () => target.threadSleepsInCall('handler'));
      const debug = await serving(target, [{ action: fill(1) }]);
      assert.equal(await debug.exited(), 3);
      assert.match(
        debug.stderr,
        /^Thread \d+ \(handler\) of process \d+ waits on this userfaultfd in poll.*\.\n$/,
      );
      assert.equal(debug.stdout, '');
      target.send('touch');
      await eventually('its handler serves a fault', () => target.touched.length === 1);
      assert.equal(target.touched[0]!.byte, 'h'.charCodeAt(0));
    });

    it('one of several uffds without --fd, and takes the one that is named', async () => {
      const target = await fixture.target('missing', '--uffds', '1', '--pages', '1');
      await target.asleep(1);
      const { fd } = target.ready!;
      const debug = await serving(target, [{ action: fill(1) }]);
      assert.equal(await debug.exited(), 3);
      assert.match(debug.stderr, new RegExp(`choose descriptor ${fd} or ${fd + 1}`));
      await serving(target, [{ action: fill(1) }], '--fd', `${fd}`);
      await eventually('the thread has finished', () => target.finished === 1);
    });

    it('a process that is not there, its rules being right', async () => {
      const gone = spawnSync('true').pid;
      // With a byte order mark, as some editors write it.
      const rules = await rulesFile('\ufeff{ "rules": [] }');
      const debug = uffdbg('serve', '--pid', `${gone}`, '--rules', rules);
      assert.equal(await debug.exited(), 3);
      assert.match(debug.stderr, new RegExp(`^There is no process ${gone}\\b.*\\.\n$`));
    });

    it('a process that another uffdbg has taken over', async () => {
      const target = await fixture.target('missing');
      await target.asleep(1);
      const first = await serving(target, [], '--json');
      await first.saying('read');
      const second = await serving(target, []);
      assert.equal(await second.exited(), 3);
      assert.match(second.stderr, /already taken over by another debugger/);
    });

    const wrongRules: [string, unknown, RegExp][] = [
      [
        'an unknown key',
        '{\n  "rules": [\n    {\n      "match": {\n        "rnages": []\n      },\n      "action": { "do": "hold" }\n    }\n  ]\n}',
        /rules\.json:5: .*match\.rnages/,
      ],
      ['a syntax error', '{\n  "rules": [\n    {]\n}', /rules\.json:3: .*JSON/],
      ['an empty file', '', /rules\.json:1: /],
      [
        'a file that is not there',
        [
          {
            action: {
              do: 'resolve',
              action: { ioctl: 'copy', source: { kind: 'file', file: { path: 'gone.img' } } },
            },
          },
        ],
        /rules\.json: rules\[0\]: .*gone\.img is not there\./,
      ],
    ];
    for (const [name, rules, message] of wrongRules) {
      it(`rules with ${name}, and attaches nothing`, async () => {
        const target = await fixture.target('missing');
        await target.asleep(1);
        const debug = await serving(target, rules);
        assert.equal(await debug.exited(), 2);
        assert.match(debug.stderr, message);
        assert.deepEqual(target.faultCounts(), { pending: 1, total: 1 });
      });
    }

    const wrongCommands: [string[], RegExp][] = [
      [[], /A command is missing/],
      [['frob'], /no command "frob"/],
      [['serve'], /--pid is missing/],
      [['serve', '--pid', '1'], /--rules is missing/],
      [['serve', '--pid', 'init', '--rules', 'r'], /--pid must be a process id, not "init"/],
      [['serve', '--pid', '0', '--rules', 'r'], /--pid must be a process id, not "0"/],
      [
        ['serve', '--pid', '1', '--fd', '-', '--rules', 'r'],
        /--fd must be the number of a descriptor, not "-"/,
      ],
      [['serve', '--pid', '1', '--rules', 'r', '--jsn'], /Unknown option '--jsn'/],
      [
        ['serve', '--pid', '1', '--rules', '/gone/rules.json'],
        /\/gone\/rules\.json: cannot be read \(ENOENT\)/,
      ],
    ];
    for (const [args, message] of wrongCommands) {
      it(`the command line "${args.join(' ')}"`, () => {
        const { status, stdout, stderr } = spawnSync(process.execPath, [uffdbgProgram, ...args], {
          encoding: 'utf8',
        });
        assert.equal(status, 2);
        assert.equal(stdout, '');
        assert.match(stderr, message);
      });
    }
  });

  it('is a command that says its version and how to use it', async () => {
    const run = (option: string): string => spawnSync(uffdbgProgram, [option], { encoding: 'utf8' }).stdout;
    const manifest = await readFile(path.join(path.dirname(uffdbgProgram), '../package.json'), 'utf8');
    assert.equal(run('--version'), `${(JSON.parse(manifest) as { version: string }).version}\n`);
    assert.match(run('--help'), /^Usage: uffdbg inspect .*uffdbg serve --pid PID .*Exit codes:.* 4 /s);
  });
});
