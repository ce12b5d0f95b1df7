import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { DetachRequest, type SessionDidForkParams } from '../../native-helper/protocol/session.ts';
import { eventually } from './eventually.ts';
import { Fixture } from './fixture.ts';
import type { HelperProcess } from './helperProcess.ts';
import type { TargetProcess } from './targetProcess.ts';

const fillWith = (byte: number) =>
  ({ ioctl: 'copy', source: { kind: 'fill', byte }, dontWake: false, wp: false }) as const;

/** EVENT_FORK needs CAP_SYS_PTRACE in the target. */
const describeAsRoot = process.getuid!() === 0 ? describe : describe.skip;

describeAsRoot('custody of forked children', () => {
  const fixture = new Fixture();
  afterEach(() => fixture.stop());

  async function attached(...options: string[]) {
    const target = await fixture.target('events', '--fork', ...options);
    const helper = await fixture.helper();
    const session = await helper.attach(target.pid);
    return { target, helper, session };
  }

  /** Forks `count` children and waits until the fault of each is held. */
  async function forked(target: TargetProcess, helper: HelperProcess, count: number, command = 'fork') {
    target.send(`${command} ${count}`);
    await eventually('all children have sessions', () => helper.forks.length === count);
    await eventually('all children are held', () =>
      helper.forks.every(({ session }) => helper.log(session.sessionId).open.size === 1),
    );
    await eventually('all forks have returned', () => target.said('fork').length === count);
    return helper.forks;
  }

  const pidsOf = (forks: readonly SessionDidForkParams[]) => forks.map(({ session }) => session.pid);
  const forkedPids = (target: TargetProcess) => target.said('fork').map(({ pid }) => pid as number);

  it('a child becomes a session of its own, which says what custody means', async () => {
    const { target, helper, session } = await attached();
    const [fork] = await forked(target, helper, 1);
    assert.equal(fork!.parentSessionId, session.sessionId);
    const child = fork!.session;
    assert.deepEqual([child.pid], forkedPids(target));
    assert.match(child.comm, /^(events|forked-child)$/);
    assert.equal(child.isCustody, true);
    assert.match(child.notes[0]!, /forked child.*cannot be handed back.*missing pages read as zeros/);
    assert.equal(child.ranges.length, 1);
    assert.equal(child.ranges[0]!.start, target.pageAt(0));
    const { open, rows } = helper.log(child.sessionId);
    assert.deepEqual(
      [...open.values()].map(({ tid, address }) => ({ tid, address })),
      [{ tid: child.pid, address: target.ready!.address }],
    );
    assert.equal(rows[0]!.kind, 'raised');
    await eventually('the fork row', () =>
      helper.log(session.sessionId).rows.some(({ kind }) => kind === 'fork'),
    );
    assert.equal(session.isCustody, false);
    assert.ok(session.notes.some((note) => note.startsWith('EVENT_FORK')));
  });

  it('a child is resolved by hand, and its parent is not touched', async () => {
    const { target, helper, session } = await attached();
    target.send('touch 0');
    await eventually('the parent is held', () => helper.log(session.sessionId).open.size === 1);
    const [fork] = await forked(target, helper, 1);
    await helper.resolve(fork!.session.sessionId, { faultIds: [1] }, fillWith(0x33));
    const child = await eventually('the child goes on', () => target.said('child')[0]);
    assert.deepEqual([child['pid'], child['byte']], [fork!.session.pid, 0x33]);
    assert.equal(helper.log(session.sessionId).open.size, 1);
  });

  it('several children of one thread are told apart', async () => {
    const { target, helper } = await attached();
    const forks = await forked(target, helper, 8);
    assert.deepEqual(pidsOf(forks), forkedPids(target));
    for (const [i, { session }] of forks.entries()) {
      await helper.resolve(session.sessionId, { faultIds: [1] }, fillWith(i + 1));
    }
    await eventually('all children go on', () => target.said('child').length === 8);
    const bytes = new Map(target.said('child').map(({ pid, byte }) => [pid as number, byte]));
    assert.deepEqual(
      pidsOf(forks).map((pid) => bytes.get(pid)),
      [1, 2, 3, 4, 5, 6, 7, 8],
    );
  });

  it('children of several threads at once are all held; none is taken for another', async () => {
    const { target, helper } = await attached();
    const forks = await forked(target, helper, 6, 'forks');
    for (const { session } of forks) {
      const [fault] = helper.log(session.sessionId).open.values();
      // The kernel names the thread: where a pid was found it is the right one.
      assert.ok(session.pid === 0 || session.pid === fault!.tid, `${session.pid} is not ${fault!.tid}`);
      if (session.pid === 0) {
        assert.ok(session.notes.some((note) => note.includes('pid, ranges and thread names are not known')));
        assert.deepEqual([session.comm, session.commandLine, session.ranges], ['', '', []]);
      }
      const answer = await helper.resolve(session.sessionId, { faultIds: [fault!.id] }, fillWith(7));
      assert.equal(answer.succeeded, 1, answer.results[0]?.text);
    }
    await eventually('all children go on', () => target.said('child').length === 6);
  });

  it('a child that forked before the attach, its parent still waiting, is taken as well', async () => {
    const target = await fixture.target('events', '--fork');
    target.send('fork');
    await eventually('the fork waits', () => target.state() === 'D');
    const helper = await fixture.helper();
    const { sessionId } = await helper.attach(target.pid);
    await eventually('the child has a session', () => helper.forks.length === 1);
    await eventually('its fork has returned', () => target.said('fork').length === 1);
    assert.deepEqual(pidsOf(helper.forks), forkedPids(target));
    const lamp = () => helper.mapChanges.filter((change) => change.sessionId === sessionId);
    await eventually('the map has settled', () => lamp().at(-1)?.change === null);
    assert.equal(lamp()[0]!.change!.tid, target.pid);
  });

  /** The children's threads have gone on and their pages read as zeros. */
  async function assertReleased(target: TargetProcess, count: number) {
    await eventually('all children go on', () => target.said('child').length === count);
    assert.deepEqual([...new Set(target.said('child').map(({ byte }) => byte))], [0]);
  }

  it('ending the session closes the uffd: the child goes on and reads zeros', async () => {
    const { target, helper } = await attached();
    const [fork] = await forked(target, helper, 1);
    const { sessionId } = fork!.session;
    assert.deepEqual(await helper.connection.sendRequest(DetachRequest, { sessionId }), {
      handedBack: 1,
      notes: [],
    });
    await assertReleased(target, 1);
    assert.match(helper.ends[0]!.text, /was closed: its threads go on, and missing pages read as zeros/);
    await eventually('only the parent is held open', () => uffdsOf(helper.pid) === 1);
    await eventually('by the guardians too', () =>
      helper.guardianPids.every((guardian) => uffdsOf(guardian) === 1),
    );
  });

  it('detaching from the parent leaves the child its session', async () => {
    const { target, helper, session } = await attached();
    const [fork] = await forked(target, helper, 1);
    await helper.connection.sendRequest(DetachRequest, { sessionId: session.sessionId });
    assert.equal(target.said('child').length, 0);
    await helper.resolve(fork!.session.sessionId, { faultIds: [1] }, fillWith(9));
    const child = await eventually('the child goes on', () => target.said('child')[0]);
    assert.equal(child['byte'], 9);
  });

  it('the session ends with the child, and leaves no descriptor behind', async () => {
    const { target, helper } = await attached();
    const forks = await forked(target, helper, 3);
    await target.ask('reap');
    await eventually('all sessions have ended', () => helper.ends.length === 3);
    for (const { reason, text } of helper.ends) {
      assert.equal(reason, 'targetExited');
      assert.match(text, /^Process \d+ has ended\.$/);
    }
    assert.deepEqual(
      helper.ends.map(({ sessionId }) => sessionId).sort(),
      forks.map(({ session }) => session.sessionId).sort(),
    );
    await eventually('only the parent is held open', () => uffdsOf(helper.pid) === 1);
    await eventually('by the guardians too', () =>
      helper.guardianPids.every((guardian) => uffdsOf(guardian) === 1),
    );
  });

  const ends: [string, (helper: HelperProcess) => Promise<unknown>][] = [
    ['the client goes away', (helper) => helper.stop()],
    ['the helper is ended by SIGTERM', (helper) => killed(helper, 'SIGTERM')],
    ['the helper is killed by SIGKILL', (helper) => killed(helper, 'SIGKILL')],
  ];
  for (const [name, end] of ends) {
    it(`all children go on when ${name}`, async () => {
      const { target, helper } = await attached();
      await forked(target, helper, 4);
      await end(helper);
      await assertReleased(target, 4);
    });
  }

  it('all children go on when the helper is killed in the middle of many forks', async () => {
    const { target, helper } = await attached();
    target.send('forks 30');
    await eventually('some have sessions', () => helper.forks.length >= 3);
    await killed(helper, 'SIGKILL');
    // Forks that had not been read wait for whoever reads next: as if nobody had attached.
    const next = await fixture.helper();
    await next.attach(target.pid);
    await eventually('all forks have returned', () => target.said('fork').length === 30);
    await next.stop();
    await assertReleased(target, 30);
  });

  it('the children of a child are held as well', async () => {
    const { target, helper, session } = await attached('--nested');
    target.send('fork');
    await eventually('both generations have sessions', () => helper.forks.length === 2);
    const [child, grandchild] = helper.forks;
    assert.equal(child!.parentSessionId, session.sessionId);
    assert.equal(grandchild!.parentSessionId, child!.session.sessionId);
    await eventually('the grandchild is held', () => {
      return helper.log(grandchild!.session.sessionId).open.size === 1;
    });
    const [fault] = helper.log(grandchild!.session.sessionId).open.values();
    assert.equal(grandchild!.session.pid, fault!.tid);
  });
});

/** How many descriptors of uffds a process has. */
function uffdsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).filter((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`) === 'anon_inode:[userfaultfd]';
    } catch {
      return false;
    }
  }).length;
}

async function killed(helper: HelperProcess, signal: NodeJS.Signals): Promise<void> {
  const exit = once(helper.process, 'exit');
  helper.process.kill(signal);
  await exit;
}
