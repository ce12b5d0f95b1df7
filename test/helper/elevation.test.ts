/** A helper that runs as root for an ordinary user, by the real sudo and the real pkexec. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { helperCommand } from '../../extension/helper/helperCommand.ts';
import { providePkexec, provideSudo } from '../workbench/systemPackages.ts';
import { permitElevation, type ElevationPermit } from './elevationPermit.ts';
import { eventually } from './eventually.ts';
import { Fixture } from './fixture.ts';
import { guardiansOf } from './guardiansOf.ts';
import { helperScript, type HelperProcess } from './helperProcess.ts';
import { programOrSkip } from './programOrSkip.ts';
import { refused } from './refused.ts';

/** uid and gid of `nobody`. */
const nobody = 65534;

for (const elevation of ['sudo', 'pkexec'] as const) {
  describe(`a helper that ${elevation} runs as root for an ordinary user`, () => {
    const fixture = new Fixture();
    let permit: ElevationPermit | undefined;

    before(async function () {
      this.timeout(120_000);
      if (process.getuid?.() !== 0) {
        console.log(`      skipped: only root may let an ordinary user use ${elevation}`);
        this.skip();
      }
      await programOrSkip(this, elevation === 'sudo' ? provideSudo : providePkexec);
      permit = await permitElevation(elevation);
    });
    after(() => permit?.withdraw());
    afterEach(() => fixture.stop());

    /** The helper itself: what was started has become it, or it is a child of that, or of a monitor in between. */
    async function rootPid({ pid }: HelperProcess): Promise<number> {
      return eventually('the helper runs as root', () =>
        [pid, ...descendants(pid)].find((child) => commOf(child) === 'uffd-helper'),
      );
    }

    async function nothingIsLeft(helper: HelperProcess, root: number): Promise<void> {
      await eventually('it, what started it and its guardians have ended', () => {
        const isOver = helper.process.exitCode !== null || helper.process.signalCode !== null;
        return isOver && !isAlive(root) && guardiansOf(root).length === 0;
      });
    }

    it('attaches to a process of root, which a helper of the user may not', async () => {
      const target = await fixture.target('missing', '--pages', '1');
      const ordinary = await fixture.helper(nobody);
      await refused(ordinary.attach(target.pid), 'notPermitted', /./);
      const helper = await fixture.elevatedHelper(elevation, nobody);
      assert.match(
        readFileSync(`/proc/${await rootPid(helper)}/status`, 'latin1'),
        /^Uid:\s+0\s+0\s+0\s+0$/m,
      );
      const { sessionId } = await helper.attachHolding(target.pid, 1);
      await helper.resolve(sessionId, { faultIds: [1] }, { ioctl: 'zeropage', dontWake: false });
      await eventually('its thread goes on', () => target.finished === 1);
    });

    it('hands back by its guardian, root too, when it is killed', async () => {
      const target = await fixture.target('missing', '--threads', '3', '--pages', '1');
      const helper = await fixture.elevatedHelper(elevation, nobody);
      const root = await rootPid(helper);
      await helper.attachHolding(target.pid, 3);
      assert.ok(guardiansOf(root).length > 0);
      process.kill(root, 'SIGKILL');
      await target.pending(3);
      await nothingIsLeft(helper, root);
    });

    it('hands back and ends with all that is its own when its client goes away, though the user may kill none of them', async () => {
      const target = await fixture.target('missing', '--pages', '1');
      const helper = await fixture.elevatedHelper(elevation, nobody);
      const root = await rootPid(helper);
      await helper.attachHolding(target.pid, 1);
      helper.connection.end();
      helper.connection.dispose();
      await target.pending(1);
      await nothingIsLeft(helper, root);
    });

    it('does not speak to the pipe of another user', async () => {
      const folder = mkdtempSync(path.join(tmpdir(), 'uffd-other-'));
      const pipe = path.join(folder, 'pipe');
      // Ours, and so root's.
      const server = createServer(() => undefined).listen(pipe);
      await once(server, 'listening');
      const { status, stderr } = await run(pipe);
      assert.notEqual(status, 0);
      assert.match(stderr, /is of uid 0, and this helper was started for uid 65534/);
      server.close();
      rmSync(folder, { recursive: true });
    });

    it('ends with a sentence when there is no pipe, or when it is not root', async () => {
      assert.match((await run('/tmp/uffd-no-such-pipe')).stderr, /connect failed with ENOENT/);
      const { status, stderr } = spawnSync(process.execPath, [helperScript, '--elevated', '--pipe=/tmp/x'], {
        encoding: 'utf8',
        uid: nobody,
        gid: nobody,
      });
      assert.notEqual(status, 0);
      assert.match(stderr, /that sudo or pkexec has started as root/);
    });

    it('takes nothing of the user’s environment', async () => {
      const helper = await fixture.elevatedHelper(elevation, nobody, {
        NODE_OPTIONS: '--require /no/such/file',
        LD_PRELOAD: '/no/such/library',
        UFFD_TEST: 'a value',
      });
      const root = await rootPid(helper);
      assert.doesNotMatch(
        readFileSync(`/proc/${root}/environ`, 'latin1'),
        /NODE_OPTIONS|LD_PRELOAD|UFFD_TEST/,
      );
    });

    it('launches no program', async () => {
      const helper = await fixture.elevatedHelper(elevation, nobody);
      await refused(
        helper.launch({ program: '/bin/true', args: [], cwd: '/', env: {} }),
        'programNotStarted',
        /runs as root, and launches nothing as root/,
      );
    });

    it('refuses bad requests as ever', async () => {
      const helper = await fixture.elevatedHelper(elevation, nobody);
      await refused(helper.attach(-1), 'invalidParams', /pid/);
      await refused(helper.launchAttach(1), 'noSuchLaunch', /./);
    });

    /** Runs it as nobody, to its end. */
    async function run(pipe: string): Promise<{ status: number | null; stderr: string }> {
      const program = { module: helperScript, nodePath: process.execPath, elevation };
      const { command, args, env } = helperCommand(program, pipe);
      const child = spawn(command, args, {
        env,
        uid: nobody,
        gid: nobody,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let stderr = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
      await once(child, 'close');
      return { status: child.exitCode, stderr };
    }
  });
}

function processes(): number[] {
  return readdirSync('/proc').map(Number).filter(Boolean);
}

function field(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}

function commOf(pid: number): string {
  return field(pid, 'comm').trim();
}

function isAlive(pid: number): boolean {
  return /\) [^ZX]/.test(field(pid, 'stat'));
}

function descendants(pid: number): number[] {
  const children = processes().filter((child) =>
    new RegExp(`^PPid:\\s+${pid}$`, 'm').test(field(child, 'status')),
  );
  return [...children, ...children.flatMap(descendants)];
}
