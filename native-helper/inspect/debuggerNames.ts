/** Our own processes: by their names they know each other and stay out of lists. */
import { procComm } from './procFile.ts';

export const helperName = 'uffd-helper';
export const guardianName = 'uffd-guardian';
export const uffdbgName = 'uffdbg';

/** Whether a process is a helper, a uffdbg or the guardian of one. */
export function isDebugger(procRoot: string, pid: number): boolean {
  return [helperName, guardianName, uffdbgName].includes(procComm(`${procRoot}/${pid}`));
}
