/** What /proc tells of one thread. */
import { procComm, procText } from './procFile.ts';
import { syscallName } from './syscallNames.ts';

/** Where a thread is, from /proc/PID/task/TID/syscall (proc_pid_syscall(5)). */
export type ThreadPlace =
  | { readonly kind: 'running' }
  /** In no system call: an interrupt or a page fault of the program took it into the kernel. */
  | { readonly kind: 'user'; readonly pc: bigint }
  | {
      readonly kind: 'syscall';
      readonly name: string;
      readonly args: readonly bigint[];
      /** Where it returns to. */
      readonly pc: bigint;
    }
  /** Not readable, or the thread is gone. */
  | { readonly kind: 'unknown' };

export interface ThreadFacts {
  readonly pid: number;
  readonly tid: number;
  readonly comm: string;
  /** State letter (proc_pid_stat(5)); empty when it is gone. */
  readonly state: string;
  /** Kernel function it sleeps in; empty or `0` when it does not, or that may not be read. */
  readonly wchan: string;
  readonly place: ThreadPlace;
  readonly tracerPid: number;
  /** Times it has left a CPU: equal in two looks means that it has not run between. */
  readonly switches: number;
}

export function readThread(procRoot: string, pid: number, tid: number): ThreadFacts {
  const task = `${procRoot}/${pid}/task/${tid}`;
  const status = procText(`${task}/status`) ?? '';
  const field = (name: string): string => new RegExp(`^${name}:\\s+(\\S+)`, 'm').exec(status)?.[1] ?? '';
  const place = parsePlace(procText(`${task}/syscall`) ?? '', process.arch);
  // After that, which waits until one that falls asleep is off its CPU's queue: before, it has no channel.
  const wchan = procText(`${task}/wchan`) ?? '';
  return {
    pid,
    tid,
    comm: procComm(task),
    state: field('State'),
    place,
    wchan,
    tracerPid: Number(field('TracerPid')),
    switches: Number(field('voluntary_ctxt_switches')) + Number(field('nonvoluntary_ctxt_switches')),
  };
}

/** Parses `running`, `-1 SP PC` or `nr arg0 … arg5 SP PC`. */
export function parsePlace(line: string, architecture: string): ThreadPlace {
  const words = line.trim().split(' ');
  if (words[0] === 'running') {
    return { kind: 'running' };
  }
  const [number, ...rest] = words;
  if (!/^-?\d+$/.test(number ?? '') || !rest.every((word) => /^0x[0-9a-f]{1,16}$/.test(word))) {
    return { kind: 'unknown' };
  }
  const values = rest.map((word) => BigInt(word));
  if (number === '-1') {
    return values.length === 2 ? { kind: 'user', pc: values[1]! } : { kind: 'unknown' };
  }
  return values.length === 8
    ? {
        kind: 'syscall',
        name: syscallName(Number(number), architecture),
        args: values.slice(0, 6),
        pc: values[7]!,
      }
    : { kind: 'unknown' };
}

/** Who traces a thread; 0 when nobody does. */
export function tracerOf(procRoot: string, pid: number, tid: number): number {
  const status = procText(`${procRoot}/${pid}/task/${tid}/status`) ?? '';
  return Number(/^TracerPid:\s+(\d+)/m.exec(status)?.[1] ?? 0);
}
