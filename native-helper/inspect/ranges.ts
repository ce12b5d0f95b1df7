/** Registered ranges of a process, from the VmFlags of /proc/PID/smaps. */
import type { RangeDto } from '../protocol.ts';
import { readProcText, type ProcUnreadable } from './procFile.ts';

/** VmFlags of registered mappings (fs/proc/task_mmu.c), in the words of UFFDIO_REGISTER's modes. */
const modeOfFlag: Readonly<Record<string, string>> = { um: 'MISSING', uw: 'WP', ui: 'MINOR' };

/**
 * Reads the registered ranges. A registered range that spans several mappings comes as several.
 * smaps does not say which ctx a range belongs to, so these are those of all ctxs of the process.
 */
export function readRanges(
  procRoot: string,
  pid: number,
): { ranges: RangeDto[] } | { unreadable: ProcUnreadable } {
  const smaps = readProcText(`${procRoot}/${pid}/smaps`);
  return 'unreadable' in smaps ? smaps : { ranges: parseRegisteredRanges(smaps.text) };
}

const mappingLine = /^([0-9a-f]{1,16})-([0-9a-f]{1,16}) \S+ \S+ \S+ \S+ *(.*)$/;

/** Registered mappings of a smaps text; lines it does not know are passed over. */
export function parseRegisteredRanges(smaps: string): RangeDto[] {
  const ranges: RangeDto[] = [];
  let mapping: RegExpExecArray | null = null;
  let pageBytes = 4096;
  for (const line of smaps.split('\n')) {
    const header = mappingLine.exec(line);
    if (header !== null) {
      mapping = header;
      pageBytes = 4096;
    } else if (line.startsWith('KernelPageSize:')) {
      const kilobytes = parseInt(line.slice('KernelPageSize:'.length), 10);
      pageBytes = kilobytes > 0 ? kilobytes * 1024 : pageBytes;
    } else if (line.startsWith('VmFlags:') && mapping !== null) {
      // All flags that begin with u belong to userfaultfd; newer kernels have more of them.
      const modes = line
        .slice('VmFlags:'.length)
        .split(' ')
        .filter((flag) => /^u.$/.test(flag))
        .map((flag) => modeOfFlag[flag] ?? flag);
      const start = BigInt(`0x${mapping[1]!}`);
      const end = BigInt(`0x${mapping[2]!}`);
      if (modes.length > 0 && end > start) {
        ranges.push({
          start: `0x${start.toString(16)}`,
          lengthBytes: Number(end - start),
          modes,
          pageBytes,
          backing: mapping[3]!,
        });
      }
      mapping = null;
    }
  }
  return ranges;
}
