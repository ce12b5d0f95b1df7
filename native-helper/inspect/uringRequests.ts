/**
 * What an io_uring waits for in its process's stead: a request on a uffd is completed by the kernel,
 * whatever call the handler's thread is in.
 *
 * Outside, that is seen in parts. fdinfo tells that polls are armed, and without one nothing waits: a
 * read of a uffd by itself is answered at once (EAGAIN with O_NONBLOCK, EINTR without, Linux 6.18). On
 * which descriptor, only the submission entries tell, which keep what was written last.
 */
import { procText } from './procFile.ts';

/** Requests that wait for a descriptor (include/uapi/linux/io_uring.h): READV, READ_FIXED, POLL_ADD, READ, READ_MULTISHOT. */
const waitingOpcodes: readonly number[] = [1, 4, 6, 22, 49];
/** `struct io_uring_sqe`: opcode u8, flags u8, ioprio u16, fd i32, … */
const entryBytes = 64;
const IOSQE_FIXED_FILE = 1;
/** Where the submission entries are in a mapping of the ring (IORING_OFF_SQES), as maps writes it. */
const entriesOffset = '10000000';

export interface UringRequests {
  /** `named`: armed, and an entry names the uffd. `unknown`: armed, and the entries have been overwritten or cannot be read. */
  readonly onUffd: 'named' | 'unknown' | 'none';
  /** A thread of the kernel submits and completes, also while every thread of the process is stopped. */
  readonly hasKernelThread: boolean;
}

export interface UringProcess {
  /** Whether a descriptor of the process is the uffd, or is an epoll instance on it. */
  watches(fd: number): boolean;
  /** The process's memory, undefined if unreadable. */
  readMemory(address: bigint, lengthBytes: number): DataView | undefined;
}

/** @param ringFd the io_uring's descriptor in that process */
export function uringRequests(
  procRoot: string,
  pid: number,
  ringFd: number,
  process: UringProcess,
): UringRequests {
  const info = procText(`${procRoot}/${pid}/fdinfo/${ringFd}`);
  if (info === undefined) {
    return { onUffd: 'none', hasKernelThread: false };
  }
  const field = (name: string): number =>
    parseInt(new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(info)?.[1] ?? '');
  const hasKernelThread = field('SqThread') > 0;
  // While the ring is locked its lists are left out (io_uring_show_fdinfo).
  const isArmed = /^\s+op=\d+/m.test(info) || !/^PollList:/m.test(info);
  if (!isArmed) {
    return { onUffd: 'none', hasKernelThread };
  }
  const entries = readEntries(procRoot, pid, field('ino'), process);
  if (entries === undefined) {
    return { onUffd: 'unknown', hasKernelThread };
  }
  const registeredFiles = [...info.matchAll(/^\s*(\d+): .*\[userfaultfd\]/gm)].map(([, index]) =>
    Number(index),
  );
  if (namesUffd(entries, registeredFiles, process)) {
    return { onUffd: 'named', hasKernelThread };
  }
  const areOverwritten = !(field('SqTail') <= field('SqMask') + 1);
  return { onUffd: areOverwritten ? 'unknown' : 'none', hasKernelThread };
}

function readEntries(
  procRoot: string,
  pid: number,
  inode: number,
  process: UringProcess,
): DataView | undefined {
  const maps = procText(`${procRoot}/${pid}/maps`) ?? '';
  const mapping = new RegExp(
    `^([0-9a-f]+)-([0-9a-f]+) \\S+ ${entriesOffset} \\S+ ${inode} +anon_inode:\\[io_uring\\]`,
    'm',
  ).exec(maps);
  if (mapping === null) {
    return undefined;
  }
  const [start, end] = mapping.slice(1).map((address) => BigInt(`0x${address}`));
  return process.readMemory(start!, Number(end! - start!));
}

function namesUffd(entries: DataView, registeredFiles: readonly number[], process: UringProcess): boolean {
  for (let at = 0; at + entryBytes <= entries.byteLength; at += entryBytes) {
    if (waitingOpcodes.includes(entries.getUint8(at))) {
      const fd = entries.getInt32(at + 4, true);
      const isFixed = (entries.getUint8(at + 1) & IOSQE_FIXED_FILE) !== 0;
      if (isFixed ? registeredFiles.includes(fd) : process.watches(fd)) {
        return true;
      }
    }
  }
  return false;
}
