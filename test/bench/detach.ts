/**
 * detach: a program whose live handler stands frozen, with 10,000 held faults of as many threads;
 * until our part is done (the answer to the request), and until its own handler has served the last
 * of them. That handler needs its time without us too, so rounds with and without us alternate.
 */
import assert from 'node:assert/strict';
import { eventually } from '../helper/eventually.ts';
import { Fixture } from '../helper/fixture.ts';
import type { HelperProcess } from '../helper/helperProcess.ts';
import type { TargetProcess } from '../helper/targetProcess.ts';
import { measurement, percentile, type Measure } from './measurement.ts';

const heldFaults = 10_000;
const rounds = 5;
const goalMs = 1000;
/** Thousands of threads take their time to fault. */
const patienceMs = 60_000;

export const detach: Measure = async () => {
  const fixture = new Fixture();
  try {
    const options = ['--handler', '--threads', `${heldFaults}`, '--pages', '1'];
    const target = await fixture.target('storm', ...options);
    const helper = await fixture.helper();
    const aloneMs: number[] = [];
    const detachedMs: number[] = [];
    const servedMs: number[] = [];
    for (let round = 0; round < rounds; round++) {
      await eventually('the handler waits', () => target.threadSleepsInCall('handler'), patienceMs);
      aloneMs.push(await goRound(target));
      await eventually('the handler waits', () => target.threadSleepsInCall('handler'), patienceMs);
      const times = await detachRound(helper, target);
      detachedMs.push(times.detachedMs);
      servedMs.push(times.servedMs);
      assert.deepEqual(target.sleeping(), [], 'nobody is stranded');
    }
    const of = `p50 of ${rounds}, ${heldFaults} threads of one process`;
    return [
      measurement(
        percentile(detachedMs, 0.5),
        'ms',
        goalMs,
        `detach answered: all handed back, handler running; ${of}; reference: goal`,
      ),
      measurement(
        percentile(servedMs, 0.5),
        'ms',
        percentile(aloneMs, 0.5),
        `all served by the handler, 0 stranded; ${of}; reference: the handler serves as many without us; goal: 1000 ms`,
      ),
      measurement(
        Math.max(...servedMs),
        'ms',
        Math.max(...aloneMs),
        `the slowest of ${rounds}; reference: the slowest without us`,
      ),
    ];
  } finally {
    await fixture.stop();
  }
};

/** Milliseconds until every thread has faulted once and gone on. */
async function goRound(target: TargetProcess): Promise<number> {
  const before = target.said('round').length;
  const startMs = performance.now();
  target.send('go');
  await eventually('all threads go on', () => target.said('round').length > before, patienceMs);
  return performance.now() - startMs;
}

/** Holds the fault of every thread; then milliseconds of a detach, and until all threads have gone on. */
async function detachRound(
  helper: HelperProcess,
  target: TargetProcess,
): Promise<{ readonly detachedMs: number; readonly servedMs: number }> {
  const { sessionId, frozen } = await helper.attachFrozen(target.pid);
  assert.equal(frozen.length, 1, 'its handler stands still');
  const { open } = helper.log(sessionId);
  const before = target.said('round').length;
  target.send('go');
  await eventually('all faults are held', () => open.size === heldFaults, patienceMs);
  const startMs = performance.now();
  const detaching = helper.detach(sessionId).then(({ handedBack }) => {
    assert.equal(handedBack, heldFaults);
    return performance.now() - startMs;
  });
  await eventually('all threads go on', () => target.said('round').length > before, patienceMs);
  return { servedMs: performance.now() - startMs, detachedMs: await detaching };
}
