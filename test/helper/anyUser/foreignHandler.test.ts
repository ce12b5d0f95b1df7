/** A handler in another process that got its uffd over a Unix socket, as with Firecracker. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { eventually } from '../eventually.ts';
import { Fixture } from '../fixture.ts';
import type { HelperProcess } from '../helperProcess.ts';
import { nobodyIsTraced } from '../nobodyIsTraced.ts';
import { needsFullUffd } from '../programOrSkip.ts';
import { refused } from '../refused.ts';
import type { TargetEvent, TargetProcess } from '../targetProcess.ts';

describe('a handler in another process, which got its uffd over a socket', function () {
  this.timeout(240_000);
  const fixture = new Fixture();
  afterEach(() => fixture.stop());

  async function start(...options: string[]): Promise<{ target: TargetProcess; handlerPid: number }> {
    const target = await fixture.target('foreignHandler', ...options);
    const handler = await eventually('the handler runs', () => target.said('handler')[0]);
    return { target, handlerPid: handler['pid'] as number };
  }

  /** Ends the target at its own pace. @returns what its handler has seen */
  async function finish(target: TargetProcess): Promise<TargetEvent> {
    target.process.stdin.end();
    const handled = await eventually('the handler tells', () => target.said('handled')[0]);
    await eventually('the target ends', () => target.process.exitCode !== null);
    assert.equal(target.process.exitCode, 0);
    assert.deepEqual(target.said('corrupt'), []);
    return handled;
  }

  /** Freezes, waits until both touching threads are held, and hands back. @returns what detaching said */
  async function round(
    helper: HelperProcess,
    pid: number,
    handlerThreads: number,
  ): Promise<readonly string[]> {
    const { sessionId, frozen } = await helper.attachFrozen(pid);
    assert.equal(frozen.length, handlerThreads);
    const { open } = helper.log(sessionId);
    await eventually('both faults are held', () => open.size === 2);
    const { handedBack, notes } = await helper.detach(sessionId);
    assert.equal(handedBack, 2);
    return notes;
  }

  it('is frozen where it is, while the memory is found where that is', async () => {
    const { target, handlerPid } = await start();
    const helper = await fixture.helper();
    for (const throughPid of [target.pid, handlerPid]) {
      const session = await helper.attachFrozen(throughPid);
      assert.equal(session.pid, target.pid);
      assert.deepEqual(
        session.frozen.map(({ pid, comm }) => ({ pid, comm })),
        [{ pid: handlerPid, comm: 'handler-0' }],
      );
      assert.match(session.notes.join(' '), new RegExp(`Process ${handlerPid} \\(page-server\\) has this`));
      const { open } = helper.log(session.sessionId);
      await eventually('both faults are held', () => open.size === 2);
      await helper.detach(session.sessionId);
    }
    await nobodyIsTraced(handlerPid);
    assert.equal((await finish(target))['empty'], 0);
  });

  it('is reached through itself when the creator has closed its copy; ranges and threads are the creator’s', async () => {
    const { target, handlerPid } = await start('--close');
    const helper = await fixture.helper();
    await refused(helper.attachFrozen(target.pid), 'noUffd', /attach to that one/);
    const session = await helper.attachFrozen(handlerPid);
    assert.equal(session.pid, target.pid);
    assert.match(
      session.notes.join(' '),
      new RegExp(`memory is that of process ${target.pid} .*reached through process ${handlerPid}`),
    );
    const { address, pages } = target.ready!;
    assert.deepEqual(
      session.ranges.map(({ start, lengthBytes, modes }) => ({ start, lengthBytes, modes })),
      [{ start: `0x${address.toString(16)}`, lengthBytes: pages * 4096, modes: ['MISSING'] }],
    );
    const { open } = helper.log(session.sessionId);
    await eventually('both faults are held', () => open.size === 2);
    await eventually('their threads are named', () => helper.threads.length === 2);
    assert.ok(helper.threads.every(({ comm }) => comm === 'toucher'));
    const { ctxs } = await helper.inspect(target.pid);
    assert.deepEqual(
      ctxs[0]!.waiters.map(({ comm }) => comm),
      ['toucher', 'toucher'],
    );
    assert.equal((await helper.detach(session.sessionId)).handedBack, 2);
    await finish(target);
  });

  it('has two threads on one ctx: both are frozen, and both go on', async () => {
    const { target, handlerPid } = await start('--threads', '2');
    const helper = await fixture.helper();
    for (let i = 0; i < 10; i++) {
      await round(helper, target.pid, 2);
    }
    await nobodyIsTraced(handlerPid);
    await finish(target);
  });

  it('lives like a Go program: 100 rounds of freeze, take and hand back, and no signal is lost', async () => {
    const { target, handlerPid } = await start('--go');
    const helper = await fixture.helper();
    const notes: string[] = [];
    for (let i = 0; i < 100; i++) {
      notes.push(...(await round(helper, target.pid, 1)));
    }
    await nobodyIsTraced(handlerPid);
    const { sent, delivered, interrupted, empty } = await finish(target);
    assert.ok((sent as number) > 0);
    assert.equal(delivered, sent);
    assert.equal(empty, 0, 'it was never woken for an event that somebody else had read');
    assert.ok(notes.length > 0 && notes.every((note) => note.includes('left epoll_wait with EINTR')));
    assert.ok((interrupted as number) >= notes.length);
  });

  it('starts one more thread while it is frozen: that is frozen too, and both go on', async () => {
    const { target, handlerPid } = await start();
    const helper = await fixture.helper();
    const { sessionId, frozen } = await helper.attachFrozen(target.pid);
    target.send('');
    await eventually('the new thread stands still', () =>
      readdirSync(`/proc/${handlerPid}/task`)
        .map(Number)
        .some(
          (tid) => !frozen.some((known) => known.tid === tid) && tracerOf(handlerPid, tid) === helper.pid,
        ),
    );
    await helper.detach(sessionId);
    await nobodyIsTraced(handlerPid);
    await finish(target);
  });

  it('serves faults of the kernel: threads asleep in them are never touched', async function () {
    needsFullUffd(this, 'a fault of the kernel');
    const { target, handlerPid } = await start('--kernel');
    const helper = await fixture.helper();
    for (let i = 0; i < 10; i++) {
      const session = await helper.attachFrozen(target.pid);
      const { open } = helper.log(session.sessionId);
      await eventually('both faults are held', () => open.size === 2);
      const sleepers = await target.asleep(2);
      const before = sleepers.map((tid) => switchesOf(target.pid, tid));
      assert.ok(sleepers.every((tid) => tracerOf(target.pid, tid) === 0));
      assert.deepEqual(open.size, 2, 'none of them faults again and again');
      assert.deepEqual(
        sleepers.map((tid) => switchesOf(target.pid, tid)),
        before,
        'they stay asleep',
      );
      assert.equal((await helper.detach(session.sessionId)).handedBack, 2);
    }
    await nobodyIsTraced(handlerPid);
    await finish(target);
  });
});

function statusOf(pid: number, tid: number, field: string): number {
  const status = readFileSync(`/proc/${pid}/task/${tid}/status`, 'latin1');
  return Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)![1]);
}

const tracerOf = (pid: number, tid: number): number => statusOf(pid, tid, 'TracerPid');
const switchesOf = (pid: number, tid: number): number => statusOf(pid, tid, 'voluntary_ctxt_switches');
