import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { DetachRequest } from '../../native-helper/protocol/session.ts';
import { eventually } from './eventually.ts';
import { Fixture } from './fixture.ts';
import type { HelperProcess, SessionLog } from './helperProcess.ts';
import { reserveHugePages } from './hugePages.ts';
import type { TargetProcess } from './targetProcess.ts';

const fillWith = (byte: number) =>
  ({ ioctl: 'copy', source: { kind: 'fill', byte }, dontWake: false, wp: false }) as const;
const SIGSEGV = 11;

describe('events of the memory map', () => {
  const fixture = new Fixture();
  let giveBackPages = (): void => undefined;
  afterEach(async () => {
    await fixture.stop();
    giveBackPages();
    giveBackPages = () => undefined;
  });

  /** Attached, with a thread asleep in a fault of page 0. */
  async function held(...options: string[]) {
    const target = await fixture.target('events', ...options);
    const helper = await fixture.helper();
    target.send('touch 0');
    await target.asleep(1);
    const session = await helper.attachHolding(target.pid, 1);
    const fault = session.log.open.get(1)!;
    return { target, helper, session, log: session.log, fault };
  }

  const rowSeen = (log: SessionLog, kind: string) =>
    eventually(`the ${kind} row`, () => log.rows.find((row) => row.kind === kind));
  const page = (address: unknown): number => Number(BigInt(address as string) / 4096n);
  const sleepsStill = (target: TargetProcess) => assert.equal(target.sleeping().length, 1);

  describe('remap', () => {
    it('moves a held fault: COPY at the new place provides, WAKE at the old one releases, into a SIGSEGV', async () => {
      const { target, helper, session, log, fault } = await held();
      const { address } = await target.ask('remap');
      await rowSeen(log, 'unmap');
      assert.equal(fault.page, page(address));
      assert.equal(fault.reportedPage, page(target.pageAt(0)));
      assert.equal(fault.stale, 'unmapped');

      const range = { start: address as string, lengthBytes: 4096 };
      const answer = await helper.resolve(session.sessionId, range, fillWith(0x44));
      assert.equal(answer.succeeded, 1, answer.results[0]?.text);
      assert.ok(!Number.isNaN(fault.resolvedNs));
      sleepsStill(target);
      assert.equal(target.readMemory(BigInt(address as string), 1)[0], 0x44);

      await helper.wake(session.sessionId, { faultIds: [1] });
      const signal = await eventually('the thread is killed', () => target.said('signal')[0]);
      assert.equal(signal['signal'], SIGSEGV);
      await eventually('the fault is over', () => log.open.size === 0);
    });

    it('with MREMAP_DONTUNMAP leaves the old place registered: the thread faults there again', async () => {
      const { target, helper, session, log, fault } = await held();
      const { address } = await target.ask('dontunmap');
      await rowSeen(log, 'remap');
      assert.deepEqual([fault.page, fault.stale], [page(address), null]);
      await helper.wake(session.sessionId, { faultIds: [1] });
      const again = await eventually('it faults again', () =>
        [...log.open.values()].find(({ id }) => id > 1),
      );
      assert.equal(again.page, page(target.pageAt(0)));
      await helper.resolve(session.sessionId, { faultIds: [again.id] }, fillWith(0x45));
      assert.equal((await eventually('it goes on', () => target.touched[0])).byte, 0x45);
    });

    it('tells of the new ranges', async () => {
      const { target, helper, session } = await held('--pages', '8');
      assert.deepEqual(
        session.ranges.map(({ lengthBytes }) => lengthBytes),
        [8 * 4096],
      );
      const { address } = await target.ask('remap 2');
      const change = await eventually('the ranges are told', () => helper.rangeChanges.at(-1));
      assert.equal(change.sessionId, session.sessionId);
      assert.ok(change.ranges.some(({ start }) => start === address));
      assert.ok(
        !change.ranges.some(({ start, lengthBytes }) => contains(start, lengthBytes, target.pageAt(2))),
      );
    });
  });

  describe('remove', () => {
    it('makes the faults inside stale; they can still be resolved', async () => {
      const { target, helper, session, log, fault } = await held();
      target.send('touch 1');
      await eventually('another thread is held', () => log.open.size === 2);
      await target.ask('remove');
      await rowSeen(log, 'remove');
      assert.deepEqual([fault.stale, log.open.get(2)!.stale], ['removed', null]);
      assert.equal(target.sleeping().length, 2);
      await helper.resolve(session.sessionId, { faultIds: [1] }, fillWith(3));
      assert.equal((await eventually('it goes on', () => target.touched[0])).byte, 3);
    });

    it('takes away what was provided with DONTWAKE: the thread faults again', async () => {
      const { target, helper, session, log, fault } = await held();
      await helper.resolve(session.sessionId, { faultIds: [1] }, { ...fillWith(1), dontWake: true });
      await target.ask('remove');
      await eventually('the fault is unresolved again', () => Number.isNaN(fault.resolvedNs));
      await helper.wake(session.sessionId, { faultIds: [1] });
      await eventually('it faults again', () => log.open.size === 1 && !log.open.get(1));
      assert.equal(target.touched.length, 0);
    });
  });

  it('unmap makes the faults inside stale; waking their thread ends it', async () => {
    const { target, helper, session, log, fault } = await held();
    await target.ask('unmap 0');
    await rowSeen(log, 'unmap');
    assert.equal(fault.stale, 'unmapped');
    sleepsStill(target);
    const change = await eventually('the ranges are told', () => helper.rangeChanges.at(-1));
    assert.ok(!change.ranges.some(({ start }) => start === target.pageAt(0)));
    await helper.connection.sendRequest(DetachRequest, { sessionId: session.sessionId });
    const signal = await eventually('the thread is killed', () => target.said('signal')[0]);
    assert.equal(signal['signal'], SIGSEGV);
  });

  describe('the map is changing', () => {
    const lamp = (helper: HelperProcess) => helper.mapChanges.map(({ change }) => change);

    for (const [command, lengthBytes] of [
      ['remove', 4096],
      ['unmap', 4096],
      ['remap', 4096],
    ] as const) {
      it(`tells of ${command}, its range, and that it has settled`, async () => {
        const target = await fixture.target('events');
        const helper = await fixture.helper();
        await helper.attach(target.pid);
        await target.ask(`${command} 1`);
        await eventually('it has settled', () => lamp(helper).at(-1) === null);
        const [change] = lamp(helper);
        assert.deepEqual(
          { event: change!.event, start: change!.start, lengthBytes: change!.lengthBytes },
          { event: command, start: target.pageAt(1), lengthBytes },
        );
      });
    }

    it('names the thread whose event was waiting before the attach', async () => {
      const target = await fixture.target('events');
      target.send('remove 1');
      const tid = await eventually('a thread waits', () => threadInState(target.pid, 'D'));
      const helper = await fixture.helper();
      await helper.attach(target.pid);
      await eventually('it has settled', () => lamp(helper).at(-1) === null);
      assert.deepEqual([lamp(helper)[0]!.event, lamp(helper)[0]!.tid], [null, tid]);
      const removed = await eventually('the call returns', () => target.said('remove')[0]);
      assert.equal(removed['tid'], tid);
    });

    it('is dark while nothing happens but faults', async () => {
      const { target, helper, session } = await held();
      await helper.resolve(session.sessionId, { faultIds: [1] }, fillWith(3));
      await eventually('it goes on', () => target.touched.length === 1);
      assert.deepEqual(lamp(helper), []);
    });
  });

  describe('without THREAD_ID', () => {
    it('the one sleeping thread is inferred, named, and marked as inferred', async () => {
      const { target, helper, session, fault } = await held('--no-thread-id');
      assert.deepEqual([fault.tid, fault.isTidInferred], [target.sleeping()[0], true]);
      assert.ok(session.notes.some((note) => note.startsWith('No THREAD_ID')));
      await eventually('it is named', () => helper.threads.length === 1);
      assert.equal(helper.threads[0]!.tid, fault.tid);
    });

    it('a further thread is inferred from what is left over', async () => {
      const { target, log, fault } = await held('--no-thread-id');
      target.send('touch 1');
      await eventually('it is held', () => log.open.size === 2);
      const other = log.open.get(2)!;
      assert.ok(other.tid !== fault.tid && other.isTidInferred);
      assert.deepEqual([fault.tid, other.tid].sort(), target.sleeping().sort());
    });

    it('two threads at once stay unknown: it never guesses', async () => {
      const target = await fixture.target('events', '--no-thread-id');
      target.send('touch 0');
      target.send('touch 1');
      await target.asleep(2);
      const helper = await fixture.helper();
      const { log } = await helper.attachHolding(target.pid, 2);
      assert.deepEqual(
        [...log.open.values()].map(({ tid, isTidInferred }) => [tid, isTidInferred]),
        [
          [0, false],
          [0, false],
        ],
      );
    });
  });

  describe('with EXACT_ADDRESS', () => {
    it('a fault is resolved and woken at the page of its exact address', async () => {
      const { target, helper, session, fault } = await held('--exact');
      assert.equal(fault.address, target.ready!.address + 2048n + 0x123n);
      assert.equal(fault.page, page(target.pageAt(0)));
      await helper.resolve(session.sessionId, { faultIds: [1] }, { ...fillWith(6), dontWake: true });
      sleepsStill(target);
      await helper.wake(session.sessionId, { faultIds: [1] });
      assert.equal((await eventually('it goes on', () => target.touched[0])).byte, 6);
    });

    it('on a huge page the wake covers the address as reported', async function () {
      const reserved = reserveHugePages(4);
      if ('obstacle' in reserved) {
        console.log(`      skipped: ${reserved.obstacle}`);
        return this.skip();
      }
      giveBackPages = () => reserved.giveBack();
      const { target, helper, session, log, fault } = await held('--exact', '--huge', '--pages', '2');
      assert.equal(fault.address, target.ready!.address + 0x100000n + 0x123n);
      await helper.resolve(session.sessionId, { faultIds: [1] }, { ...fillWith(8), dontWake: true });
      sleepsStill(target);
      // The first 4 KiB are not where the thread waits.
      const { address } = target.ready!;
      await helper.wake(session.sessionId, { start: `0x${address.toString(16)}`, lengthBytes: 4096 });
      sleepsStill(target);
      assert.equal(log.open.size, 1);
      await helper.wake(session.sessionId, { faultIds: [1] });
      assert.equal((await eventually('it goes on', () => target.touched[0])).byte, 8);
    });
  });

  it('memory of another process than the one attached through: the session ends with it', async () => {
    const target = await fixture.target('events', '--passed');
    const helper = await fixture.helper();
    const { sessionId, ranges, log } = await helper.attachHolding(target.pid, 1);
    assert.ok(ranges.length > 0, 'those of the process whose memory it is');
    target.send('end');
    await eventually('the session has ended', () => helper.ends.length === 1);
    assert.equal(helper.ends[0]!.sessionId, sessionId);
    assert.equal(helper.ends[0]!.reason, 'targetExited');
    assert.match(helper.ends[0]!.text, /^Process \d+ has ended\.$/);
    assert.equal(log.gaps.length, 0);
  });
});

function contains(start: string, lengthBytes: number, address: string): boolean {
  const offset = BigInt(address) - BigInt(start);
  return offset >= 0n && offset < BigInt(lengthBytes);
}

/** A thread of the process in that state, as /proc/PID/task/TID/stat says. */
function threadInState(pid: number, state: string): number | undefined {
  return readdirSync(`/proc/${pid}/task`)
    .map(Number)
    .find((tid) => {
      try {
        return /\) (\S)/.exec(readFileSync(`/proc/${pid}/task/${tid}/stat`, 'latin1'))?.[1] === state;
      } catch {
        return false;
      }
    });
}
