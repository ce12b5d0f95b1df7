/** first-event: attach request → first fault row at the client, on a target whose thread already sleeps. */
import { DetachRequest } from '../../native-helper/protocol/session.ts';
import { Fixture } from '../helper/fixture.ts';
import { measurement, percentile, type Measure } from './measurement.ts';

const attaches = 20;
const goalMs = 150;

export const firstEvent: Measure = async () => {
  const fixture = new Fixture();
  try {
    const target = await fixture.target('missing');
    await target.asleep(1);
    const helper = await fixture.helper();
    const timesMs: number[] = [];
    for (let i = 0; i < attaches; i++) {
      const startMs = performance.now();
      const { sessionId } = await helper.attachHolding(target.pid, 1);
      timesMs.push(performance.now() - startMs);
      await helper.connection.sendRequest(DetachRequest, { sessionId });
      await target.asleep(1);
    }
    return [
      measurement(percentile(timesMs, 0.5), 'ms', goalMs, 'p50; reference: goal'),
      measurement(percentile(timesMs, 0.95), 'ms', goalMs, 'p95; reference: goal'),
    ];
  } finally {
    await fixture.stop();
  }
};
