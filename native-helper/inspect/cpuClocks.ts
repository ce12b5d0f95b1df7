/**
 * How long a thread sleeps, from when it last ran by its CPU's clock (`se.exec_start`,
 * kernel/sched/debug.c). Each CPU has a clock of its own, which leaves out the time that interrupts and,
 * in a virtual machine, the hypervisor took from it; so two of them drift apart. How far they may have is
 * in /proc/stat, and what is told is the least that can be.
 */
import { procText } from './procFile.ts';

/** Times in /proc/stat are in these units (USER_HZ, proc_stat(5)). */
const msPerTick = 10;
/** They lag behind the clocks by up to a tick of the scheduler, each. */
const lagMs = 2 * msPerTick;

/** When a thread last ran, on which CPU and by its clock, in milliseconds. */
export interface LastRun {
  readonly cpu: number;
  readonly ranMs: number;
}

/**
 * Undefined where the kernel does not tell: also while a thread that is being woken moves to another CPU
 * (it is 0 then, migrate_task_rq_fair).
 */
export function lastRun(procRoot: string, pid: number | 'self', tid: number): LastRun | undefined {
  const task = `${procRoot}/${pid}/task/${tid}`;
  const cpu = cpuOf(procText(`${task}/stat`));
  const ranMs = /^se\.exec_start\s*:\s*([\d.]+)/m.exec(procText(`${task}/sched`) ?? '')?.[1];
  const isOfThatCpu = cpu !== undefined && cpuOf(procText(`${task}/stat`)) === cpu;
  return !isOfThatCpu || ranMs === undefined || Number(ranMs) === 0
    ? undefined
    : { cpu, ranMs: Number(ranMs) };
}

/** Field 39, `processor`, of proc_pid_stat(5). */
function cpuOf(stat: string | undefined): number | undefined {
  const cpu = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[36];
  return cpu === undefined ? undefined : Number(cpu);
}

/** The clocks of one look: /proc/stat is read once, and only if somebody sleeps. */
export class CpuClocks {
  private readonly procRoot: string;
  private known: ReadonlyMap<number, readonly number[]> | undefined;

  constructor(procRoot: string) {
    this.procRoot = procRoot;
  }

  /** How long a thread has not run at the least, in milliseconds; 0 when that is not known. */
  leastAsleepMs(pid: number, tid: number): number {
    const now = lastRun(this.procRoot, 'self', process.pid);
    const ran = lastRun(this.procRoot, pid, tid);
    return now === undefined || ran === undefined ? 0 : this.leastSinceMs(ran, now);
  }

  /** By CPU: milliseconds of interrupts and stolen ones, each apart. */
  private get leftOut(): ReadonlyMap<number, readonly number[]> {
    this.known ??= this.read();
    return this.known;
  }

  private read(): ReadonlyMap<number, readonly number[]> {
    const leftOut = new Map<number, readonly number[]>();
    for (const [, cpu, times] of (procText(`${this.procRoot}/stat`) ?? '').matchAll(/^cpu(\d+) (.*)$/gm)) {
      // user nice system idle iowait irq softirq steal …
      leftOut.set(
        Number(cpu),
        times!
          .split(' ')
          .slice(5, 8)
          .map((ticks) => Number(ticks) * msPerTick),
      );
    }
    return leftOut;
  }

  /** How long ago `earlier` was, at `now`, at the least; 0 when that is not known. */
  leastSinceMs(earlier: LastRun, now: LastRun): number {
    return Math.max(0, now.ranMs - earlier.ranMs - this.skewMs(earlier.cpu, now.cpu));
  }

  /** How far the clocks of two CPUs may be apart. Kernels differ in whether interrupts count. */
  private skewMs(cpu: number, other: number): number {
    if (cpu === other) {
      return 0;
    }
    const theirs = this.leftOut.get(other) ?? [];
    const differencesMs = (this.leftOut.get(cpu) ?? []).map((ms, n) =>
      Math.abs(ms - (theirs[n] ?? Infinity)),
    );
    return differencesMs.length === 0 ? Infinity : lagMs + differencesMs.reduce((sum, ms) => sum + ms, 0);
  }
}
