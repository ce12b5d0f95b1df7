/** Whether pages of mapped tmpfs files are in the page cache, without mapping them. */
import { closeSync } from 'node:fs';
import { lseek } from '../syscalls/libc.ts';
import { openProc, procText } from './procFile.ts';

/** lseek(2): the next position that holds data, which on tmpfs is a page in the cache or swapped out. */
const SEEK_DATA = 3;

interface Mapping {
  /** Of its link in map_files. */
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly fileOffset: number;
}

/** The files that a process has mapped, opened as they are needed. */
export class PageCache {
  private readonly root: string;
  private mappings: readonly Mapping[] | undefined;
  private latest: { readonly mapping: Mapping; readonly file: number | undefined } | undefined;

  constructor(procRoot: string, pid: number) {
    this.root = `${procRoot}/${pid}`;
  }

  /**
   * Whether the cache has the page that a tmpfs mapping shows at `address`; undefined when it
   * cannot be known: /proc/PID/map_files wants CAP_SYS_ADMIN or CAP_CHECKPOINT_RESTORE.
   * (hugetlbfs cannot be asked: it calls everything data.)
   */
  has(address: number): boolean | undefined {
    const mapping = this.mappingOf(address);
    if (mapping === undefined) {
      return undefined;
    }
    if (this.latest?.mapping !== mapping) {
      this.close();
      this.latest = { mapping, file: openProc(`${this.root}/map_files/${mapping.name}`) };
    }
    const { file } = this.latest;
    const position = mapping.fileOffset + (address - mapping.start);
    return file === undefined ? undefined : lseek(file, position, SEEK_DATA) === position;
  }

  close(): void {
    if (this.latest?.file !== undefined) {
      closeSync(this.latest.file);
    }
    this.latest = undefined;
  }

  private mappingOf(address: number): Mapping | undefined {
    this.mappings ??= parseMappings(procText(`${this.root}/maps`) ?? '');
    return this.mappings.find(({ start, end }) => address >= start && address < end);
  }
}

/** The mappings of a maps text; lines it does not know are passed over. */
export function parseMappings(maps: string): Mapping[] {
  return [...maps.matchAll(/^([0-9a-f]{1,16})-([0-9a-f]{1,16}) \S+ ([0-9a-f]{1,16}) /gm)].map(
    ([, start, end, offset]) => ({
      name: `${start!}-${end!}`,
      start: parseInt(start!, 16),
      end: parseInt(end!, 16),
      fileOffset: parseInt(offset!, 16),
    }),
  );
}
