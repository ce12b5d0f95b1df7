/**
 * detach: a program whose live handler stands frozen, with 10,000 held faults of as many threads;
 * from the request to detach until its own handler has served the last of them.
 */
import assert from 'node:assert/strict';
import { eventually } from '../helper/eventually.ts';
import { Fixture } from '../helper/fixture.ts';
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
    const timesMs: number[] = [];
    for (let round = 0; round < rounds; round++) {
      await eventually('the handler waits', () => target.threadSleepsInCall('handler'), patienceMs);
      const { sessionId, frozen } = await helper.attachFrozen(target.pid);
      assert.equal(frozen.length, 1, 'its handler stands still');
      const { open } = helper.log(sessionId);
      target.send('go');
      await eventually('all faults are held', () => open.size === heldFaults, patienceMs);
      const startMs = performance.now();
      const detached = helper.detach(sessionId);
      await eventually('all threads go on', () => target.said('round').length > round, patienceMs);
      timesMs.push(performance.now() - startMs);
      assert.equal((await detached).handedBack, heldFaults);
      assert.deepEqual(target.sleeping(), [], 'nobody is stranded');
    }
    return [
      measurement(
        percentile(timesMs, 0.5),
        'ms',
        goalMs,
        `p50 of ${rounds}, ${heldFaults} threads of one process, 0 stranded; reference: goal`,
      ),
      measurement(Math.max(...timesMs), 'ms', goalMs, `the slowest of ${rounds}; reference: goal`),
    ];
  } finally {
    await fixture.stop();
  }
};
