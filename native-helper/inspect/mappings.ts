/** Mappings of a process, from /proc/PID/maps (proc_pid_maps(5)). */
import { procText } from './procFile.ts';

export interface Mapping {
  readonly start: bigint;
  readonly end: bigint;
  /** Such as `rw-p`. */
  readonly permissions: string;
  /** No file is mapped. */
  readonly isAnonymous: boolean;
}

/** In ascending order; none when they cannot be read. Lines it does not know are passed over. */
export function readMappings(procRoot: string, pid: number): Mapping[] {
  const maps = procText(`${procRoot}/${pid}/maps`) ?? '';
  return [...maps.matchAll(/^([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ \S+ (\d+)/gm)].map(
    ([, start, end, permissions, inode]) => ({
      start: BigInt(`0x${start!}`),
      end: BigInt(`0x${end!}`),
      permissions: permissions!,
      isAnonymous: inode === '0',
    }),
  );
}
