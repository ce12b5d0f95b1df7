/** The uffds among a process's descriptors, from /proc/PID/fd and /proc/PID/fdinfo. */
import { featuresInWords, ioctlsInWords, isApiDone } from '../abi/uffdAbi.ts';
import type { UffdDto } from '../protocol/processes.ts';
import { listProcNumbers, procNumbers, procText, readProcLink, type ProcUnreadable } from './procFile.ts';

const uffdLink = 'anon_inode:[userfaultfd]';
const O_NONBLOCK = 0o4000;

/**
 * Descriptor numbers of a process that are uffds.
 * @returns `unreadable` when its descriptors cannot be listed (no right to, or gone)
 */
export function uffdNumbers(
  procRoot: string,
  pid: number,
): { numbers: number[] } | { unreadable: ProcUnreadable } {
  let task = `${procRoot}/${pid}`;
  let fds = listProcNumbers(`${task}/fd`);
  if ('unreadable' in fds || fds.numbers.length === 0) {
    task = livingTask(procRoot, pid);
    fds = listProcNumbers(`${task}/fd`);
  }
  if ('unreadable' in fds) {
    return fds;
  }
  const numbers: number[] = [];
  for (const fd of fds.numbers) {
    const link = readProcLink(`${task}/fd/${fd}`);
    // The owner of a process may list its descriptors without the right to look at one.
    if ('unreadable' in link && link.unreadable === 'notPermitted') {
      return link;
    }
    if ('target' in link && link.target === uffdLink) {
      numbers.push(fd);
    }
  }
  return { numbers };
}

/** A uffd's state, or undefined when it has been closed meanwhile. */
export function readUffd(procRoot: string, pid: number, fd: number): UffdDto | undefined {
  const name = `fdinfo/${fd}`;
  const text = procText(`${procRoot}/${pid}/${name}`) ?? procText(`${livingTask(procRoot, pid)}/${name}`);
  return text === undefined ? undefined : parseUffdInfo(fd, text);
}

/**
 * Folder of a thread of the process that still has its descriptors. The first thread has none when it
 * has ended before the others, by itself or because all of them are ending.
 */
function livingTask(procRoot: string, pid: number): string {
  const hasEnded = /^State:\s+[ZX]/m.test(procText(`${procRoot}/${pid}/status`) ?? '');
  const other = hasEnded ? procNumbers(`${procRoot}/${pid}/task`).find((tid) => tid !== pid) : undefined;
  return other === undefined ? `${procRoot}/${pid}` : `${procRoot}/${pid}/task/${other}`;
}

/**
 * Parses fdinfo of a uffd (userfaultfd_show_fdinfo in fs/userfaultfd.c):
 * `pending:`, `total:`, `API:\taa:<features hex>:<ioctls hex>`. The ioctls are all that the kernel
 * has (6.18: 0x80000000000001ff), whatever the ranges take.
 * @returns undefined when the text is not that of a uffd
 */
export function parseUffdInfo(fd: number, text: string): UffdDto | undefined {
  const fields = new Map<string, string>();
  // Whole lines only: a number that was cut off is another number.
  for (const line of text.split('\n').slice(0, -1)) {
    const colon = line.indexOf(':');
    if (colon > 0) {
      fields.set(line.slice(0, colon), line.slice(colon + 1).trim());
    }
  }
  const api = /^[0-9a-f]+:([0-9a-f]{1,16}):([0-9a-f]{1,16})$/i.exec(fields.get('API') ?? '');
  const flags = parseInt(fields.get('flags') ?? '', 8);
  const [inode, pending, total] = ['ino', 'pending', 'total'].map((name) => Number(fields.get(name) ?? NaN));
  if (api === null || !isCount(flags) || !isCount(inode) || !isCount(pending) || !isCount(total)) {
    return undefined;
  }
  const features = BigInt(`0x${api[1]!}`);
  return {
    fd,
    inode,
    pending,
    total,
    features: featuresInWords(features),
    ioctls: ioctlsInWords(BigInt(`0x${api[2]!}`)),
    isApiDone: isApiDone(features),
    isBlocking: (flags & O_NONBLOCK) === 0,
  };
}

function isCount(value: number | undefined): value is number {
  return value !== undefined && Number.isSafeInteger(value) && value >= 0;
}
