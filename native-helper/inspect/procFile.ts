/**
 * Reading /proc without ever failing on a process that ends meanwhile.
 * Every function of inspect/ takes the root path, so that tests can give a made-up tree.
 */
import { constants, openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';

export const procRoot = '/proc';

/** Why something under /proc could not be read. */
export type ProcUnreadable = 'gone' | 'notPermitted';

function reasonOf(error: unknown): ProcUnreadable {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'EACCES' || code === 'EPERM') {
    return 'notPermitted';
  }
  if (code === 'ENOENT' || code === 'ESRCH' || code === 'ENOTDIR' || code === 'EINVAL') {
    return 'gone';
  }
  throw error;
}

/** File contents as text, or why not. */
export function readProcText(path: string): { text: string } | { unreadable: ProcUnreadable } {
  try {
    return { text: readFileSync(path, 'utf8') };
  } catch (error) {
    return { unreadable: reasonOf(error) };
  }
}

/** File contents as text, or undefined when it cannot be read for any reason. */
export function procText(path: string): string | undefined {
  const result = readProcText(path);
  return 'text' in result ? result.text : undefined;
}

/** Target of a symbolic link, or undefined when it cannot be read. */
export function procLink(path: string): string | undefined {
  const result = readProcLink(path);
  return 'target' in result ? result.target : undefined;
}

/** Target of a symbolic link, or why not. */
export function readProcLink(path: string): { target: string } | { unreadable: ProcUnreadable } {
  try {
    return { target: readlinkSync(path) };
  } catch (error) {
    return { unreadable: reasonOf(error) };
  }
}

/** The entries of a directory whose names are numbers (pids, tids, descriptors), or why not. */
export function listProcNumbers(path: string): { numbers: number[] } | { unreadable: ProcUnreadable } {
  try {
    return {
      numbers: readdirSync(path)
        .filter((name) => /^[0-9]+$/.test(name))
        .map(Number),
    };
  } catch (error) {
    return { unreadable: reasonOf(error) };
  }
}

/** As `listProcNumbers`, with nothing for what cannot be read. */
export function procNumbers(path: string): number[] {
  const result = listProcNumbers(path);
  return 'numbers' in result ? result.numbers : [];
}

/**
 * A descriptor for reading, to be closed; undefined when the file cannot be opened for any reason.
 * O_NONBLOCK, because a mapped file can have a lease, whose owner would be waited for.
 */
export function openProc(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
}

/** Name of a thread or process (`comm`), or empty when it is gone. */
export function procComm(path: string): string {
  return procText(`${path}/comm`)?.trimEnd() ?? '';
}
