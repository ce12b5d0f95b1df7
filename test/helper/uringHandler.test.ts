/** Handlers that wait through an io_uring: the kernel takes their events whatever their threads do. */
import { readFileSync } from 'node:fs';
import assert from 'node:assert/strict';
import { eventually } from './eventually.ts';
import { Fixture } from './fixture.ts';
import { nobodyIsTraced } from './nobodyIsTraced.ts';
import { refused } from './refused.ts';
import type { TargetProcess } from './targetProcess.ts';

/** The sysctl kernel.io_uring_disabled: 1 forbids it to ordinary users, 2 to all. */
function isUringAllowed(): boolean {
  try {
    const disabled = Number(readFileSync('/proc/sys/kernel/io_uring_disabled', 'latin1'));
    return disabled === 0 || (disabled === 1 && process.getuid!() === 0);
  } catch {
    return true;
  }
}

describe('a handler that waits through an io_uring', () => {
  const fixture = new Fixture();
  afterEach(() => fixture.stop());

  before(function () {
    if (!isUringAllowed()) {
      console.log('    skipped: kernel.io_uring_disabled forbids io_uring here');
      this.skip();
    }
  });

  async function served(target: TargetProcess): Promise<void> {
    const before = target.touched.length;
    target.send('');
    await eventually('the fault is served', () => target.touched.length > before);
    assert.equal(target.touched.at(-1)!.byte, 'h'.charCodeAt(0));
  }

  for (const [what, how, reason] of [
    ['poll', 'enter', /which of its threads completes that cannot be seen/],
    ['read', 'enter', /which of its threads completes that cannot be seen/],
    ['poll', 'eventfd', /which of its threads completes that cannot be seen/],
    ['read', 'eventfd', /which of its threads completes that cannot be seen/],
    ['read', 'sqpoll', /\(SQPOLL\) reads on while every thread of the handler is stopped/],
  ] as const) {
    it(`is neither taken over nor frozen when it submits a ${what} and waits by ${how}, and serves on`, async () => {
      const target = await fixture.target('uringHandler', what, how);
      const helper = await fixture.helper();
      await served(target);
      await eventually('its requests are armed', () => isArmed(target.pid));
      await refused(helper.attach(target.pid), 'handlerIsLive', /io_uring/);
      await refused(helper.attachFrozen(target.pid), 'handlerNotFreezable', reason);
      await served(target);
      await nobodyIsTraced(target.pid);
      assert.deepEqual(target.said('empty'), []);
    });
  }

  it('is frozen when its io_uring waits for something else and it polls the uffd', async () => {
    const target = await fixture.target('uringHandler', 'read', 'enter', 'other');
    const helper = await fixture.helper();
    await served(target);
    await eventually('its requests are armed', () => isArmed(target.pid));
    const { sessionId, frozen } = await helper.attachFrozen(target.pid);
    assert.deepEqual(
      frozen.map(({ comm }) => comm),
      ['handler'],
    );
    target.send('');
    await eventually('its fault is held', () => helper.log(sessionId).open.size === 1);
    await helper.detach(sessionId);
    await eventually('the handler serves it', () => target.touched.length === 2);
    await nobodyIsTraced(target.pid);
  });
});

/** Whether an io_uring of the process has a poll armed. */
function isArmed(pid: number): boolean {
  return [3, 4, 5, 6].some((fd) => {
    try {
      return /^\s+op=\d+/m.test(readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'latin1'));
    } catch {
      return false;
    }
  });
}
