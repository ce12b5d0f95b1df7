/**
 * serve-throughput and serve-latency: a take over that resolves every fault by COPY on its
 * reader thread, against a plain C handler (poll, read 64, COPY) in the same target program.
 * Rounds alternate, so that both meet the machine in the same state.
 */
import { SetRuleRequest } from '../../native-helper/protocol.ts';
import { eventually } from '../helper/eventually.ts';
import { Fixture } from '../helper/fixture.ts';
import type { TargetProcess } from '../helper/targetProcess.ts';
import { measurement, percentile, type Measure } from './measurement.ts';

const rounds = 15;

interface Round {
  readonly faultsPerSecond: number;
  readonly p50Ns: number;
}

async function runRound(target: TargetProcess): Promise<Round> {
  const before = target.events.length;
  target.send('go');
  await eventually('the round ends', () => target.events.length > before);
  const { faults, elapsedNs, p50Ns } = target.events[before] as unknown as {
    faults: number;
    elapsedNs: number;
    p50Ns: number;
  };
  return { faultsPerSecond: (faults / elapsedNs) * 1e9, p50Ns };
}

/** Medians over alternating rounds of ours and the reference's. */
async function compare(threads: number): Promise<{ ours: Round; reference: Round }> {
  const fixture = new Fixture();
  try {
    const options = ['--threads', String(threads), '--pages', String(65536 / threads)];
    const reference = await fixture.target('storm', ...options, '--handler');
    const served = await fixture.target('storm', ...options);
    const helper = await fixture.helper();
    const { sessionId } = await helper.attach(served.pid);
    await helper.connection.sendRequest(SetRuleRequest, {
      sessionId,
      rule: { ioctl: 'copy', source: { kind: 'fill', byte: 0x63 }, dontWake: false },
    });
    const ours: Round[] = [];
    const theirs: Round[] = [];
    for (let i = 0; i < rounds; i++) {
      theirs.push(await runRound(reference));
      ours.push(await runRound(served));
    }
    return { ours: median(ours), reference: median(theirs) };
  } finally {
    await fixture.stop();
  }
}

function median(list: readonly Round[]): Round {
  return {
    faultsPerSecond: percentile(
      list.map(({ faultsPerSecond }) => faultsPerSecond),
      0.5,
    ),
    p50Ns: percentile(
      list.map(({ p50Ns }) => p50Ns),
      0.5,
    ),
  };
}

export const serveThroughput: Measure = async () => {
  const { ours, reference } = await compare(4);
  return [
    measurement(
      ours.faultsPerSecond,
      'faults/s',
      reference.faultsPerSecond,
      '4 faulting threads, COPY of 4 KiB; reference: C handler; goal: ratio ≥ 1.0',
    ),
  ];
};

export const serveLatency: Measure = async () => {
  const { ours, reference } = await compare(1);
  return [
    measurement(
      ours.p50Ns,
      'ns',
      reference.p50Ns,
      'p50 of one touch, 1 faulting thread; reference: C handler; goal: ratio ≤ 1.0',
    ),
  ];
};
