/** inspect-scan: one look at the machine while 1,000 processes run, some of which have a userfaultfd. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { ProcessListRequest } from '../../native-helper/protocol/processes.ts';
import { Fixture } from '../helper/fixture.ts';
import { measurement, percentile, type Measure } from './measurement.ts';

const processes = 1000;
/** Of these, as many as a busy host of virtual machines has. */
const uffdProcesses = 20;
const looks = 30;
const goalMs = 200;

export const inspectScan: Measure = async () => {
  const fixture = new Fixture();
  const others: ChildProcess[] = [];
  try {
    for (let i = 0; i < uffdProcesses; i++) {
      const target = await fixture.target('missing', '--threads', '4');
      await target.asleep(4);
    }
    for (let i = uffdProcesses; i < processes; i++) {
      others.push(spawn('sleep', ['infinity'], { stdio: 'ignore' }));
    }
    await Promise.all(others.map((child) => once(child, 'spawn')));
    const helper = await fixture.helper();
    const list = await timesMs(() => helper.connection.sendRequest(ProcessListRequest, {}));
    await helper.inspect();
    const cpuBeforeMs = cpuMs(helper.pid);
    const inspect = await timesMs(() => helper.inspect());
    const cpuOfALookMs = (cpuMs(helper.pid) - cpuBeforeMs) / looks;
    return [
      measurement(percentile(list, 0.5), 'ms', goalMs, 'p50 of the list to attach from; reference: goal'),
      measurement(percentile(inspect, 0.5), 'ms', goalMs, 'p50 of a look of Inspect; reference: goal'),
      measurement(percentile(inspect, 0.95), 'ms', goalMs, 'p95 of a look of Inspect; reference: goal'),
      measurement(cpuOfALookMs, 'ms', goalMs, 'CPU time of a look of Inspect; reference: goal'),
    ];
  } finally {
    await Promise.all(
      others.map(async (child) => {
        const exit = once(child, 'exit');
        child.kill('SIGKILL');
        await exit;
      }),
    );
    await fixture.stop();
  }
};

/** CPU time that a process has used, of all its threads (proc_pid_stat(5), in ticks of 10 ms). */
function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return 10 * (Number(fields[11]) + Number(fields[12]));
}

async function timesMs(look: () => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < looks; i++) {
    const startMs = performance.now();
    await look();
    times.push(performance.now() - startMs);
    await setTimeout(20);
  }
  return times;
}
