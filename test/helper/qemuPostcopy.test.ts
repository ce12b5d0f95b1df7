/**
 * The destination of a QEMU postcopy migration: a handler nobody here wrote, a thread of the target
 * itself, whose faults stay pending for long and whose content only it has.
 */
import assert from 'node:assert/strict';
import { makeTemporaryFolder, type TemporaryFolder } from '../workbench/temporaryFolder.ts';
import { provideEmulator } from '../workbench/systemPackages.ts';
import { eventually } from './eventually.ts';
import { Fixture } from './fixture.ts';
import { nobodyIsTraced } from './nobodyIsTraced.ts';
import { needsFullUffd, programOrSkip } from './programOrSkip.ts';
import { QemuMachine, writeBootDisk } from './qemuMachine.ts';
import { refused } from './refused.ts';

const rounds = 100;

describe('a QEMU postcopy destination', function () {
  this.timeout(240_000);
  const fixture = new Fixture();
  const machines: QemuMachine[] = [];
  let program = '';
  let folder: TemporaryFolder | undefined;

  before(async function () {
    needsFullUffd(this, 'QEMU');
    program = await programOrSkip(this, provideEmulator);
  });

  afterEach(async () => {
    await fixture.stop();
    await Promise.all(machines.splice(0).map((machine) => machine.stop()));
    await folder?.remove();
  });

  /** A migration in the midst of postcopy, so slow that the guest waits for one page after another. */
  async function startPostcopy(): Promise<{ source: QemuMachine; destination: QemuMachine }> {
    folder = await makeTemporaryFolder('qemu');
    const { path } = folder;
    writeBootDisk(`${path}/boot.img`);
    const [source, destination] = await Promise.all([
      QemuMachine.start(program, path, 'source'),
      QemuMachine.start(program, path, 'destination', '-incoming', 'defer'),
    ]);
    machines.push(source, destination);
    while ((await source.rounds()) === 0);
    const capabilities = [{ capability: 'postcopy-ram', state: true }];
    await Promise.all(machines.map((machine) => machine.ask('migrate-set-capabilities', { capabilities })));
    await source.ask('migrate-set-parameters', {
      'max-bandwidth': 8 << 20,
      // Slow enough that it is not over before the tests are, which lift the limit then.
      'max-postcopy-bandwidth': 512 << 10,
    });
    const uri = `unix:${path}/migration`;
    await destination.ask('migrate-incoming', { uri });
    await source.ask('migrate', { uri });
    await source.waitForMigration('active');
    await source.ask('migrate-start-postcopy');
    await source.waitForMigration('postcopy-active');
    return { source, destination };
  }

  /** Lets the migration end, and checks that no page was lost and that the guest goes on. */
  async function completes(source: QemuMachine, destination: QemuMachine): Promise<void> {
    assert.equal(await source.migrationStatus(), 'postcopy-active', source.output);
    await source.ask('migrate-set-parameters', { 'max-postcopy-bandwidth': 0 });
    await source.waitForMigration('completed');
    await destination.waitForMigration('completed');
    const before = await destination.rounds();
    while ((await destination.rounds()) <= before + 1);
    const pages = await destination.stopAndReadPages();
    const [latest] = pages;
    const done = pages.findIndex((count) => count !== latest);
    assert.ok(latest! > before);
    assert.ok(
      done < 0 || pages.slice(done).every((count) => count === latest! - 1),
      `the guest lost what it had counted: ${[...new Set(pages)].slice(0, 20).join(' ')}`,
    );
    assert.equal(source.output + destination.output, '');
  }

  it('is refused with the handler’s name, can be frozen, and goes on when it is handed back', async () => {
    const { source, destination } = await startPostcopy();
    const helper = await fixture.helper();
    await refused(
      helper.attach(destination.pid),
      'handlerIsLive',
      /\(.*fault.*\) .* in poll|are being served/,
    );
    const session = await helper.attachFrozen(destination.pid);
    assert.deepEqual(
      session.frozen.map(({ pid, comm, syscall }) => [pid, comm.includes('fault'), syscall]),
      [[destination.pid, true, 'poll']],
    );
    assert.match(session.notes.join(' '), /Resolving by hand may break it \(QEMU pauses its migration/);
    assert.ok(session.ranges.length > 0);
    const { open } = helper.log(session.sessionId);
    await eventually('the fault of the processor that QEMU had read is held', () => open.size > 0);
    await eventually('its thread is named', () =>
      helper.threads.some(({ comm }) => comm.startsWith('CPU 0')),
    );
    const held = open.size;
    assert.equal((await helper.detach(session.sessionId)).handedBack, held);
    await nobodyIsTraced(destination.pid);
    await completes(source, destination);
  });

  it(`completes after ${rounds} rounds of freeze, take and hand back, and the guest has lost nothing`, async () => {
    const { source, destination } = await startPostcopy();
    const helper = await fixture.helper();
    let held = 0;
    for (let round = 1; round <= rounds; round++) {
      const session = await helper.attachFrozen(destination.pid);
      assert.equal(session.frozen.length, 1, `round ${round}`);
      const log = helper.log(session.sessionId);
      await eventually(`round ${round} holds a fault`, () => log.open.size > 0);
      held += (await helper.detach(session.sessionId)).handedBack;
    }
    assert.ok(held >= rounds / 2, `${held} handed back`);
    assert.deepEqual(
      helper.ends.filter(({ reason }) => reason !== 'detached'),
      [],
    );
    await nobodyIsTraced(destination.pid);
    await completes(source, destination);
  });
});
