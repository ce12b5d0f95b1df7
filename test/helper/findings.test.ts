/** The stuck-fault finder: each sentence on a target that is stuck in just that way, and none on its healthy twin. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import type { CtxDto, FindingDto, FindingId } from '../../native-helper/protocol/inspect.ts';
import { eventually } from './eventually.ts';
import { Fixture } from './fixture.ts';
import type { HelperProcess } from './helperProcess.ts';
import type { TargetProcess } from './targetProcess.ts';

/** A conclusion takes two looks that are a second apart. */
const lookIntervalMs = 400;
const isRoot = process.getuid!() === 0;

describe('the stuck-fault finder', function () {
  this.timeout(60_000);
  const fixture = new Fixture();
  afterEach(() => fixture.stop());

  /** What is found about the ctxs of a process once something is, or nothing in so many looks. */
  async function findings(helper: HelperProcess, pid: number, looks: number): Promise<FindingDto[]> {
    for (let look = 0; look < looks; look++) {
      const found = (await ctxs(helper, pid)).flatMap((ctx) => ctx.findings);
      if (found.length > 0) {
        return found;
      }
      await setTimeout(lookIntervalMs);
    }
    return [];
  }

  async function ctxs(helper: HelperProcess, pid: number): Promise<readonly CtxDto[]> {
    return (await helper.inspect(pid)).ctxs;
  }

  /** One finding of this cause, stuck, and what its sentence says. */
  async function isFound(
    pid: number,
    id: FindingId,
    text: RegExp,
    { isStuck = true, offersWake = false } = {},
  ): Promise<FindingDto> {
    const helper = await fixture.helper();
    const [finding, ...others] = await findings(helper, pid, 20);
    assert.deepEqual(others, []);
    assert.equal(finding?.id, id, finding?.text);
    assert.match(finding.text, text);
    assert.match(finding.text, /^[A-Z0-9].*\.$/);
    assert.match(finding.advice, /\.$/);
    assert.deepEqual({ isStuck: finding.isStuck, offersWake: finding.offersWake }, { isStuck, offersWake });
    return finding;
  }

  async function stuck(kind: string): Promise<TargetProcess> {
    const target = await fixture.target('stuck', kind);
    target.send('touch');
    return target;
  }

  it('read but never woken, while the handler sleeps in poll; one WAKE frees the thread', async () => {
    const target = await stuck('eexist');
    const helper = await fixture.helper();
    await isFound(
      target.pid,
      'readNotWoken',
      /^1 thread sleeps in a fault that was read and not woken since, while handler thread \d+ \(handler\) waits for the next event in poll: .*EEXIST/,
      { offersWake: true },
    );
    const [ctx] = await ctxs(helper, target.pid);
    await helper.inspectWake({ pid: ctx!.pid, fd: ctx!.uffd.fd, inode: ctx!.inode });
    await eventually('the thread goes on', () => target.touched.length === 1);
  });

  it('nobody reads', async () => {
    const target = await fixture.target('missing', '--threads', '3');
    await isFound(
      target.pid,
      'nobodyReads',
      /^3 threads sleep in faults that were never read from descriptor \d+ of process \d+ \(missing\): no thread waits for them\.$/,
    );
  });

  it('a handler that wants a lock of the thread that waits for it, with both stacks', async () => {
    const target = await stuck('lock');
    const { stacks } = await isFound(
      target.pid,
      'handlerBlocked',
      /^1 thread sleeps in a fault, and thread \d+ \(handler\), likely the handler, waits for the lock at 0x[0-9a-f]+, which thread \d+ \(toucher\) holds/,
    );
    assert.deepEqual(
      stacks.map(({ comm }) => comm),
      ['handler', 'toucher'],
    );
    if (isRoot) {
      assert.ok(stacks[0]!.frames.some((frame) => frame.startsWith('futex')));
      assert.ok(stacks[1]!.frames.includes('handle_userfault'));
    }
  });

  it('a handler that touches registered memory itself', async () => {
    const target = await fixture.target('stuck', 'self-fault');
    const helper = await fixture.helper();
    // It has to be seen to wait once: then it is known as the handler.
    await eventually('the handler waits', () => target.threadSleepsInCall('handler'));
    await helper.inspect(target.pid);
    target.send('touch');
    const [finding] = await findings(helper, target.pid, 20);
    assert.equal(finding?.id, 'handlerBlocked', finding?.text);
    assert.match(finding.text, /handler thread \d+ \(handler\) is itself asleep in a page fault/);
  });

  it('an unread event, which blocks every resolution', async () => {
    const target = await stuck('map');
    await isFound(
      target.pid,
      'mapChanging',
      /^Thread \d+ \(toucher\) of process \d+ waits in madvise\(0x[0-9a-f]+, 4096\) until its event has been read, .*EAGAIN\.$/,
    );
  });

  it('a blocking descriptor with poll', async () => {
    const target = await stuck('blocking');
    await isFound(target.pid, 'blockingDescriptor', /has no O_NONBLOCK, and poll answers POLLERR/);
  });

  it('UFFDIO_API never done', async () => {
    const target = await fixture.target('missing', '--no-api');
    await isFound(target.pid, 'apiNotDone', /has not been through UFFDIO_API/);
  });

  it('the last holder, and what its end would do', async () => {
    const target = await fixture.target('stuck', 'last');
    await isFound(
      target.pid,
      'lastHolder',
      new RegExp(`^Only process \\d+ \\(handler\\) has the userfaultfd of process ${target.pid} open.*zeros`),
      { isStuck: false },
    );
  });

  it('a target that has ended, while its handler waits on', async () => {
    const target = await fixture.target('stuck', 'gone');
    const handler = target.said('handler')[0]!['pid'] as number;
    try {
      const helper = await fixture.helper();
      assert.deepEqual(await findings(helper, handler, 2), []);
      await target.stop();
      const [finding] = await findings(helper, handler, 20);
      assert.equal(finding?.id, 'targetGone', finding?.text);
      assert.match(
        finding.text,
        /is leaked: process \d+ \(stuck\).*waits in poll for events that never come/,
      );
      assert.equal(finding.isStuck, true);
    } finally {
      process.kill(handler, 'SIGKILL');
    }
  });

  it('WP waiters after UNREGISTER', async () => {
    const target = await stuck('unregister');
    await isFound(target.pid, 'unregistered', /not registered any more: UFFDIO_UNREGISTER wakes nobody/, {
      offersWake: true,
    });
  });

  it('an empty pool of huge pages', async function () {
    if (!/^HugePages_Free:\s+0$/m.test(readFileSync('/proc/meminfo', 'latin1'))) {
      console.log('    skipped: this machine has free huge pages');
      this.skip();
    }
    const target = await stuck('huge');
    await isFound(
      target.pid,
      'noHugePages',
      /no huge page of 2048 KiB is free: COPY into huge pages answers ENOMEM/,
      {
        offersWake: true,
      },
    );
  });

  it('threads that a killed debugger has left, and one WAKE frees them', async () => {
    const target = await fixture.target('missing', '--pages', '1');
    const debug = await fixture.helper();
    await target.asleep(1);
    await debug.attachHolding(target.pid, 1);
    assert.deepEqual(await findings(await fixture.helper(), target.pid, 3), [], 'what we hold is not stuck');
    // All in the same instant: nobody is left to hand back.
    const ours = [...debug.guardianPids, debug.pid];
    for (const signal of ['SIGSTOP', 'SIGKILL'] as const) {
      ours.forEach((pid) => process.kill(pid, signal));
    }
    await isFound(
      target.pid,
      'stranded',
      /read from descriptor \d+ .* no thread waits for more: whoever read it, a handler or a debugger, was killed or hangs\.$/,
      {
        offersWake: true,
      },
    );
    const helper = await fixture.helper();
    const [ctx] = await ctxs(helper, target.pid);
    await helper.inspectWake({ pid: ctx!.pid, fd: ctx!.uffd.fd, inode: ctx!.inode });
    await target.pending(1);
  });

  const healthy: readonly (readonly [string, ...string[]])[] = [
    ['stuck', 'eexist', 'healthy'],
    ['stuck', 'lock', 'healthy'],
    ['stuck', 'self-fault', 'healthy'],
    ['stuck', 'map', 'healthy'],
    ['stuck', 'blocking', 'healthy'],
    ['stuck', 'last', 'healthy'],
    ['stuck', 'unregister', 'healthy'],
    ['liveHandler', 'poll'],
    ['liveHandler', 'read'],
    ['liveHandler', 'nested-epoll'],
    ['liveHandler', 'poll', 'process'],
  ];
  it('stays silent about healthy targets, also while they work', async () => {
    const helper = await fixture.helper();
    const targets = await Promise.all(
      healthy.map(([program, ...options]) => fixture.target(program, ...options)),
    );
    const storm = await fixture.target('storm', '--handler', '--threads', '4', '--pages', '4096');
    for (let look = 0; look < 6; look++) {
      [...targets, storm].forEach((target) => target.send('touch'));
      const { ctxs: all } = await helper.inspect();
      for (const { pid } of [...targets, storm]) {
        const of = all.filter(({ holders }) => holders.some((holder) => holder.pid === pid));
        assert.equal(of.length, 1);
        assert.deepEqual(of[0]!.findings, []);
      }
      await setTimeout(lookIntervalMs);
    }
  });
});
