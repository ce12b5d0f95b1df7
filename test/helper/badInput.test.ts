/** Ranges that change or vanish under an action, and requests that make no sense: one clear refusal, nothing lost. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { PreviewRequest, ReadMemoryRequest } from '../../native-helper/protocol/hexPreview.ts';
import { RegisterRequest, type RegisterMode } from '../../native-helper/protocol/ioctls.ts';
import { PreflightRequest } from '../../native-helper/protocol/preflight.ts';
import { DetachRequest, RangesRequest } from '../../native-helper/protocol/session.ts';
import { eventually } from './eventually.ts';
import { Fixture } from './fixture.ts';
import { reserveHugePages } from './hugePages.ts';
import { copyAction, MemoryTarget, offeredIds, onlyResult, plainActions } from './memoryTarget.ts';
import { refused } from './refused.ts';

describe('bad input on real memory', () => {
  const fixture = new Fixture();
  afterEach(() => fixture.stop());

  const start = (...options: string[]) => MemoryTarget.start(fixture, ...options);
  const register = (memory: MemoryTarget, page: number, count: number, ...modes: RegisterMode[]) =>
    memory.helper.connection.sendRequest(RegisterRequest, {
      sessionId: memory.sessionId,
      ...memory.pages(page, count),
      modes,
    });

  describe('a range that vanishes between preflight and ioctl', () => {
    it('because the target unmaps it: refused by name, and a wake releases the thread', async () => {
      const memory = await start('--pages', '8');
      const fault = await memory.touch('read', 5);
      assert.ok(offeredIds(await memory.preflight(fault)).includes('copy'));
      await memory.target.ask('unmap 5 1');
      await refused(
        memory.helper.resolve(memory.sessionId, { faultIds: [fault.id] }, copyAction),
        'badRange',
        /in no registered range any more: it was unmapped or unregistered\. Wake the fault/,
      );
      assert.deepEqual(offeredIds(await memory.preflight(fault)), ['wake']);
      assert.deepEqual(memory.target.sleeping(), [fault.tid]);
      assert.equal((await memory.wake(fault)).errno, undefined);
      // Nothing is there any more: the access ends the process.
      const end = await eventually('the session ends', () => memory.helper.ends[0]);
      assert.equal(end.reason, 'targetExited');
      await eventually('it has been killed', () => memory.target.process.signalCode === 'SIGSEGV');
    });

    it('while a rule waits to act: its ioctl says what is wrong, once, and the fault stays held', async () => {
      const memory = await start('--pages', '8');
      const { helper, sessionId, target } = memory;
      const action = { do: 'resolve', action: copyAction, lengthPages: 1, around: false } as const;
      await helper.setRules(sessionId, [{ name: '', isEnabled: true, match: {}, action, delayMs: 2000 }]);
      const fault = await memory.touch('read', 5);
      await target.ask('unmap 5 1');
      const { text } = await eventually('the rule fails', () => helper.ruleFailures[0]);
      assert.match(text, /^UFFDIO_COPY failed with ENOENT \(out -2\): .*unmapped.* stays held\.$/);
      assert.deepEqual(target.sleeping(), [fault.tid]);
      await helper.setRules(sessionId, []);
      assert.equal((await memory.wake(fault)).errno, undefined);
      await eventually('the session ends', () => helper.ends[0]);
      await eventually('it has been killed', () => target.process.signalCode === 'SIGSEGV');
    });

    it('because the target unregisters it, which lets its thread go on', async () => {
      const memory = await start('--pages', '8');
      const fault = await memory.touch('read', 5);
      assert.ok(offeredIds(await memory.preflight(fault)).includes('copy'));
      await memory.target.ask('unregister 5 1');
      assert.equal((await memory.goesOn(5))['byte'], 0);
      await refused(
        memory.helper.resolve(memory.sessionId, { faultIds: [fault.id] }, copyAction),
        'badRange',
        /in no registered range any more/,
      );
      const other = await memory.touch('read', 6);
      assert.equal((await memory.resolve(other, copyAction)).errno, undefined);
      await memory.goesOn(6);
    });

    it('in the middle of a long batch: whole pages before the hole are done, and the answer says so', async () => {
      const pages = 65_536;
      const memory = await start('--pages', `${pages}`);
      const batch = memory.helper.resolve(memory.sessionId, memory.pages(0, pages), copyAction);
      const unmapped = memory.target.ask('unmap 60000 2000');
      const outcome = await batch.catch((error: unknown) => String(error));
      await unmapped;
      if (typeof outcome === 'string') {
        assert.match(outcome, /registered range/);
      } else if (outcome.failed > 0) {
        const failure = outcome.results.find(({ errno }) => errno !== undefined)!;
        assert.equal(failure.errno, 'ENOENT', failure.text);
        assert.ok(failure.doneBytes % 4096 === 0 && failure.doneBytes <= 60_000 * 4096);
      }
      if (typeof outcome === 'string' || outcome.failed > 0) {
        // What is left can be provided, and threads go on.
        const fault = await memory.touch('read', 63_000);
        assert.equal((await memory.resolve(fault, copyAction)).errno, undefined);
      }
      assert.equal(memory.helper.ends.length, 0);
    });

    it('because it was split: a range over both parts is cut where they meet', async () => {
      const memory = await start('--pages', '8');
      await memory.target.ask('readonly 4 4');
      const result = await memory.helper.resolve(memory.sessionId, memory.pages(2, 4), copyAction);
      assert.deepEqual([result.succeeded, result.failed], [2, 0], JSON.stringify(result));
      assert.deepEqual(
        result.results.map(({ start, lengthBytes }) => ({ start, lengthBytes })),
        [memory.pages(2, 2), memory.pages(4, 2)],
      );
      assert.equal(memory.bytes(5)[0], 0x41);
    });
  });

  describe('pages that make no sense', () => {
    it('a range that is unaligned, empty, not registered, or outside the address space', async () => {
      const memory = await start('--pages', '8');
      const at = (offset: number) => `0x${(memory.target.ready!.address + BigInt(offset)).toString(16)}`;
      const resolve = (startAt: string, lengthBytes: number) =>
        memory.helper.resolve(memory.sessionId, { start: startAt, lengthBytes }, copyAction);
      await refused(resolve(at(1), 4096), 'badRange', /not page-aligned/);
      await refused(resolve(at(0), 0), 'badRange', /length of 0 bytes/);
      await refused(resolve(at(0), 5000), 'badRange', /5000 bytes is not a whole number of pages/);
      await refused(resolve(at(0), 9 * 4096), 'badRange', /is in no registered range/);
      await refused(resolve(at(-4096), 2 * 4096), 'badRange', /is in no registered range/);
      await refused(resolve('0x1000', 4096), 'badRange', /is in no registered range/);
      await refused(resolve('0xfffffffffffff000', 4096), 'badRange', /is in no registered range/);
      await refused(resolve(at(0), 2 ** 52), 'badRange', /is in no registered range|not a whole number/);
      assert.equal(memory.log.rows.length, 0, 'no ioctl was made');
      assert.deepEqual(offeredIds(await memory.helper.preflight(memory.sessionId, memory.pages(8))), [
        'wake',
      ]);
    });

    it('a range that begins long before registered memory: the preflight still sees that', async () => {
      const memory = await start('--pages', '8');
      const hole = 2 ** 26;
      const what = {
        start: `0x${(memory.target.ready!.address - BigInt(hole)).toString(16)}`,
        lengthBytes: hole + 8 * 4096,
      };
      const preflight = await memory.helper.preflight(memory.sessionId, what);
      assert.ok(offeredIds(preflight).includes('unregister'), JSON.stringify(preflight.offers));
      assert.ok(preflight.facts.includes('in no registered range (16384 of 16392)'), preflight.facts.join());
    });

    it('an unknown fault in a batch, or before a preflight', async () => {
      const memory = await start('--threads', '2');
      const [first, second] = [await memory.touch('read', 0, 0), await memory.touch('read', 1, 1)];
      const what = { faultIds: [first.id, 4711, second.id] };
      const { helper, sessionId } = memory;
      await refused(helper.resolve(sessionId, what, copyAction), 'noSuchFault', /Fault 4711 is not open/);
      await refused(helper.wake(sessionId, what), 'noSuchFault', /Fault 4711 is not open/);
      await refused(helper.preflight(sessionId, what), 'noSuchFault', /Fault 4711 is not open/);
      assert.equal(memory.target.sleeping().length, 2);
      assert.equal(memory.target.touched.length, 0);
      // One fault twice is one ioctl, and an answer for each.
      const twice = await helper.resolve(sessionId, { faultIds: [first.id, first.id] }, copyAction);
      assert.deepEqual([twice.succeeded, twice.failed], [2, 0], JSON.stringify(twice));
      await memory.goesOn(0);
    });

    it('hugetlb pages cut in the middle', async function () {
      const reserved = reserveHugePages(4);
      if ('obstacle' in reserved) {
        console.log(`      skipped: ${reserved.obstacle}`);
        this.skip();
      }
      try {
        const memory = await start('--memory', 'hugetlb', '--pages', '4');
        const resolve = (offset: number, lengthBytes: number) =>
          memory.helper.resolve(
            memory.sessionId,
            { start: `0x${(memory.target.ready!.address + BigInt(offset)).toString(16)}`, lengthBytes },
            copyAction,
          );
        await refused(resolve(4096, 2 ** 21), 'badRange', /is inside a page: .* pages of 2097152 bytes/);
        await refused(resolve(0, 4096), 'badRange', /is inside a page: .* pages of 2097152 bytes/);
        assert.equal(memory.log.rows.length, 0, 'no ioctl was made');
        const fault = await memory.touch('read', 1);
        assert.equal((await memory.resolve(fault, copyAction)).doneBytes, 2 ** 21);
        assert.equal((await memory.goesOn(1))['byte'], 0x41);
        await fixture.stop();
      } finally {
        reserved.giveBack();
      }
    });
  });

  describe('registering', () => {
    it('a range by hand: its threads fault; without modes: they go on, and a wake is offered', async () => {
      const memory = await start('--modes', 'none', '--pages', '8');
      assert.equal((await register(memory, 2, 4, 'MISSING')).errno, undefined);
      const ranges = await memory.helper.connection.sendRequest(RangesRequest, {
        sessionId: memory.sessionId,
      });
      assert.deepEqual(
        ranges.map(({ start, lengthBytes, modes }) => ({ start, lengthBytes, modes })),
        [{ ...memory.pages(2, 4), modes: ['MISSING'] }],
      );
      const fault = await memory.touch('read', 3);
      const result = await register(memory, 2, 4);
      assert.equal(result.errno, undefined, result.text);
      assert.equal((await memory.goesOn(3))['byte'], 0);
      assert.ok(fault.id > 0);
    });

    it('WP off by UNREGISTER wakes nobody: the thread sleeps until the wake that is offered', async () => {
      const features = ['--features', 'THREAD_ID,PAGEFAULT_FLAG_WP'];
      const memory = await start('--modes', 'wp', '--populate', '3', ...features);
      await memory.prepare(0, plainActions.protect!, 4);
      const fault = await memory.touch('write', 1);
      const result = await register(memory, 0, 4);
      assert.deepEqual([result.errno, result.offersWake], [undefined, true], result.text);
      assert.deepEqual(memory.target.sleeping(), [fault.tid]);
      await memory.helper.wake(memory.sessionId, memory.pages(1));
      assert.equal((await memory.goesOn(1))['byte'], 3);
    });

    it('what cannot be registered is refused with the meaning of the errno', async () => {
      const memory = await start('--pages', '8');
      assert.equal((await register(memory, 0, 8, 'MINOR')).errno, 'EINVAL');
      const { errno, text } = await register(memory, 6, 1000, 'MISSING');
      assert.ok(errno === 'EINVAL' || errno === 'ENOMEM', text);
      assert.match(text, /\.$/);
      const unaligned = { start: '0x1001', lengthBytes: 4096, modes: [] };
      await refused(
        memory.helper.connection.sendRequest(RegisterRequest, { sessionId: memory.sessionId, ...unaligned }),
        'badRange',
        /not page-aligned/,
      );
      const fault = await memory.touch('read', 7);
      assert.equal((await memory.resolve(fault, copyAction)).errno, undefined);
    });
  });

  it('WAKE of a page twice, or of one without a waiter, succeeds and loses nothing', async () => {
    const memory = await start();
    const fault = await memory.touch('read', 0);
    assert.equal(onlyResult(await memory.helper.wake(memory.sessionId, memory.pages(3))).errno, undefined);
    assert.equal((await memory.wake(fault)).errno, undefined);
    const again = await eventually('it faults again', () => [...memory.log.open.values()][0]);
    assert.equal(again.address, fault.address);
    assert.equal((await memory.resolve(again, copyAction)).errno, undefined);
    await memory.goesOn(0);
  });

  it('memory of a process that got the ended one’s pid, while the session is still ending', async function () {
    if (process.getuid!() !== 0) {
      return this.skip();
    }
    const { target, helper, sessionId } = await start();
    const { pid } = target;
    const [guardianPid] = helper.guardianPids;
    // The end of the session waits for it.
    process.kill(guardianPid!, 'SIGSTOP');
    await target.stop();
    const other = await processWithPid(pid);
    try {
      const [start] = readFileSync(`/proc/${pid}/maps`, 'latin1').split('-');
      const request = { sessionId, address: `0x${start!.replace(/^0+/, '')}`, lengthBytes: 16 };
      await refused(
        helper.connection.sendRequest(ReadMemoryRequest, request),
        'memoryUnreadable',
        /Process \d+ has ended/,
      );
    } finally {
      other.kill('SIGKILL');
      process.kill(guardianPid!, 'SIGCONT');
    }
  });

  it('every request after the end of its session says that it is over', async () => {
    const memory = await start();
    const fault = await memory.touch('read', 0);
    const { helper, sessionId } = memory;
    const { connection } = helper;
    await connection.sendRequest(DetachRequest, { sessionId });
    const source = copyAction.source;
    const what = { faultIds: [fault.id] };
    const place = { address: memory.target.pageAt(0), lengthBytes: 4096 };
    for (const request of [
      helper.resolve(sessionId, what, copyAction),
      helper.wake(sessionId, what),
      helper.preflight(sessionId, memory.pages(0)),
      helper.setRules(sessionId, []),
      register(memory, 0, 1),
      connection.sendRequest(PreflightRequest, { sessionId, what }),
      connection.sendRequest(PreviewRequest, { sessionId, source, ...place }),
      connection.sendRequest(ReadMemoryRequest, { sessionId, ...place }),
      connection.sendRequest(RangesRequest, { sessionId }),
      connection.sendRequest(DetachRequest, { sessionId }),
    ]) {
      await refused(request, 'noSuchSession', /Session \d+ is over or never was/);
    }
    assert.equal(memory.target.faultCounts().pending, 1);
  });
});

/** A process that gets this pid, which is free. */
function processWithPid(pid: number): Promise<ChildProcess> {
  return eventually(`a process gets pid ${pid}`, () => {
    writeFileSync('/proc/sys/kernel/ns_last_pid', String(pid - 1));
    const child = spawn('sleep', ['600'], { stdio: 'ignore' });
    if (child.pid !== pid) {
      child.kill('SIGKILL');
      return undefined;
    }
    return child;
  });
}
