import { readdirSync, readFileSync } from 'node:fs';

/** Process ids of all descendants of a process, as of now. */
export function descendantsOf(pid: number): number[] {
  const parents = new Map(processIds().map((id) => [id, parentOf(id)]));
  const descendants = [pid];
  for (const parent of descendants) {
    descendants.push(...[...parents].filter(([, its]) => its === parent).map(([id]) => id));
  }
  return descendants.slice(1);
}

function processIds(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Null when the process has ended. */
function parentOf(pid: number): number | null {
  try {
    // The name before the parent's id is in parentheses and may hold blanks.
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ');
    return Number(fields[1]);
  } catch {
    return null;
  }
}
