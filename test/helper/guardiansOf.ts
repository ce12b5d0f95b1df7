import { readdirSync, readFileSync } from 'node:fs';

/** Kills those that are still there. */
export function killAll(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Ended meanwhile.
    }
  }
}

/** The guardians of a process; they are no children of it. */
export function guardiansOf(helperPid: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0');
        return pid > 0 && command[1]?.endsWith('guardian.cjs') === true && command[2] === String(helperPid);
      } catch {
        return false;
      }
    });
}
