/** Registered ranges of a process, from the VmFlags of /proc/PID/smaps. */
import { readFile } from 'node:fs/promises';
import type { MemoryKind, RangeDto } from '../protocol/ranges.ts';
import { procText, readProcText, type ProcUnreadable } from './procFile.ts';

/** VmFlags of registered mappings (fs/proc/task_mmu.c), in the words of UFFDIO_REGISTER's modes. */
const modeOfFlag: Readonly<Record<string, string>> = { um: 'MISSING', uw: 'WP', ui: 'MINOR' };

/** Fields that count what transparent huge pages map, in kB. */
const thpFields: readonly string[] = ['AnonHugePages', 'ShmemPmdMapped', 'FilePmdMapped'];

/** Whether a device, as `major:minor` in hex, holds a tmpfs. */
export type IsTmpfs = (device: string) => boolean;

/**
 * Reads the registered ranges. A registered range that spans several mappings comes as several.
 * smaps does not say which ctx a range belongs to, so these are those of all ctxs of the process.
 */
export function readRanges(
  procRoot: string,
  pid: number,
): { ranges: RangeDto[] } | { unreadable: ProcUnreadable } {
  const smaps = readProcText(`${procRoot}/${pid}/smaps`);
  return 'unreadable' in smaps ? smaps : { ranges: rangesIn(smaps.text, procRoot, pid) };
}

/**
 * As `readRanges`, for whoever must not stand still: the kernel lets a reader of smaps wait while
 * the process changes its mappings, for seconds when it does nothing else.
 * @returns none for what cannot be read
 */
export async function readRangesLater(procRoot: string, pid: number): Promise<RangeDto[]> {
  const smaps = await readFile(`${procRoot}/${pid}/smaps`, 'utf8').catch(() => undefined);
  return smaps === undefined ? [] : rangesIn(smaps, procRoot, pid);
}

function rangesIn(smaps: string, procRoot: string, pid: number): RangeDto[] {
  let devices: ReadonlySet<string> | undefined;
  const isTmpfs: IsTmpfs = (device) =>
    (devices ??= tmpfsDevices(procText(`${procRoot}/${pid}/mountinfo`) ?? '')).has(device);
  return parseRegisteredRanges(smaps, isTmpfs);
}

/** Devices of the tmpfs mounts in a mountinfo text (proc_pid_mountinfo(5)), in the form of smaps. */
export function tmpfsDevices(mountinfo: string): Set<string> {
  const devices = new Set<string>();
  for (const line of mountinfo.split('\n')) {
    const [, device, type] = /^\S+ \S+ (\d+:\d+) .* - (\S+) /.exec(line) ?? [];
    if (device !== undefined && (type === 'tmpfs' || type === 'devtmpfs')) {
      devices.add(
        device
          .split(':')
          .map((number) => Number(number).toString(16).padStart(2, '0'))
          .join(':'),
      );
    }
  }
  return devices;
}

const mappingLine = /^([0-9a-f]{1,16})-([0-9a-f]{1,16}) (\S+) \S+ (\S+) (\S+) *(.*)$/;

interface Mapping {
  readonly start: bigint;
  readonly end: bigint;
  readonly isShared: boolean;
  readonly device: string;
  readonly inode: string;
  readonly backing: string;
  pageBytes: number;
  thpBytes: number;
}

/** Registered mappings of a smaps text; lines it does not know are passed over. */
export function parseRegisteredRanges(smaps: string, isTmpfs: IsTmpfs = () => false): RangeDto[] {
  const ranges: RangeDto[] = [];
  let mapping: Mapping | undefined;
  for (const line of smaps.split('\n')) {
    const header = mappingLine.exec(line);
    if (header !== null) {
      mapping = mappingOf(header);
      continue;
    }
    const colon = line.indexOf(':');
    const field = line.slice(0, colon);
    if (mapping === undefined || colon < 0) {
      continue;
    }
    if (field === 'KernelPageSize') {
      mapping.pageBytes = kilobytes(line, colon) || mapping.pageBytes;
    } else if (thpFields.includes(field)) {
      mapping.thpBytes += kilobytes(line, colon);
    } else if (field === 'VmFlags') {
      const range = registeredRange(mapping, line.slice(colon + 1).split(' '), isTmpfs);
      if (range !== undefined) {
        ranges.push(range);
      }
      mapping = undefined;
    }
  }
  return ranges;
}

function mappingOf(header: RegExpExecArray): Mapping {
  const [, start, end, permissions, device, inode, backing] = header;
  return {
    start: BigInt(`0x${start!}`),
    end: BigInt(`0x${end!}`),
    isShared: permissions!.endsWith('s'),
    device: device!,
    inode: inode!,
    backing: backing!,
    pageBytes: 4096,
    thpBytes: 0,
  };
}

/** Bytes of a field in kB; 0 when it is no number. */
function kilobytes(line: string, colon: number): number {
  const count = parseInt(line.slice(colon + 1), 10);
  return count > 0 ? count * 1024 : 0;
}

function registeredRange(
  mapping: Mapping,
  vmFlags: readonly string[],
  isTmpfs: IsTmpfs,
): RangeDto | undefined {
  // All flags that begin with u belong to userfaultfd; newer kernels have more of them.
  const modes = vmFlags.filter((flag) => /^u.$/.test(flag)).map((flag) => modeOfFlag[flag] ?? flag);
  const { start, end, isShared, pageBytes, thpBytes, backing } = mapping;
  if (modes.length === 0 || end <= start) {
    return undefined;
  }
  return {
    start: `0x${start.toString(16)}`,
    lengthBytes: Number(end - start),
    modes,
    memory: memoryKind(mapping, vmFlags.includes('ht'), isTmpfs),
    isShared,
    pageBytes,
    thpBytes,
    backing,
  };
}

/** Files of the kernel's own tmpfs, which is mounted nowhere: memfd_create(2), System V, shared anonymous. */
const internalShmem = /^\/(memfd:|SYSV|dev\/zero \(deleted\))/;

function memoryKind(mapping: Mapping, isHugetlb: boolean, isTmpfs: IsTmpfs): MemoryKind {
  if (isHugetlb) {
    return 'hugetlb';
  }
  const { inode, isShared, backing, device } = mapping;
  if (device.startsWith('00:') && internalShmem.test(backing)) {
    return 'shmem';
  }
  // A private mapping of /dev/zero is plain anonymous memory (drivers/char/mem.c, mmap_zero).
  if (inode === '0' || (backing === '/dev/zero' && !isShared)) {
    return 'anonymous';
  }
  return isTmpfs(device) ? 'shmem' : 'file';
}
