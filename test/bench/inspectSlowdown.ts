/**
 * inspect-slowdown: how long a program whose own C handler serves its faults takes for a round of
 * them while Inspect looks once, against a round left alone. Rounds take about a second and
 * alternate, so that both meet the machine in the same state; single ones differ by several per
 * cent, so that it takes many.
 */
import { availableParallelism } from 'node:os';
import { Fixture } from '../helper/fixture.ts';
import { eventually } from '../helper/eventually.ts';
import type { TargetProcess } from '../helper/targetProcess.ts';
import { cpuMs } from './processCost.ts';
import { measurement, percentile, type Measure } from './measurement.ts';

const pairs = 100;
const threads = 4;
const pagesPerThread = 16_384;
/** A look comes somewhere in a round. */
const latestLookMs = 500;

export const inspectSlowdown: Measure = async () => {
  const fixture = new Fixture();
  try {
    const options = ['--handler', '--threads', `${threads}`, '--pages', `${pagesPerThread}`];
    const target = await fixture.target('storm', ...options);
    const helper = await fixture.helper();
    await helper.inspect();
    await roundNs(target);
    const alone: number[] = [];
    const inspected: number[] = [];
    const looksMs: number[] = [];
    const look = async (): Promise<void> => {
      const startMs = performance.now();
      await helper.inspect();
      looksMs.push(performance.now() - startMs);
    };
    const cpuBeforeMs = cpuMs(helper.process.pid!);
    for (let pair = 0; pair < pairs; pair++) {
      // Which comes first alternates too.
      for (const isInspected of pair % 2 === 0 ? [false, true] : [true, false]) {
        let looking = Promise.resolve();
        const timer = setTimeout(
          () => {
            looking = isInspected ? look() : looking;
          },
          (latestLookMs * pair) / pairs,
        );
        (isInspected ? inspected : alone).push(await roundNs(target));
        clearTimeout(timer);
        await looking;
      }
    }
    const lookCpuMs = (cpuMs(helper.process.pid!) - cpuBeforeMs) / looksMs.length;
    const share = lookCpuMs / (meanOf(inspected) / 1e6) / availableParallelism();
    const faults = threads * pagesPerThread * 1e9;
    return [
      measurement(
        faults / meanOf(inspected),
        'faults/s',
        faults / meanOf(alone),
        `${threads} faulting threads, ${pairs} pairs of rounds, one look in every other; reference: not inspected; goal: ratio ≥ 0.99; ` +
          `a look takes ${percentile(looksMs, 0.5).toFixed(1)} ms (p50) and ${lookCpuMs.toFixed(1)} ms of a processor, ${(100 * share).toFixed(2)} % of the machine`,
      ),
    ];
  } finally {
    await fixture.stop();
  }
};

/** How long one round takes. */
async function roundNs(target: TargetProcess): Promise<number> {
  const before = target.said('round').length;
  target.send('go');
  const round = await eventually('the round ends', () => target.said('round')[before]);
  return round['elapsedNs'] as number;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
