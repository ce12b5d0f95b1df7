/** Which file a program counter stands in, from /proc/PID/maps. */
import type { CodeLocationDto } from '../protocol/inspect.ts';
import { procText } from './procFile.ts';

export class CodeMap {
  private readonly mappings: { start: bigint; end: bigint; offset: bigint; path: string }[] = [];

  /** @param maps text of /proc/PID/maps (proc_pid_maps(5)); lines it does not know are passed over */
  constructor(maps: string) {
    for (const line of maps.split('\n')) {
      const [, start, end, offset, path] =
        /^([0-9a-f]{1,16})-([0-9a-f]{1,16}) \S+ ([0-9a-f]{1,16}) \S+ \S+ *(.*)$/.exec(line) ?? [];
      if (path !== undefined) {
        this.mappings.push({
          start: BigInt(`0x${start!}`),
          end: BigInt(`0x${end!}`),
          offset: BigInt(`0x${offset!}`),
          path,
        });
      }
    }
  }

  static of(procRoot: string, pid: number): CodeMap {
    return new CodeMap(procText(`${procRoot}/${pid}/maps`) ?? '');
  }

  /** Whether anything was mapped there. */
  has(pc: bigint): boolean {
    return this.mappingAt(pc) !== undefined;
  }

  private mappingAt(pc: bigint) {
    return this.mappings.find(({ start, end }) => start <= pc && pc < end);
  }

  locate(pc: bigint): CodeLocationDto {
    const mapping = this.mappingAt(pc);
    const isFile = mapping?.path.startsWith('/') === true;
    return {
      address: `0x${pc.toString(16)}`,
      path: isFile ? mapping.path : '',
      fileOffset: `0x${(isFile ? pc - mapping.start + mapping.offset : 0n).toString(16)}`,
    };
  }
}
