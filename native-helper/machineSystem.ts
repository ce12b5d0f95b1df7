/** The real machine, for the inspector. */
import type { InspectorSystem } from './inspect/inspector.ts';
import { machineFacts } from './inspect/machineFacts.ts';
import { procRoot } from './inspect/procFile.ts';
import { isSameFile } from './syscalls/kcmp.ts';

export const machineSystem: InspectorSystem = {
  procRoot,
  nowNs: () => process.hrtime.bigint(),
  isSameFile,
  machine: () => machineFacts(procRoot),
};
