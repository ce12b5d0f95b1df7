/** The stuck-fault finder where several things come together: what it says must be true, or nothing. */
import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import type { CtxDto, FindingDto } from '../../../native-helper/protocol/inspect.ts';
import { eventually } from '../eventually.ts';
import { Fixture } from '../fixture.ts';
import type { HelperProcess } from '../helperProcess.ts';
import type { TargetProcess } from '../targetProcess.ts';

const lookIntervalMs = 300;
const looks = 8;
/** A handler may be at work on a page for ten seconds. */
const mostLooks = 100;

describe('the stuck-fault finder in mixed cases', function () {
  this.timeout(90_000);
  const fixture = new Fixture();
  afterEach(() => fixture.stop());

  async function ctxs(helper: HelperProcess, pid: number): Promise<readonly CtxDto[]> {
    return (await helper.inspect(pid)).ctxs;
  }

  async function finding(helper: HelperProcess, pid: number): Promise<FindingDto> {
    for (let look = 0; look < mostLooks; look++) {
      const [found, ...others] = (await ctxs(helper, pid)).flatMap(({ findings }) => findings);
      assert.deepEqual(others, []);
      if (found !== undefined) {
        return found;
      }
      await setTimeout(lookIntervalMs);
    }
    throw new Error('nothing is found');
  }

  async function isSilent(helper: HelperProcess, pid: number): Promise<void> {
    for (let look = 0; look < looks; look++) {
      const found = (await ctxs(helper, pid)).flatMap(({ findings }) => findings);
      assert.deepEqual(found, []);
      await setTimeout(lookIntervalMs);
    }
  }

  /** A target whose handler, in a process of its own, has been seen to wait. */
  async function withHandlerProcess(
    helper: HelperProcess,
  ): Promise<{ target: TargetProcess; handler: number }> {
    const target = await fixture.target('liveHandler', 'poll', 'process');
    const handler = await eventually('the handler waits', () => target.childWaitingInCall());
    await helper.inspect(target.pid);
    return { target, handler };
  }

  it('a handler that is stopped is said to be, and is not when it runs on', async () => {
    const helper = await fixture.helper();
    const { target, handler } = await withHandlerProcess(helper);
    process.kill(handler, 'SIGSTOP');
    target.send('touch');
    await target.asleep(1);
    const { id, text, advice } = await finding(helper, target.pid);
    assert.equal(id, 'handlerBlocked');
    assert.match(
      text,
      new RegExp(`^1 thread sleeps in a fault, and handler thread ${handler} \\(handler\\) is stopped\\.$`),
    );
    assert.match(advice, new RegExp(`kill -CONT ${handler}`));
    process.kill(handler, 'SIGCONT');
    await eventually('the thread goes on', () => target.touched.length === 1);
    await isSilent(helper, target.pid);
  });

  it('a handler that another debugger has stopped is said to be', async () => {
    const helper = await fixture.helper();
    const { target, handler } = await withHandlerProcess(helper);
    const tracer = await fixture.target('tracer', `${handler}`, 'stop');
    target.send('touch');
    await target.asleep(1);
    const { id, text } = await finding(helper, target.pid);
    assert.equal(id, 'handlerBlocked');
    assert.match(text, new RegExp(`is stopped by process ${tracer.pid}, which traces it\\.$`));
    await tracer.stop();
    await eventually('the thread goes on', () => target.touched.length === 1);
  });

  it('a handler that has ended is named', async () => {
    const helper = await fixture.helper();
    const { target, handler } = await withHandlerProcess(helper);
    process.kill(handler, 'SIGKILL');
    target.send('touch');
    await target.asleep(1);
    const { id, text } = await finding(helper, target.pid);
    assert.equal(id, 'nobodyReads');
    assert.match(text, new RegExp(`handler thread ${handler} \\(handler\\) has ended or closed it\\.$`));
    const [ctx] = await ctxs(helper, target.pid);
    assert.deepEqual(
      ctx!.handlers.map(({ tid, activity }) => [tid, activity]),
      [[handler, 'gone']],
    );
  });

  it('a target that is stopped as a whole sleeps in no fault', async () => {
    const helper = await fixture.helper();
    const targets = [
      await fixture.target('missing', '--threads', '2'),
      await fixture.target('liveHandler', 'poll'),
    ];
    await targets[0]!.asleep(2);
    targets[1]!.send('touch');
    await eventually('the thread goes on', () => targets[1]!.touched.length === 1);
    for (const { pid } of targets) {
      process.kill(pid, 'SIGSTOP');
    }
    for (const { pid } of targets) {
      await isSilent(helper, pid);
      process.kill(pid, 'SIGCONT');
    }
    assert.equal((await finding(helper, targets[0]!.pid)).id, 'nobodyReads');
  });

  it('a handler that we have frozen is no mystery', async () => {
    const helper = await fixture.helper();
    const other = await fixture.helper();
    const target = await fixture.target('liveHandler', 'poll');
    await eventually('the handler waits', () => target.threadSleepsInCall('handler'));
    await other.inspect(target.pid);
    await helper.attachFrozen(target.pid);
    target.send('touch');
    await target.asleep(1);
    await isSilent(other, target.pid);
  });

  for (const seen of [true, false]) {
    it(`a handler that computes for seconds is at work, ${seen ? 'seen to wait before' : 'never seen to wait'}`, async () => {
      const helper = await fixture.helper();
      const target = await fixture.target('stuck', 'busy', 'healthy');
      await eventually('the handler waits', () => target.threadSleepsInCall('handler'));
      if (seen) {
        await helper.inspect(target.pid);
      }
      target.send('touch');
      target.send('touch');
      await target.asleep(2);
      while (target.touched.length < 2) {
        assert.deepEqual(
          (await ctxs(helper, target.pid)).flatMap(({ findings }) => findings),
          [],
        );
        await setTimeout(lookIntervalMs);
      }
    });
  }

  it('a handler that computes for ever is said to be', async () => {
    const helper = await fixture.helper();
    const target = await fixture.target('stuck', 'busy');
    await eventually('the handler waits', () => target.threadSleepsInCall('handler'));
    await helper.inspect(target.pid);
    target.send('touch');
    await target.asleep(1);
    const { id, text } = await finding(helper, target.pid);
    assert.equal(id, 'handlerBusy', text);
    assert.match(
      text,
      /^1 thread sleeps in a fault, and handler thread \d+ \(handler\) has been at work since/,
    );
  });

  it('of several threads that wait for a lock of a sleeper, it is open which is the handler', async () => {
    const helper = await fixture.helper();
    const target = await fixture.target('stuck', 'lock');
    await eventually('the handler waits', () => target.threadSleepsInCall('handler'));
    // Several touchers, each of which wants the lock that the first holds.
    target.send('touch');
    target.send('touch');
    target.send('touch');
    await target.asleep(1);
    // Of three threads, one sleeps in its fault; the others and the handler want the lock.
    await eventually('all of them wait', () => target.countInCall('futex') === 3);
    const { text } = await finding(helper, target.pid);
    assert.match(
      text,
      /^1 thread sleeps in a fault, and thread .*thread .*thread .*, one of them likely the handler, wait for the lock at 0x/,
    );
  });

  for (const [how, id] of [
    ['unread', 'nobodyReads'],
    ['dropped', 'readNotWoken'],
  ] as const) {
    for (const pace of ['calm', 'storm']) {
      it(`of two uffds in one process the stuck one is named, ${how}, beside a ${pace}`, async () => {
        const helper = await fixture.helper();
        const target = await fixture.target('twoUffds', how, pace);
        const healthy = await eventually('it names the healthy one', () => target.said('healthy')[0]?.['fd']);
        const found: string[] = [];
        for (let look = 0; look < 2 * looks; look++) {
          const all = await ctxs(helper, target.pid);
          assert.equal(all.length, 2);
          for (const { uffd, findings } of all) {
            assert.ok(uffd.fd !== healthy || findings.length === 0, JSON.stringify(findings));
            found.push(...findings.map((one) => `${one.id}: ${one.text}`));
          }
          await setTimeout(lookIntervalMs);
        }
        assert.ok(found.length > 0, 'the stuck one is found');
        for (const text of found) {
          assert.match(text, new RegExp(`^${id}: 1 thread sleeps in a fault`));
        }
      });
    }
  }
});
