/** Which process a developer most likely looks for. Pure: no VS Code. */
import type { ProcessDto } from '../../native-helper/protocol/processes.ts';

/** Stuck ones first: by sleeping threads, then by unresolved faults, then by pid. */
export function stuckFirst(processes: Iterable<ProcessDto>): ProcessDto[] {
  return [...processes].sort(
    (a, b) =>
      b.waiters.length - a.waiters.length || unresolvedFaults(b) - unresolvedFaults(a) || a.pid - b.pid,
  );
}

/** The process with this pid first, if it is among them; the others in their order. */
export function namedFirst(processes: readonly ProcessDto[], pid: number | undefined): ProcessDto[] {
  return [
    ...processes.filter((process) => process.pid === pid),
    ...processes.filter((process) => process.pid !== pid),
  ];
}

/** The pid that a typed filter is, if it is nothing but a number. */
export function typedPid(text: string): number | undefined {
  return /^\s*[1-9]\d{0,9}\s*$/.test(text) ? Number(text) : undefined;
}

function unresolvedFaults(process: ProcessDto): number {
  return process.uffds.reduce((sum, uffd) => sum + uffd.total, 0);
}
