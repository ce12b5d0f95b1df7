/** Freezing a live handler: it stands still inside its wait, and goes on as if nothing had happened. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { eventually } from './eventually.ts';
import { Fixture } from './fixture.ts';
import { nobodyIsTraced } from './nobodyIsTraced.ts';
import { isRunning, isStopped, stateOf } from './processTasks.ts';
import { needsFullUffd } from './programOrSkip.ts';
import { refused } from './refused.ts';
import type { TargetProcess } from './targetProcess.ts';

const servedByHandler = 'h'.charCodeAt(0);
const servedByHand = 0x5a;
const byHand = {
  ioctl: 'copy',
  source: { kind: 'fill', byte: servedByHand },
  dontWake: false,
  wp: false,
} as const;

describe('freezing a live handler', () => {
  const fixture = new Fixture();
  afterEach(() => fixture.stop());

  /** Lets the target's thread touch its next page. */
  function touch(target: TargetProcess): void {
    target.process.stdin.write('\n');
  }

  async function served(target: TargetProcess, byte: number): Promise<void> {
    const before = target.touched.length;
    touch(target);
    await eventually('the fault is served', () => target.touched.length > before);
    assert.equal(target.touched.at(-1)!.byte, byte);
  }

  for (const how of ['poll', 'select', 'read', 'epoll', 'nested-epoll']) {
    it(`stops a handler in ${how}, holds what it would have served, and lets it serve that afterwards`, async () => {
      const target = await fixture.target('liveHandler', how);
      const helper = await fixture.helper();
      await served(target, servedByHandler);
      await eventually('the handler waits', () => target.threadSleepsInCall('handler'));

      const session = await helper.attachFrozen(target.pid);
      assert.deepEqual(
        session.frozen.map(({ pid, comm }) => ({ pid, comm })),
        [{ pid: target.pid, comm: 'handler' }],
      );
      assert.equal(stateOf(target.pid, session.frozen[0]!.tid), 't');
      assert.match(session.notes.join(' '), /Frozen: handler thread \d+ \(handler\)/);
      const log = helper.log(session.sessionId);
      touch(target);
      await eventually('its fault is held', () => log.open.size === 1);
      const { warnings } = await helper.preflight(session.sessionId, { faultIds: [1] });
      assert.match(warnings.join(' '), /frozen handler .*Resolving by hand may break it/);
      await helper.resolve(session.sessionId, { faultIds: [1] }, byHand);
      await eventually('the thread goes on', () => target.touched.length === 2);
      assert.equal(target.touched[1]!.byte, servedByHand);

      touch(target);
      await eventually('the next fault is held', () => log.open.size === 1);
      const { handedBack, notes } = await helper.detach(session.sessionId);
      assert.equal(handedBack, 1);
      assert.deepEqual(
        notes.map((note) => /left epoll_\w+ with EINTR/.test(note)),
        how.endsWith('epoll') ? [true] : [],
      );
      await eventually('the handler serves the fault it missed', () => target.touched.length === 3);
      assert.equal(target.touched[2]!.byte, servedByHandler);
      await served(target, servedByHandler);
      await nobodyIsTraced(target.pid);
    });
  }

  it('stops a handler in another process', async () => {
    const target = await fixture.target('liveHandler', 'poll', 'process');
    const helper = await fixture.helper();
    await served(target, servedByHandler);
    const session = await helper.attachFrozen(target.pid);
    const [frozen] = session.frozen;
    assert.notEqual(frozen!.pid, target.pid);
    touch(target);
    await eventually('its fault is held', () => helper.log(session.sessionId).open.size === 1);
    await helper.detach(session.sessionId);
    await eventually('the handler serves it', () => target.touched.length === 2);
    assert.equal(target.touched[1]!.byte, servedByHandler);
    await nobodyIsTraced(frozen!.pid);
  });

  it('lets the handler go when the helper is killed, and the held fault is handed back to it', async () => {
    const target = await fixture.target('liveHandler', 'poll');
    const helper = await fixture.helper();
    await served(target, servedByHandler);
    const session = await helper.attachFrozen(target.pid);
    touch(target);
    await eventually('its fault is held', () => helper.log(session.sessionId).open.size === 1);
    helper.process.kill('SIGKILL');
    await eventually('the handler serves it', () => target.touched.length === 2);
    assert.equal(target.touched[1]!.byte, servedByHandler);
    await nobodyIsTraced(target.pid);
  });

  it('lets the handler go when the client goes away', async () => {
    const target = await fixture.target('liveHandler', 'epoll');
    const helper = await fixture.helper();
    const session = await helper.attachFrozen(target.pid);
    touch(target);
    await eventually('its fault is held', () => helper.log(session.sessionId).open.size === 1);
    await helper.stop();
    await eventually('the handler serves it', () => target.touched.length === 1);
    await nobodyIsTraced(target.pid);
  });

  it('ends when the target is killed while its handler stands still', async () => {
    const target = await fixture.target('liveHandler', 'poll');
    const helper = await fixture.helper();
    const session = await helper.attachFrozen(target.pid);
    target.process.kill('SIGKILL');
    await eventually('the session has ended', () =>
      helper.ends.some(({ sessionId }) => sessionId === session.sessionId),
    );
    await target.stop();
  });

  it('ends when the target replaces its memory while its handler stands still', async () => {
    const target = await fixture.target('liveHandler', 'poll');
    const helper = await fixture.helper();
    await helper.attachFrozen(target.pid);
    target.send('exec');
    await eventually('the session has ended', () => helper.ends.length === 1);
    assert.equal(helper.ends[0]!.reason, 'targetExeced');
    await nobodyIsTraced(target.pid);
  });

  it('goes on when the handler’s process is killed while it stands still', async () => {
    const target = await fixture.target('liveHandler', 'poll', 'process');
    const helper = await fixture.helper();
    await served(target, servedByHandler);
    const { sessionId, frozen } = await helper.attachFrozen(target.pid);
    process.kill(frozen[0]!.pid, 'SIGKILL');
    await eventually('it is gone', () => !isRunning(frozen[0]!.pid));
    touch(target);
    await eventually('its fault is held', () => helper.log(sessionId).open.size === 1);
    await helper.resolve(sessionId, { faultIds: [1] }, byHand);
    await eventually('the thread goes on', () => target.touched.length === 2);
    await helper.detach(sessionId);
  });

  for (const signal of ['SIGSTOP', 'SIGTERM'] as const) {
    it(`a ${signal} that came while the handler stood still takes effect afterwards`, async () => {
      const target = await fixture.target('liveHandler', 'poll');
      const helper = await fixture.helper();
      const { sessionId } = await helper.attachFrozen(target.pid);
      target.process.kill(signal);
      await helper.detach(sessionId);
      if (signal === 'SIGSTOP') {
        await eventually('the whole process is stopped', () => isStopped(target.pid));
        target.process.kill('SIGCONT');
        await served(target, servedByHandler);
      } else {
        await eventually('it has ended', () => target.process.signalCode === signal);
      }
    });
  }

  it('attaches without freezing anything where no handler is alive', async () => {
    const target = await fixture.target('missing');
    const helper = await fixture.helper();
    await target.asleep(1);
    const session = await helper.attachFrozen(target.pid);
    assert.deepEqual(session.frozen, []);
    await eventually('its fault is held', () => helper.log(session.sessionId).open.size === 1);
  });

  it('is refused while another debugger traces the handler, which is named', async () => {
    const target = await fixture.target('liveHandler', 'poll');
    const [helper, other] = [await fixture.helper(), await fixture.helper()];
    await eventually('the handler waits', () => target.threadSleepsInCall('handler'));
    const tracer = await fixture.target('tracer', String(handlerTid(target.pid)));
    await refused(
      helper.attachFrozen(target.pid),
      'handlerNotFreezable',
      new RegExp(`is traced by process ${tracer.pid} \\(tracer\\)`),
    );
    await served(target, servedByHandler);
    await tracer.stop();
    const session = await other.attachFrozen(target.pid);
    assert.equal(session.frozen.length, 1);
  });

  it('needs no freezing of a handler that its debugger has stopped', async () => {
    const target = await fixture.target('liveHandler', 'poll');
    const helper = await fixture.helper();
    await eventually('the handler waits', () => target.threadSleepsInCall('handler'));
    const tracer = await fixture.target('tracer', String(handlerTid(target.pid)), 'stop');
    const { sessionId } = await helper.attach(target.pid);
    touch(target);
    await eventually('its fault is held', () => helper.log(sessionId).open.size === 1);
    await helper.detach(sessionId);
    await tracer.stop();
    await eventually('the handler serves it', () => target.touched.length === 1);
  });

  it('is refused while the handler sleeps in a fault of the kernel itself, and leaves it asleep', async function () {
    needsFullUffd(this, 'a fault of the kernel');
    const target = await fixture.target('liveHandler', 'self');
    const helper = await fixture.helper();
    await eventually('the handler waits', () => target.threadSleepsInCall('handler'));
    touch(target);
    await target.asleep(2);
    await refused(
      helper.attachFrozen(target.pid),
      'handlerNotFreezable',
      /\(handler\) of process \d+ is itself asleep in a page fault, inside read/,
    );
    await target.asleep(2);
    await nobodyIsTraced(target.pid);
    assert.equal(target.faultCounts().pending, 1, 'nobody has read its fault');
  });

  it('freezes a handler under load again and again, and no thread is left behind', async function () {
    this.timeout(60_000);
    const target = await fixture.target('storm', '--handler', '--threads', '4', '--pages', '8192');
    const helper = await fixture.helper();
    for (let round = 1; round <= 10; round++) {
      touch(target);
      const session = await helper.attachFrozen(target.pid);
      assert.equal(session.frozen.length, 1);
      await helper.detach(session.sessionId);
      await eventually('the round is over', () => target.said('round').length === round);
    }
    await nobodyIsTraced(target.pid);
  });
});

function handlerTid(pid: number): number {
  return readdirSync(`/proc/${pid}/task`)
    .map(Number)
    .find((tid) => readFileSync(`/proc/${pid}/task/${tid}/comm`, 'latin1').trim() === 'handler')!;
}
