import assert from 'node:assert/strict';
import { CpuClocks, lastRun } from '../../../native-helper/inspect/cpuClocks.ts';
import { ProcTree } from './procTree.ts';

describe('How long a thread sleeps by the clocks of CPUs', () => {
  const trees: ProcTree[] = [];
  afterEach(() => trees.splice(0).forEach((tree) => tree.remove()));

  function tree(): ProcTree {
    const made = new ProcTree();
    trees.push(made);
    // In ticks of 10 ms: CPU 1 was left out of 20 ms of interrupts, 10 of softirqs and 300 of its VM's time more.
    made.file(
      'stat',
      'cpu  9 0 9 9 9 2 3 40 0 0\ncpu0 4 0 4 4 4 0 1 5 0 0\ncpu1 5 0 5 5 5 2 2 35 0 0\nintr 1\n',
    );
    return made;
  }

  function thread(proc: ProcTree, tid: number, cpu: number, sched: string): void {
    const fields = Array.from({ length: 50 }, (_, n) => (n === 36 ? cpu : 0));
    proc.file(`7/task/${tid}/stat`, `${tid} (a) b) ${fields.join(' ')}\n`);
    proc.file(`7/task/${tid}/sched`, `a) b (${tid}, #threads: 2)\n---\n${sched}\n`);
  }

  it('reads when a thread last ran, and on which CPU', () => {
    const proc = tree();
    thread(proc, 8, 1, 'se.exec_start                                :       1234.567890');
    assert.deepEqual(lastRun(proc.root, 7, 8), { cpu: 1, ranMs: 1234.56789 });
  });

  it('does not know it of a thread that is gone, that moves to another CPU, or of which nothing is told', () => {
    const proc = tree();
    thread(proc, 8, 1, 'se.exec_start : 0.000000');
    thread(proc, 9, 1, 'nr_switches : 3');
    assert.deepEqual(
      [6, 8, 9].map((tid) => lastRun(proc.root, 7, tid)),
      [undefined, undefined, undefined],
    );
  });

  it('is exact on one CPU, and the least that can be between two whose clocks drift apart', () => {
    const clocks = new CpuClocks(tree().root);
    const now = { cpu: 0, ranMs: 20_000 };
    assert.equal(clocks.leastSinceMs({ cpu: 0, ranMs: 19_000 }, now), 1000);
    assert.equal(clocks.leastSinceMs({ cpu: 1, ranMs: 19_000 }, now), 1000 - 330 - 20);
    assert.equal(clocks.leastSinceMs({ cpu: 1, ranMs: 19_900 }, now), 0);
    assert.equal(clocks.leastSinceMs({ cpu: 0, ranMs: 20_100 }, now), 0);
  });

  it('is not known between CPUs of which nothing is told', () => {
    const clocks = new CpuClocks(tree().root);
    assert.equal(clocks.leastSinceMs({ cpu: 5, ranMs: 1000 }, { cpu: 0, ranMs: 99_000 }), 0);
    assert.equal(clocks.leastSinceMs({ cpu: 0, ranMs: 1000 }, { cpu: 5, ranMs: 99_000 }), 0);
    assert.equal(new CpuClocks('/nonexistent').leastSinceMs({ cpu: 5, ranMs: 1 }, { cpu: 5, ranMs: 9 }), 8);
  });
});
