/** Inspect on real programs: what it says is true, and no program notices. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import type { CtxDto } from '../../native-helper/protocol/inspect.ts';
import { eventually } from './eventually.ts';
import { Fixture } from './fixture.ts';
import { refused } from './refused.ts';
import type { TargetProcess } from './targetProcess.ts';

describe('inspect', function () {
  this.timeout(60_000);
  const fixture = new Fixture();
  afterEach(() => fixture.stop());

  async function ctxOf(target: TargetProcess): Promise<CtxDto> {
    const helper = await fixture.helper();
    const { ctxs } = await helper.inspect(target.pid);
    assert.equal(ctxs.length, 1);
    return ctxs[0]!;
  }

  it('names each thread asleep in a fault, its instruction, and how long it has slept', async () => {
    const target = await fixture.target('missing', '--threads', '2');
    await target.asleep(2);
    const ctx = await ctxOf(target);
    assert.deepEqual(ctx.ownerPids, [target.pid]);
    assert.deepEqual(
      ctx.holders.map(({ pid, fds, isConfirmed, isDebugger }) => ({ pid, fds, isConfirmed, isDebugger })),
      [{ pid: target.pid, fds: [target.ready!.fd], isConfirmed: true, isDebugger: false }],
    );
    assert.deepEqual([...ctx.waiters.map(({ tid }) => tid)].sort(), target.sleeping().sort());
    for (const { comm, mode, syscall, instruction, asleepNs, isInferred } of ctx.waiters) {
      assert.match(comm, /^toucher-[01]$/);
      assert.deepEqual({ mode, syscall, isInferred }, { mode: 'user', syscall: '', isInferred: false });
      assert.match(instruction!.path, /\/missing$/);
      // It has slept at least as long as the look took, which is a second.
      assert.ok(asleepNs === null || asleepNs > 0);
    }
    assert.equal(ctx.ranges.length, 1);
    assert.equal(ctx.uffd.pending, 2);
  });

  for (const how of ['poll', 'select', 'read', 'epoll', 'nested-epoll']) {
    it(`says that a handler waits in ${how}`, async () => {
      const target = await fixture.target('liveHandler', how);
      await eventually('the handler waits', () => target.threadSleepsInCall('handler'));
      const { handlers } = await ctxOf(target);
      assert.deepEqual(
        handlers.map(({ pid, comm, activity, isCertain }) => ({ pid, comm, activity, isCertain })),
        [
          {
            pid: target.pid,
            comm: 'handler',
            activity: how === 'nested-epoll' ? 'epoll' : how,
            isCertain: true,
          },
        ],
      );
    });
  }

  it('finds a handler in another process, and the target that has closed its own copy', async () => {
    const target = await fixture.target('stuck', 'last');
    const handler = target.said('handler')[0]!['pid'] as number;
    const ctx = await ctxOf(target);
    assert.deepEqual(ctx.ownerPids, [target.pid]);
    assert.deepEqual(
      ctx.holders.map(({ pid }) => pid),
      [handler],
    );
    await eventually('the handler waits', async () =>
      (await ctxOf(target)).handlers.some(({ pid }) => pid === handler),
    );
  });

  it('tells a fault of the kernel from one of the program', async function () {
    if (process.getuid!() !== 0) {
      console.log('    skipped: an ordinary user’s userfaultfd takes no faults of the kernel');
      this.skip();
    }
    const target = await fixture.target('liveHandler', 'kernel');
    target.send('touch');
    await target.asleep(1);
    const [waiter] = (await ctxOf(target)).waiters;
    assert.deepEqual({ mode: waiter!.mode, syscall: waiter!.syscall }, { mode: 'kernel', syscall: 'read' });
  });

  it('lists each of several uffds of a process', async () => {
    const target = await fixture.target('missing', '--uffds', '1');
    await target.asleep(1);
    const helper = await fixture.helper();
    const { ctxs } = await helper.inspect(target.pid);
    assert.equal(ctxs.length, 2);
    const waiting = ctxs.filter(({ waiters }) => waiters.length > 0);
    assert.deepEqual(
      waiting.map(({ uffd, waiters }) => [uffd.fd, waiters[0]!.isInferred]),
      [[target.ready!.fd, true]],
    );
  });

  it('leaves every program as it is', async () => {
    const stuck = await fixture.target('missing', '--threads', '2');
    const live = await fixture.target('liveHandler', 'epoll');
    await stuck.asleep(2);
    await eventually('the handler waits', () => live.threadSleepsInCall('handler'));
    // The threads that were the last to start them may still run.
    await eventually('all of their threads sleep', () => {
      return !JSON.stringify([stuck, live].map(traces)).includes('(running)');
    });
    const before = [stuck, live].map(traces);
    const helper = await fixture.helper();
    for (let look = 0; look < 20; look++) {
      await helper.inspect();
    }
    assert.deepEqual([stuck, live].map(traces), before);
  });

  it('refuses to wake another uffd than the one that was seen', async () => {
    const target = await fixture.target('missing');
    const { pid, uffd, inode } = await ctxOf(target);
    const helper = await fixture.helper();
    await refused(
      helper.inspectWake({ pid, fd: uffd.fd, inode: inode + 1 }),
      'noUffd',
      /is not a userfaultfd/,
    );
    await refused(
      helper.inspectWake({ pid: 0x3ffffe, fd: 3, inode }),
      'noSuchProcess',
      /There is no process/,
    );
  });

  describe('uffdbg inspect', () => {
    it('says what is stuck, where, and exits with 1', async () => {
      const target = await fixture.target('missing', '--threads', '2');
      await target.asleep(2);
      const run = fixture.uffdbg('inspect', '--pid', `${target.pid}`);
      assert.equal(await run.exited(), 1);
      assert.match(run.stdout, /STUCK\s+2 threads sleep in faults that were never read/);
      assert.match(
        run.stdout,
        /waiter\s+thread \d+ \(toucher-0\) of process \d+ in a fault in user mode at touch_pages\+0x[0-9a-f]+ \(.*\/missing\)/,
      );
      assert.equal(run.stderr, '');
    });

    it('is the same as JSON, and exits with 0 when nothing is stuck', async () => {
      const target = await fixture.target('liveHandler', 'poll');
      await eventually('the handler waits', () => target.threadSleepsInCall('handler'));
      const run = fixture.uffdbg('inspect', '--pid', `${target.pid}`, '--json');
      assert.equal(await run.exited(), 0, run.stdout);
      const { ctxs } = JSON.parse(run.stdout) as { ctxs: CtxDto[] };
      assert.deepEqual(
        ctxs.map(({ pid, findings, handlers }) => [pid, findings.length, handlers.length]),
        [[target.pid, 0, 1]],
      );
    });

    for (const [args, exitCode, text] of [
      [['--pid', '4194302'], 3, /There is no process 4194302/],
      [['--pid', 'x'], 2, /--pid must be a process id/],
      [['--rules', 'r'], 2, /inspect has no --rules/],
      [['now'], 2, /"now" is one argument too many/],
    ] as const) {
      it(`refuses ${args.join(' ')}`, async () => {
        const run = fixture.uffdbg('inspect', ...args);
        assert.equal(await run.exited(), exitCode);
        assert.match(run.stderr, text);
        assert.equal(run.stdout, '');
      });
    }
  });
});

/** What a touch would change: fault counts, and each thread's state, tracer and switches. */
function traces(target: TargetProcess): unknown {
  return [
    target.faultCounts(),
    ...readdirSync(`/proc/${target.pid}/task`).map((tid) =>
      readFileSync(`/proc/${target.pid}/task/${tid}/status`, 'latin1')
        .split('\n')
        .filter((line) => /^(State|TracerPid|.*ctxt_switches)/.test(line)),
    ),
  ];
}
