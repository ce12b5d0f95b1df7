/** When nobody else has the uffd open any more, its last close is the user's choice. */
import assert from 'node:assert/strict';
import { eventually } from './eventually.ts';
import { Fixture } from './fixture.ts';
import { stateOf } from './processTasks.ts';
import { refused } from './refused.ts';
import { holdsUffd } from './targetProcess.ts';

const threads = 3;
const fill = {
  ioctl: 'copy',
  source: { kind: 'fill', byte: 0x5a },
  dontWake: false,
  wp: false,
} as const;
const wouldClose = /No other process has the userfaultfd .* open any more: detaching closes it for good/;

describe('the last holder of a userfaultfd', () => {
  const fixture = new Fixture();
  afterEach(() => fixture.stop());

  /** The target has closed its uffd while we hold a fault of each thread. */
  async function closedByTarget() {
    const target = await fixture.target('missing', '--threads', String(threads), '--pages', '2');
    const helper = await fixture.helper();
    await target.asleep(threads);
    const { sessionId } = await helper.attachHolding(target.pid, threads);
    target.send('close');
    await eventually('it is told', () => helper.lastHolders.length === 1);
    return { target, helper, sessionId };
  }

  it('holds on, tells it once, and serves', async () => {
    const { target, helper, sessionId } = await closedByTarget();
    assert.match(helper.lastHolders[0]!.text, /No other process has the userfaultfd of process \d+ open/);
    assert.equal(target.touched.length, 0);
    await helper.resolve(sessionId, { faultIds: [1] }, fill);
    await eventually('the thread goes on', () => target.touched.length === 1);
    assert.equal(target.touched[0]!.byte, 0x5a);
    await eventually('its next fault is held', () => helper.log(sessionId).open.size === threads);
    assert.equal(helper.lastHolders.length, 1);
    assert.deepEqual(helper.ends, []);
  });

  it('is asked before a detach closes it, and missing pages read as zeros only then', async () => {
    const { target, helper, sessionId } = await closedByTarget();
    await refused(helper.detach(sessionId), 'lastHolder', wouldClose);
    assert.equal(target.touched.length, 0);
    assert.equal(helper.log(sessionId).open.size, threads);
    await helper.detach(sessionId, true);
    await eventually('every thread has finished', () => target.finished === threads);
    assert.deepEqual([...new Set(target.touched.map(({ byte }) => byte))], [0]);
    assert.match(helper.ends[0]!.text, /was closed: its threads go on, and missing pages read as zeros/);
  });

  it('is asked even when it has just become that', async () => {
    const target = await fixture.target('missing');
    const helper = await fixture.helper();
    await target.asleep(1);
    const { sessionId } = await helper.attachHolding(target.pid, 1);
    target.send('close');
    await eventually('it is closed', () => !holdsUffd(target.pid));
    await refused(helper.detach(sessionId), 'lastHolder', wouldClose);
  });

  it('is nobody while a thread of the target lives on whose first thread has ended', async () => {
    const target = await fixture.target('missing');
    const helper = await fixture.helper();
    await target.asleep(1);
    const { sessionId } = await helper.attachHolding(target.pid, 1);
    target.send('leave');
    await eventually('the first thread has ended', () => stateOf(target.pid) === 'Z');
    await helper.detach(sessionId);
    assert.deepEqual(helper.lastHolders, []);
  });

  it('need not ask when the target has ended', async () => {
    const { target, helper, sessionId } = await closedByTarget();
    await target.stop();
    await eventually('the session has ended', () => helper.ends.length === 1);
    assert.equal(helper.ends[0]!.reason, 'targetExited');
    await assert.rejects(helper.detach(sessionId), /is over/);
  });

  it('holds on when it is attached through a handler process that is killed', async () => {
    const target = await fixture.target('stuck', 'last');
    const handler = (await eventually('its handler runs', () => target.said('handler')[0]))['pid'] as number;
    const helper = await fixture.helper();
    const { sessionId, frozen } = await helper.attachFrozen(handler);
    assert.equal(frozen.length, 1);
    process.kill(handler, 'SIGKILL');
    await eventually('it is told', () => helper.lastHolders.length === 1);
    target.send('touch');
    await eventually('the fault is held', () => helper.log(sessionId).open.size === 1);
    await refused(helper.detach(sessionId), 'lastHolder', wouldClose);
    await helper.resolve(sessionId, { faultIds: [1] }, fill);
    await eventually('the thread goes on', () => target.touched.length === 1);
    assert.equal(target.touched[0]!.byte, 0x5a);
    assert.deepEqual(helper.ends, []);
  });
});
