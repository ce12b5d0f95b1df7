import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { elevationProblem } from '../../../extension/helper/elevationProblem.ts';
import { helperCommand, sudoersLine, untrustedPath } from '../../../extension/helper/helperCommand.ts';
import { listenPrivately } from '../../../extension/helper/privatePipe.ts';

const program = (elevation: 'none' | 'sudo' | 'pkexec', nodePath = '/usr/bin/node') => ({
  module: '/opt/uffd/dist/helper.cjs',
  nodePath,
  elevation,
});

describe('the command that starts the helper', () => {
  it('runs it as the user, with the user’s environment', () => {
    const { command, args, env } = helperCommand(program('none'), '/run/pipe');
    assert.equal(command, '/usr/bin/node');
    assert.deepEqual(args, ['/opt/uffd/dist/helper.cjs', '--pipe=/run/pipe']);
    assert.equal(env['HOME'], process.env['HOME']);
    assert.equal(helperCommand(program('none', ''), '/run/pipe').command, process.execPath);
  });

  for (const [elevation, options] of [
    ['sudo', ['-n', '--']],
    ['pkexec', ['--disable-internal-agent']],
  ] as const) {
    it(`runs it by ${elevation}, and passes nothing on that changes what Node does`, () => {
      process.env['NODE_OPTIONS'] = '--require /tmp/evil.js';
      try {
        const { command, args, env } = helperCommand(program(elevation), '/run/pipe');
        assert.equal(command, elevation);
        assert.deepEqual(args, [
          ...options,
          '/usr/bin/node',
          '/opt/uffd/dist/helper.cjs',
          '--elevated',
          '--pipe=/run/pipe',
        ]);
        assert.deepEqual(Object.keys(env).sort(), ['LC_ALL', 'PATH']);
      } finally {
        delete process.env['NODE_OPTIONS'];
      }
    });
  }

  it('is allowed by one line of sudoers, with its characters escaped', () => {
    assert.equal(
      sudoersLine({ ...program('sudo'), module: '/opt/a b/helper.cjs' }, 'me'),
      String.raw`me ALL=(root) NOPASSWD: /usr/bin/node /opt/a\ b/helper.cjs --elevated --pipe\=*`,
    );
  });
});

describe('what root would run', () => {
  let folder: string;
  let module: string;

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'uffd-trust-')));
    mkdirSync(path.join(folder, 'dist'));
    module = path.join(folder, 'dist/helper.cjs');
    writeFileSync(module, '');
    chmodSync(module, 0o644);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const untrusted = (file = module) =>
    untrustedPath({ module: file, nodePath: '/bin/sh', elevation: 'sudo' });

  it('is trusted while only root and the user may change it', () => {
    assert.equal(untrusted(), undefined);
  });

  it('is not trusted when everybody may write the file or a folder on the way to it', () => {
    chmodSync(module, 0o666);
    assert.equal(untrusted(), module);
    chmodSync(module, 0o644);
    chmodSync(path.join(folder, 'dist'), 0o777);
    assert.equal(untrusted(), path.join(folder, 'dist'));
  });

  it('is not trusted when another group may write it, and is when it is a group of the user’s own', function () {
    chmodSync(module, 0o664);
    if (process.getuid?.() !== 0) {
      // Only root can give a file away.
      this.skip();
    }
    assert.equal(untrusted(), undefined);
    chownSync(module, 0, 65534);
    assert.equal(untrusted(), module);
  });

  it('is not trusted when everybody may write what it loads', () => {
    const beside = path.join(folder, 'dist/readerThread.cjs');
    writeFileSync(beside, '');
    chmodSync(beside, 0o666);
    assert.equal(untrusted(), beside);
    chmodSync(beside, 0o644);
    const library = path.join(folder, 'node_modules/koffi/lib/native');
    mkdirSync(library, { recursive: true });
    mkdirSync(path.join(folder, 'node_modules/@koromix'));
    assert.equal(untrusted(), undefined);
    writeFileSync(path.join(library, 'koffi.node'), '');
    chmodSync(path.join(library, 'koffi.node'), 0o666);
    assert.equal(untrusted(), path.join(library, 'koffi.node'));
  });

  it('is not trusted through a link to what everybody may write', () => {
    chmodSync(module, 0o666);
    const link = path.join(folder, 'link.cjs');
    symlinkSync(module, link);
    assert.equal(untrusted(link), link);
  });

  it('is an error when it is not there', () => {
    assert.throws(() => untrusted('/no/such/helper.cjs'), /ENOENT/);
  });
});

describe('the private pipe', () => {
  it('lies in a folder that nobody else can enter, takes one client, and is removed', async () => {
    const pipe = await listenPrivately();
    assert.equal(statSync(path.dirname(pipe.path)).mode & 0o777, 0o700);
    const client = createConnection(pipe.path);
    await pipe.onConnected();
    const second = createConnection(pipe.path);
    await new Promise((resolve) => second.once('error', resolve));
    await pipe.remove();
    assert.throws(() => statSync(path.dirname(pipe.path)), /ENOENT/);
    client.destroy();
  });
});

describe('the private pipe of a helper that never connects', () => {
  it('is listened on no more once it is removed', async () => {
    const before = listening();
    const pipe = await listenPrivately();
    assert.equal(listening(), before + 1);
    await pipe.remove();
    assert.equal(listening(), before);
  });

  const listening = (): number =>
    process.getActiveResourcesInfo().filter((name) => name === 'PipeWrap').length;
});

describe('why the helper did not become root', () => {
  for (const [elevation, exitCode, printed, problem] of [
    ['sudo', 1, 'sudo: a password is required\n', 'notAllowed'],
    ['sudo', 1, 'me is not in the sudoers file.\n', 'notAllowed'],
    ['sudo', 1, "Sorry, user me is not allowed to execute '/usr/bin/node' as root on host.\n", 'notAllowed'],
    ['sudo', 2, 'The pipe is of uid 1, and this helper was started for uid 2.\n', 'other'],
    ['pkexec', 126, 'Error executing command as another user: Request dismissed\n', 'dismissed'],
    ['pkexec', 127, 'Error executing command as another user: Not authorized\n', 'dismissed'],
    ['pkexec', 127, 'Error executing command as another user: No authentication agent found.\n', 'noAgent'],
    ['pkexec', 2, 'connect failed with ENOENT\n', 'other'],
  ] as const) {
    it(`is told from what ${elevation} prints: ${printed.trim()}`, () => {
      assert.equal(elevationProblem(elevation, exitCode, printed), problem);
    });
  }
});
