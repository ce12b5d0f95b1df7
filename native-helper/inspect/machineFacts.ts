/** What the finder asks of the machine beyond a ctx. */
import type { MachineFacts } from './ctxFacts.ts';
import { readMemory } from './handlerWait.ts';
import { procText } from './procFile.ts';

export function machineFacts(procRoot: string): MachineFacts {
  return {
    hugePages: parseHugePages(procText(`${procRoot}/meminfo`) ?? ''),
    readMemory: (pid, address, lengthBytes) => readMemory(procRoot, pid, address, lengthBytes),
    kernelStack: (pid, tid) => parseStack(procText(`${procRoot}/${pid}/task/${tid}/stack`) ?? ''),
  };
}

/** Pool of the default huge page size (proc_meminfo(5)). */
export function parseHugePages(meminfo: string): MachineFacts['hugePages'] {
  const free = /^HugePages_Free:\s+(\d+)/m.exec(meminfo)?.[1];
  const kilobytes = /^Hugepagesize:\s+(\d+) kB/m.exec(meminfo)?.[1];
  return free === undefined || kilobytes === undefined
    ? null
    : { free: Number(free), pageBytes: Number(kilobytes) * 1024 };
}

/** Functions of a /proc/PID/task/TID/stack text: `[<0>] handle_userfault+0x3c6/0x8a0`. */
function parseStack(text: string): string[] {
  return [...text.matchAll(/^\[<[0-9a-f]+>\] ([^+\n]+)/gm)].map(([, name]) => name!);
}
