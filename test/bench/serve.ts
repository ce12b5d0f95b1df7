/**
 * serve-throughput, serve-latency, serve-prefetch: a take over whose rule resolves every fault
 * by COPY, against a plain C handler (poll, read 64, COPY) in the same target program. Rounds
 * alternate, so that both meet the machine in the same state.
 */
import { FaultTrace } from '../../extension/session/faultTrace.ts';
import type { RuleDto } from '../../native-helper/protocol/rules.ts';
import { eventually } from '../helper/eventually.ts';
import { Fixture } from '../helper/fixture.ts';
import type { TargetProcess } from '../helper/targetProcess.ts';
import { measurement, percentile, type Measure } from './measurement.ts';

const rounds = 15;
const pagesPerRound = 65_536;
/** Waking an idle processor of a virtual machine can take 200 µs, and a round 15 s. */
const longestRoundMs = 120_000;

interface Round {
  readonly pagesPerSecond: number;
  readonly p50Ns: number;
}

async function runRound(target: TargetProcess): Promise<Round> {
  const before = target.said('round').length;
  target.send('go');
  const event = await eventually('the round ends', () => target.said('round')[before], longestRoundMs);
  const { pages, elapsedNs, p50Ns } = event as unknown as { pages: number; elapsedNs: number; p50Ns: number };
  return { pagesPerSecond: (pages / elapsedNs) * 1e9, p50Ns };
}

function copyRule(lengthPages: number): RuleDto {
  const action = { ioctl: 'copy', source: { kind: 'fill', byte: 0x63 }, dontWake: false, wp: false } as const;
  return {
    name: '',
    isEnabled: true,
    match: {},
    action: { do: 'resolve', action, lengthPages, around: false },
    delayMs: 0,
  };
}

/** Medians over alternating rounds of ours and the reference's. */
async function compare(threads: number, prefetch = 1): Promise<{ ours: Round; reference: Round }> {
  const fixture = new Fixture();
  try {
    const options = ['--threads', `${threads}`, '--pages', `${pagesPerRound / threads}`];
    const reference = await fixture.target('storm', ...options, '--handler', '--prefetch', `${prefetch}`);
    const served = await fixture.target('storm', ...options);
    const helper = await fixture.helper();
    // What the extension does with the rows: it keeps the newest.
    const trace = new FaultTrace();
    helper.onRows = (_sessionId, batch) => trace.append(batch);
    const { sessionId } = await helper.attach(served.pid);
    await helper.setRules(sessionId, [copyRule(prefetch)]);
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
    pagesPerSecond: percentile(
      list.map(({ pagesPerSecond }) => pagesPerSecond),
      0.5,
    ),
    p50Ns: percentile(
      list.map(({ p50Ns }) => p50Ns),
      0.5,
    ),
  };
}

/** Page for page, for 1, 4 and 8 faulting threads. */
export const serveThroughput: Measure = async () => {
  const measurements = [];
  for (const threads of [1, 4, 8]) {
    const { ours, reference } = await compare(threads);
    measurements.push(
      measurement(
        ours.pagesPerSecond,
        'faults/s',
        reference.pagesPerSecond,
        `faulting threads: ${threads}, COPY of 4 KiB; reference: C handler; goal for 4: ratio ≥ 1.0`,
      ),
    );
  }
  return measurements;
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

/** 16 pages for each fault, from its own on. */
export const servePrefetch: Measure = async () => {
  const prefetch = 16;
  const { ours, reference } = await compare(4, prefetch);
  return [
    measurement(
      ours.pagesPerSecond,
      'pages/s',
      reference.pagesPerSecond,
      `4 faulting threads, COPY of ${prefetch} pages for each fault; reference: C handler that does the same`,
    ),
  ];
};
