/** UFFDIO_MOVE, done by a frozen handler thread of the target, which goes on as if nothing had happened. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { eventually } from '../eventually.ts';
import { Fixture } from '../fixture.ts';
import { hasFeature, needs } from '../kernelAbilities.ts';
import { copiedByte, copyAction, onlyResult } from '../memoryTarget.ts';
import { MoveTarget, servedByHandler } from '../moveTarget.ts';
import { refused } from '../refused.ts';
import type { TargetEvent } from '../targetProcess.ts';

/** EINTR, which epoll_wait answers after any stop. */
const eintr = { event: 'wait', result: -4 };
const rounds = 100;

const SIGUSR1 = 10;
const killRounds = 20;

/** A signal as the handler has caught it; without a number it has only been sent. */
function isDelivered({ number }: TargetEvent): boolean {
  return number === SIGUSR1;
}

describe('MOVE inside the target', function () {
  this.timeout(120_000);
  before(function () {
    if (!hasFeature('MOVE')) {
      console.log('    skipped: this kernel has no MOVE');
      this.skip();
    }
  });
  const fixture = new Fixture();
  afterEach(() => fixture.stop());

  for (const how of ['poll', 'ppoll', 'select', 'epoll', 'read']) {
    it(`moves pages while the handler stands still in ${how}, and the handler notices nothing`, async () => {
      const memory = await MoveTarget.start(fixture, how);
      const { target } = memory;
      await memory.isServedByHandler(60);
      await memory.freeze();
      for (let round = 0; round < rounds; round++) {
        const page = round % 64;
        const byte = (round % 250) + 1;
        await memory.target.ask(`drop ${page}`);
        await memory.fill(page, byte);
        const before = target.touched.length;
        const fault = await memory.touch(page);
        const result = await memory.move(fault, memory.action(memory.memory('source', page)));
        assert.equal(result.errno, undefined, result.text);
        assert.equal(result.doneBytes, 4096);
        assert.equal(await memory.sees(before), byte);
        if (round < 3) {
          assert.equal(await memory.sourceByte(page), 0, 'the source is gone');
        }
      }
      const { gaps, rows } = memory.helper.log(memory.session.sessionId);
      assert.deepEqual(gaps, []);
      const moves = rows.filter(({ kind }) => kind === 'move');
      assert.equal(moves.length, rounds);
      assert.ok(
        moves.every(
          ({ actor, errno, out, faultId }) => actor === 'user' && errno === 0 && out === 4096n && faultId > 0,
        ),
      );
      await memory.detach();
      await memory.isServedByHandler(61);
      assert.deepEqual(memory.noticed, how === 'epoll' ? [eintr] : []);
    });
  }

  it('a signal that comes while the handler stands still is delivered once, afterwards', async () => {
    const memory = await MoveTarget.start(fixture, 'ppoll');
    const { target } = memory;
    await memory.freeze();
    for (let page = 0; page < 20; page++) {
      await memory.fill(page, 0x40 + page);
      const fault = await memory.touch(page);
      // The second finds the first pending.
      await target.ask(`signal ${SIGUSR1}`);
      const result = await memory.move(fault, memory.action(memory.memory('source', page)));
      assert.equal(result.errno, undefined, result.text);
      assert.equal(await memory.sees(page), 0x40 + page);
      assert.deepEqual(target.said('signal').filter(isDelivered), []);
    }
    await memory.detach();
    await memory.isServedByHandler(30);
    assert.equal(target.said('signal').filter(isDelivered).length, 1);
    assert.deepEqual(memory.noticed, [eintr]);
  });

  it('is done in a process that a signal has stopped, which stays stopped', async () => {
    const memory = await MoveTarget.start(fixture, 'poll');
    const { target } = memory;
    await memory.fill(0, 0x41);
    await memory.freeze();
    const fault = await memory.touch(0);
    target.process.kill('SIGSTOP');
    await eventually('the target is stopped', () => target.state() === 'T');
    const result = await memory.move(fault, memory.action(memory.memory('source'), { dontWake: true }));
    assert.equal(result.errno, undefined, result.text);
    assert.equal(target.state(), 'T');
    await memory.detach();
    assert.equal(target.state(), 'T');
    target.process.kill('SIGCONT');
    assert.equal(await memory.sees(0), 0x41);
    await memory.isServedByHandler(1);
    assert.deepEqual(memory.noticed, []);
  });

  it('DONTWAKE leaves the thread asleep until it is woken', async () => {
    const memory = await MoveTarget.start(fixture, 'poll');
    await memory.fill(0, 0x41);
    const { sessionId } = await memory.freeze();
    const fault = await memory.touch(0);
    const result = await memory.move(fault, memory.action(memory.memory('source'), { dontWake: true }));
    assert.equal(result.offersWake, true, result.text);
    assert.deepEqual(memory.target.sleeping(), [fault.tid]);
    await memory.helper.wake(sessionId, { faultIds: [fault.id] });
    assert.equal(await memory.sees(0), 0x41);
  });

  it('a registered source is missing afterwards: touching it faults', async () => {
    const memory = await MoveTarget.start(fixture, 'poll');
    const { target, helper } = memory;
    const { sessionId } = await memory.freeze();
    const range = { start: target.pageAt(40), lengthBytes: 4 * 4096 };
    const provided = await helper.resolve(sessionId, range, copyAction);
    assert.equal(provided.failed, 0);
    const fault = await memory.touch(0);
    const result = await memory.move(fault, memory.action(target.pageAt(40)));
    assert.equal(result.errno, undefined, result.text);
    assert.equal(await memory.sees(0), copiedByte);
    const again = await memory.touch(40);
    await memory.move(again, memory.action(target.pageAt(41)));
    assert.equal(await memory.sees(1), copiedByte);
  });

  it('moves a range, and passes over holes of the source where that is asked for', async () => {
    const memory = await MoveTarget.start(fixture, 'poll');
    const { target, helper } = memory;
    for (const page of [0, 2]) {
      await memory.fill(page, 0x50 + page);
    }
    const { sessionId } = await memory.freeze();
    const range = { start: target.pageAt(0), lengthBytes: 3 * 4096 };
    const source = memory.memory('source');
    await refused(
      helper.resolve(sessionId, range, memory.action(source)),
      'badRange',
      new RegExp(
        `There is no page at ${memory.memory('source', 1)} .* or ALLOW_SRC_HOLES\\. Nothing was done`,
      ),
    );
    const result = onlyResult(
      await helper.resolve(sessionId, range, memory.action(source, { allowHoles: true })),
    );
    assert.equal(result.errno, undefined, result.text);
    for (const [touched, page] of [0, 2].entries()) {
      target.send(`touch ${page}`);
      assert.equal(await memory.sees(touched), 0x50 + page);
    }
    assert.equal((await memory.touch(1)).address, BigInt(target.pageAt(1)));
  });

  describe('is refused or fails in words, and nothing is lost', () => {
    it('where the source is no page that can be moved', async () => {
      const memory = await MoveTarget.start(fixture, 'poll');
      await memory.fill(0, 0x41);
      await memory.freeze();
      const fault = await memory.touch(0);
      const source = memory.memory('source');
      for (const [bad, why] of [
        [`${source.slice(0, -3)}010`, /is not page-aligned/],
        ['0x1000', /Nothing is mapped at the source 0x1000/],
        [memory.memory('source', 1), /There is no page at/],
        [memory.memory('shared'), /is not private anonymous memory/],
        [memory.memory('file'), /is not private anonymous memory/],
        [memory.memory('readonly'), /may not be written/],
      ] as const) {
        await refused(memory.move(fault, memory.action(bad)), 'badRange', why);
      }
      assert.deepEqual(memory.target.sleeping(), [fault.tid]);
      await memory.move(fault, memory.action(source));
      assert.equal(await memory.sees(0), 0x41);
    });

    it('where the page is there already, which offers a wake', async () => {
      const memory = await MoveTarget.start(fixture, 'poll');
      await memory.fill(0, 0x41);
      await memory.fill(1, 0x42);
      await memory.freeze();
      const fault = await memory.touch(0);
      await memory.move(fault, memory.action(memory.memory('source'), { dontWake: true }));
      assert.equal(await memory.obstacle(fault), 'the page is already there');
      const result = await memory.move(fault, memory.action(memory.memory('source', 1)));
      assert.deepEqual([result.errno, result.out, result.offersWake], ['EEXIST', '-17', true]);
      assert.equal(await memory.sourceByte(1), 0x42);
    });

    it('where a fork has made the source page shared', async () => {
      const memory = await MoveTarget.start(fixture, 'poll');
      await memory.fill(0, 0x41);
      await memory.target.ask('fork');
      await memory.freeze();
      const fault = await memory.touch(0);
      const result = await memory.move(fault, memory.action(memory.memory('source')));
      assert.equal(result.errno, 'EBUSY');
      assert.match(result.text, /shared with another process, by a fork, or pinned/);
      await memory.detach();
      assert.equal(await memory.sees(0), servedByHandler);
    });

    it('for several faults, and around one', async () => {
      const memory = await MoveTarget.start(fixture, 'poll');
      const { sessionId } = await memory.freeze();
      const fault = await memory.touch(0);
      const action = memory.action(memory.memory('source'));
      const { helper } = memory;
      const twice = { faultIds: [fault.id, fault.id] };
      await refused(helper.resolve(sessionId, twice, action), 'badRange', /one fault at a time/);
      const what = { faultIds: [fault.id] };
      const around = { lengthPages: 3, around: true };
      await refused(helper.resolve(sessionId, what, action, around), 'invalidParams', /not around it/);
    });

    it('where a seccomp filter watches the frozen thread', async () => {
      const memory = await MoveTarget.start(fixture, 'poll', 'filtered');
      await memory.fill(0, 0x41);
      await memory.freeze();
      const fault = await memory.touch(0);
      assert.match(await memory.obstacle(fault), /^a seccomp filter watches the frozen thread \d+$/);
      const moving = memory.move(fault, memory.action(memory.memory('source')));
      await refused(moving, 'moveRefused', /a seccomp filter .* Nothing was done/);
      await memory.detach();
      assert.equal(await memory.sees(0), servedByHandler);
    });

    for (const option of ['nostack', 'registeredstack']) {
      it(`where the argument has no place below the frozen thread's stack (${option})`, async function () {
        needs(this, process.arch === 'x64', 'fixture with a stack of its own but for x86-64');
        const memory = await MoveTarget.start(fixture, 'poll', option);
        await memory.fill(0, 0x41);
        await memory.freeze();
        const fault = await memory.touch(0);
        const moving = memory.move(fault, memory.action(memory.memory('source')));
        await refused(moving, 'moveRefused', /The memory below the stack of thread \d+ \(handler\)/);
        await memory.detach();
        assert.equal(await memory.sees(0), servedByHandler);
        assert.deepEqual(memory.noticed, []);
      });
    }

    it('where the frozen handler is another process, and where none is frozen', async () => {
      const other = await fixture.target('liveHandler', 'poll', 'process');
      const helper = await fixture.helper();
      const { sessionId, frozen } = await helper.attachFrozen(other.pid);
      other.send('');
      await eventually('its fault is held', () => helper.log(sessionId).open.size === 1);
      const { offers } = await helper.preflight(sessionId, { faultIds: [1] });
      const { obstacle } = offers.find(({ id }) => id === 'move')!;
      assert.equal(obstacle, `the frozen handler is of process ${frozen[0]!.pid}, not of the target`);

      const unfrozen = await fixture.target('memory');
      const second = await helper.attach(unfrozen.pid);
      const range = { start: unfrozen.pageAt(0), lengthBytes: 4096 };
      const preflight = await helper.preflight(second.sessionId, range);
      assert.equal(
        preflight.offers.find(({ id }) => id === 'move')!.obstacle,
        'needs a frozen handler thread of the target',
      );
    });

    it('when the target is killed between two of them', async () => {
      const memory = await MoveTarget.start(fixture, 'poll');
      const { helper, target } = memory;
      const { sessionId } = await memory.freeze();
      const fault = await memory.touch(0);
      const moving = (async () => {
        for (let page = 0; ; page = (page + 1) % 60) {
          const range = { start: target.pageAt(page + 1), lengthBytes: 4096 };
          const source = memory.memory('source', page);
          await helper.resolve(sessionId, range, memory.action(source, { allowHoles: true }));
        }
      })().catch((error: unknown) => error);
      target.process.kill('SIGKILL');
      await eventually('the session has ended', () => helper.ends.length === 1);
      assert.match(
        String(await moving),
        /has ended|Session \d+ is over|Nothing is mapped|no registered range/,
      );
      assert.equal(fault.id, 1);
    });
  });

  it(`a helper killed at ${killRounds} random moments of it leaves a handler that serves on`, async () => {
    for (const how of ['read', 'epoll']) {
      const memory = await MoveTarget.start(fixture, how);
      for (let round = 0; round < killRounds / 2; round++) {
        const helper = round === 0 ? memory.helper : await fixture.helper();
        await eventually('the handler waits', () => memory.target.threadSleepsInCall('handler'));
        await memory.movesUntilKilled(helper, Math.random() * 8);
        await memory.isServedByHandler(round % 60);
      }
      // A wait in epoll is cut short by the freezing itself.
      assert.deepEqual(
        memory.noticed,
        memory.noticed.filter(({ result }) => how === 'epoll' && result === -4),
      );
    }
  });

  describe('when whoever froze the handler is killed', () => {
    for (const how of ['poll', 'ppoll', 'select', 'epoll', 'read']) {
      for (const moment of ['entered', 'exchanged', 'made']) {
        it(`as the call in ${how} is ${moment}, the handler makes its wait anew`, async () => {
          const memory = await MoveTarget.start(fixture, how);
          const { target } = memory;
          await memory.fill(3, 0x33);
          const inode = /^ino:\s*(\d+)/m.exec(target.fdinfo())![1]!;
          const given = [target.pid, target.ready!.fd, inode, target.pageAt(1), memory.memory('source', 3)];
          const script = path.join(import.meta.dirname, '../killedMover.ts');
          const mover = spawn(process.execPath, [script, ...given.map(String), moment], {
            stdio: ['pipe', 'pipe', 'inherit'],
          });
          const exit = once(mover, 'exit');
          const said = await Promise.race([once(mover.stdout, 'data'), exit]);
          assert.equal(String(said[0]), 'frozen\n');
          target.send('touch 1');
          await target.asleep(1);
          mover.stdin.write('\n');
          assert.deepEqual(await exit, [null, 'SIGKILL']);
          const byte = await memory.sees(0);
          assert.equal(byte, moment === 'entered' ? servedByHandler : 0x33);
          await memory.isServedByHandler(2);
          await memory.isServedByHandler(1);
          assert.deepEqual(memory.noticed, []);
        });
      }
    }
  });
});
