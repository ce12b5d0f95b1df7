import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { ReadFileRequest } from '../../native-helper/protocol/files.ts';
import type { RuleDto } from '../../native-helper/protocol/rules.ts';
import { AttachRequest, DetachRequest } from '../../native-helper/protocol/session.ts';
import { eventually } from './eventually.ts';
import { killAll } from './guardiansOf.ts';
import { Fixture } from './fixture.ts';
import type { HelperProcess } from './helperProcess.ts';
import { copyAction } from './memoryTarget.ts';
import { filling, resolving, rule } from './ruleBuilders.ts';
import { holdsUffd, type TargetProcess } from './targetProcess.ts';

const threads = 4;
const unansweredFile = { kind: 'file', file: { fileId: 1 }, offsetBytes: 0 } as const;

function detach(helper: HelperProcess, sessionId: number): void {
  void helper.connection.sendRequest(DetachRequest, { sessionId });
}

describe('hand back: no thread is left asleep because of us', () => {
  const fixture = new Fixture();
  afterEach(() => fixture.stop());

  /** Four threads held, and the fault of one of them resolved but its thread still asleep. */
  async function holding() {
    const target = await fixture.target('missing', '--threads', String(threads), '--pages', '2');
    const helper = await fixture.helper();
    await target.asleep(threads);
    const session = await helper.attachHolding(target.pid, threads);
    await helper.resolve(
      session.sessionId,
      { faultIds: [1] },
      { ioctl: 'copy', source: { kind: 'fill', byte: 0x77 }, dontWake: true, wp: false },
    );
    assert.deepEqual(target.faultCounts(), { pending: 0, total: threads });
    assert.equal(target.touched.length, 0);
    return { target, helper, session };
  }

  /**
   * What handed back means: the thread whose page is there has gone on, and every other fault
   * is queued again, unread, for whoever reads next.
   */
  async function assertHandedBack(target: TargetProcess): Promise<void> {
    await eventually('the resolved thread goes on', () => target.touched.some(({ byte }) => byte === 0x77));
    await eventually('all faults are queued again', () => {
      const { pending, total } = target.faultCounts();
      return pending === threads && total === threads;
    });
    // And a later handler gets every one of them.
    const helper = await fixture.helper();
    const { sessionId, log } = await helper.attachHolding(target.pid, threads);
    assert.deepEqual([...log.open.values()].map(({ tid }) => tid).sort(), target.sleeping().sort());
    await helper.connection.sendRequest(DetachRequest, { sessionId });
  }

  it('when asked to detach', async () => {
    const { target, helper, session } = await holding();
    const result = await helper.connection.sendRequest(DetachRequest, { sessionId: session.sessionId });
    assert.deepEqual(result, { handedBack: threads, notes: [] });
    assert.deepEqual(
      helper.ends.map(({ reason }) => reason),
      ['detached'],
    );
    await assertHandedBack(target);
  });

  it('when the client goes away', async () => {
    const { target, helper } = await holding();
    await helper.stop();
    await assertHandedBack(target);
  });

  const kills: [string, (helper: HelperProcess) => void][] = [
    ['the helper is ended by SIGTERM', (helper) => helper.process.kill('SIGTERM')],
    ['the helper is killed by SIGKILL', (helper) => helper.process.kill('SIGKILL')],
  ];
  for (const [name, kill] of kills) {
    it(`when ${name}`, async () => {
      const { target, helper } = await holding();
      const guardians = helper.guardianPids;
      const exit = once(helper.process, 'exit');
      kill(helper);
      await exit;
      await assertHandedBack(target);
      await eventually('the guardians have ended', () => !guardians.some(isAlive));
    });
  }

  const waits: [string, RuleDto][] = [
    ['a rule’s delay', rule(filling(1), {}, 60_000)],
    // The client of these tests answers no file.
    ['bytes of a file', rule(resolving({ ...copyAction, source: unansweredFile }))],
  ];
  for (const [what, waiting] of waits) {
    for (const [how, end] of [
      ['a detach', (helper: HelperProcess, sessionId: number) => detach(helper, sessionId)],
      ['SIGKILL of the helper', (helper: HelperProcess) => void helper.process.kill('SIGKILL')],
    ] as const) {
      it(`when faults wait for ${what}, by ${how}`, async () => {
        const target = await fixture.target('missing', '--threads', String(threads), '--pages', '2');
        const helper = await fixture.helper();
        helper.connection.onRequest(ReadFileRequest, () => new Promise<never>(() => undefined));
        await target.asleep(threads);
        const { sessionId } = await helper.connection.sendRequest(AttachRequest, {
          pid: target.pid,
          rules: [waiting],
        });
        await target.pending(0);
        end(helper, sessionId);
        await target.pending(threads);
        assert.equal(target.touched.length, 0);
      });
    }
  }

  it('when the whole process tree of the helper is killed, children first', async () => {
    const { target, helper } = await holding();
    // What the language client does to a helper that does not stop in time.
    killTree(helper.pid);
    await assertHandedBack(target);
  });

  it('when a detach comes in the middle of resolving', async () => {
    const { target, helper, session } = await holding();
    const resolving = helper.resolve(
      session.sessionId,
      { faultIds: [2, 3] },
      { ioctl: 'zeropage', dontWake: true },
    );
    const detaching = helper.connection.sendRequest(DetachRequest, { sessionId: session.sessionId });
    await Promise.allSettled([resolving, detaching]);
    await eventually('resolved threads go on, all others are queued again', () => {
      const { pending, total } = target.faultCounts();
      return pending === threads && total === threads && target.touched.length > 0;
    });
  });

  it('when every guardian is killed as soon as it appears', async () => {
    const { target, helper } = await holding();
    await eventually('the session has ended', () => {
      killAll(helper.guardianPids);
      return helper.ends.length === 1;
    });
    assert.equal(helper.ends[0]!.reason, 'guardianLost');
    await assertHandedBack(target);
  });

  it('when asked to detach while a guardian is stuck', async () => {
    const { target, helper, session } = await holding();
    const [stuck] = helper.guardianPids;
    process.kill(stuck!, 'SIGSTOP');
    await helper.connection.sendRequest(DetachRequest, { sessionId: session.sessionId });
    await eventually('the stuck guardian is gone', () => !helper.guardianPids.includes(stuck!));
    await assertHandedBack(target);
  });

  it('when a guardian is killed and, before it is replaced, the helper', async () => {
    const { target, helper } = await holding();
    process.kill(helper.guardianPids[0]!, 'SIGKILL');
    helper.process.kill('SIGKILL');
    await assertHandedBack(target);
  });

  it('when both guardians are killed, are replaced, and then the helper is killed', async () => {
    const { target, helper } = await holding();
    const first = helper.guardianPids;
    assert.equal(first.length, 2);
    first.forEach((pid) => process.kill(pid, 'SIGKILL'));
    await eventually('others hold a duplicate', () => {
      const pids = helper.guardianPids;
      return pids.length === 2 && pids.every((pid) => !first.includes(pid) && holdsUffd(pid));
    });
    assert.deepEqual(target.faultCounts(), { pending: 0, total: threads });
    helper.process.kill('SIGKILL');
    await assertHandedBack(target);
  });

  const ends: [string, string, (target: TargetProcess) => void][] = [
    ['exits', 'targetExited', (target) => target.send('exit')],
    ['is killed', 'targetExited', (target) => target.process.kill('SIGKILL')],
    ['execs', 'targetExeced', (target) => target.send('exec')],
  ];
  for (const [name, reason, end] of ends) {
    it(`the session ends when the target ${name} while faults are held`, async () => {
      const { target, helper, session } = await holding();
      end(target);
      await eventually('the session has ended', () => helper.ends.length === 1);
      assert.equal(helper.ends[0]!.reason, reason);
      assert.match(helper.ends[0]!.text, new RegExp(`Process ${target.pid} has`));
      await eventually('no descriptor is left', () => ![helper.pid, ...helper.guardianPids].some(holdsUffd));
      await assert.rejects(
        helper.connection.sendRequest(DetachRequest, { sessionId: session.sessionId }),
        /Session 1 is over/,
      );
    });
  }

  it('a session that ends leaves another one alone', async () => {
    const { target, helper, session } = await holding();
    const other = await fixture.target('missing');
    const { log } = await helper.attachHolding(other.pid, 1);
    target.process.kill('SIGKILL');
    await eventually('the first session has ended', () => helper.ends.length === 1);
    assert.equal(helper.ends[0]!.sessionId, session.sessionId);
    assert.equal(log.open.size, 1);
    await helper.stop();
    await other.pending(1);
  });
});

function killTree(pid: number): void {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1');
  children
    .split(' ')
    .filter((child) => child !== '')
    .forEach((child) => killTree(Number(child)));
  process.kill(pid, 'SIGKILL');
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
