/** Our own processes: by their names they know each other and stay out of lists. */
import { procComm } from './procFile.ts';

export const helperName = 'uffd-helper';
export const guardianName = 'uffd-guardian';

/** Whether a process is a helper or a guardian, of this or another VS Code. */
export function isDebugger(procRoot: string, pid: number): boolean {
  return [helperName, guardianName].includes(procComm(`${procRoot}/${pid}`));
}
