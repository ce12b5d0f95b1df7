/**
 * inspect-slowdown: faults per second that a program serves by its own C handler while Inspect
 * looks once a second, against the same program left alone. Spans alternate, so that both meet the
 * machine in the same state.
 */
import { Fixture } from '../helper/fixture.ts';
import { eventually } from '../helper/eventually.ts';
import type { TargetProcess } from '../helper/targetProcess.ts';
import { measurement, percentile, type Measure } from './measurement.ts';

const pairs = 12;
const spanMs = 4000;
const lookEveryMs = 1000;
const threads = 4;
const pagesPerThread = 16_384;

export const inspectSlowdown: Measure = async () => {
  const fixture = new Fixture();
  try {
    const options = ['--handler', '--threads', `${threads}`, '--pages', `${pagesPerThread}`];
    const target = await fixture.target('storm', ...options);
    const helper = await fixture.helper();
    await helper.inspect();
    await faultsPerSecond(target);
    const alone: number[] = [];
    const inspected: number[] = [];
    const looksMs: number[] = [];
    const look = async (): Promise<void> => {
      const startMs = performance.now();
      await helper.inspect();
      looksMs.push(performance.now() - startMs);
    };
    for (let pair = 0; pair < pairs; pair++) {
      // Which comes first alternates too.
      for (const isInspected of pair % 2 === 0 ? [false, true] : [true, false]) {
        let looking = Promise.resolve();
        const timer = setInterval(() => {
          looking = look();
        }, lookEveryMs);
        if (!isInspected) {
          clearInterval(timer);
        }
        (isInspected ? inspected : alone).push(await faultsPerSecond(target));
        clearInterval(timer);
        await looking;
      }
    }
    const ratios = inspected.map((value, pair) => value / alone[pair]!);
    return [
      {
        ...measurement(
          percentile(inspected, 0.5),
          'faults/s',
          percentile(alone, 0.5),
          `${threads} faulting threads; ratio: median of ${pairs} pairs; reference: not inspected; goal: ratio ≥ 0.99; p50 of a look: ${percentile(looksMs, 0.5).toFixed(1)} ms`,
        ),
        ratio: Number(percentile(ratios, 0.5).toPrecision(4)),
      },
    ];
  } finally {
    await fixture.stop();
  }
};

/** Over as many rounds as fit into the span. */
async function faultsPerSecond(target: TargetProcess): Promise<number> {
  const endMs = performance.now() + spanMs;
  let pages = 0;
  let elapsedNs = 0;
  while (performance.now() < endMs) {
    const before = target.said('round').length;
    target.send('go');
    const round = await eventually('the round ends', () => target.said('round')[before]);
    pages += round['pages'] as number;
    elapsedNs += round['elapsedNs'] as number;
  }
  return (pages / elapsedNs) * 1e9;
}
