/** Which process a developer most likely looks for. Pure: no VS Code. */
import type { ProcessDto } from '../../native-helper/protocol.ts';

/** Stuck ones first: by sleeping threads, then by unresolved faults, then by pid. */
export function stuckFirst(processes: Iterable<ProcessDto>): ProcessDto[] {
  return [...processes].sort(
    (a, b) =>
      b.waiters.length - a.waiters.length || unresolvedFaults(b) - unresolvedFaults(a) || a.pid - b.pid,
  );
}

function unresolvedFaults(process: ProcessDto): number {
  return process.uffds.reduce((sum, uffd) => sum + uffd.total, 0);
}
