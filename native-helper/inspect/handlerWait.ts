/**
 * Whether a handler is alive: a thread of a holder that waits on the uffd right now.
 *
 * Reading would take events from it for good, and a handler that wakes from poll and
 * finds nothing often dies. Seen from /proc/PID/task/TID/syscall (number, six arguments),
 * the holder's memory for poll and select sets, and fdinfo for epoll.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import type { Holder } from './holders.ts';
import { procComm, procLink, procNumbers, procText } from './procFile.ts';
import { uringRequests, type UringRequests } from './uringRequests.ts';
import { waitSyscalls, type WaitSyscall } from './waitSyscalls.ts';

export interface HandlerWait {
  readonly pid: number;
  readonly tid: number;
  readonly comm: string;
  /** System call it waits in, such as `poll`. */
  readonly syscall: string;
}

/**
 * Every thread of these holders that waits on the ctx. One that a tracer has stopped inside its
 * wait reads nothing, and is none of them.
 */
export function findHandlerWaits(procRoot: string, holders: readonly Holder[], inode: number): HandlerWait[] {
  return waitsOf(procRoot, holders, inode).filter((wait) => !isStoppedByTracer(procRoot, wait));
}

/** The threads that a tracer has stopped inside their wait. */
export function findStoppedWaits(procRoot: string, holders: readonly Holder[], inode: number): HandlerWait[] {
  return waitsOf(procRoot, holders, inode).filter((wait) => isStoppedByTracer(procRoot, wait));
}

function waitsOf(procRoot: string, holders: readonly Holder[], inode: number): HandlerWait[] {
  return holders.flatMap((holder) =>
    procNumbers(`${procRoot}/${holder.pid}/task`).flatMap((tid) => {
      const syscall = waitOnUffd(procRoot, holder, tid, inode);
      return syscall === undefined
        ? []
        : [{ pid: holder.pid, tid, comm: procComm(`${procRoot}/${holder.pid}/task/${tid}`), syscall }];
    }),
  );
}

/** An io_uring that waits on the ctx, whatever the threads of its process do. */
export interface UringWait {
  readonly pid: number;
  /** Of the process. */
  readonly comm: string;
  readonly hasKernelThread: boolean;
}

/**
 * Every io_uring of these holders that is seen to wait on the ctx. One without a thread of the kernel
 * waits for nothing while a tracer has stopped all threads of its process.
 */
export function findUringWaits(procRoot: string, holders: readonly Holder[], inode: number): UringWait[] {
  return holders.flatMap((holder) => {
    const { pid } = holder;
    const rings = uringsOf(procRoot, pid).map((fd) => uringOnUffd(procRoot, holder, fd, inode));
    const named = rings.filter(({ onUffd }) => onUffd === 'named');
    const hasKernelThread = named.some((ring) => ring.hasKernelThread);
    return named.length === 0 || (!hasKernelThread && isStopped(procRoot, pid))
      ? []
      : [{ pid, comm: procComm(`${procRoot}/${pid}`), hasKernelThread }];
  });
}

/** Whether a tracer has stopped every thread of a process. */
function isStopped(procRoot: string, pid: number): boolean {
  return procNumbers(`${procRoot}/${pid}/task`).every((tid) => isStoppedByTracer(procRoot, { pid, tid }));
}

function uringOnUffd(procRoot: string, holder: Holder, ringFd: number, inode: number): UringRequests {
  const { pid, fds } = holder;
  return uringRequests(procRoot, pid, ringFd, {
    watches: (fd) => fds.includes(fd) || epollWatches(procRoot, holder, fd, inode, 0),
    readMemory: (address, lengthBytes) => readMemory(procRoot, pid, address, lengthBytes),
  });
}

/** Whether the state letter of a thread (proc_pid_stat(5)) is that of a tracing stop. */
function isStoppedByTracer(procRoot: string, { pid, tid }: Pick<HandlerWait, 'pid' | 'tid'>): boolean {
  // The name before it may contain anything, also parentheses.
  const stat = procText(`${procRoot}/${pid}/task/${tid}/stat`) ?? '';
  return stat.charAt(stat.lastIndexOf(')') + 2) === 't';
}

/** Name of the system call in which this thread waits on the ctx, stopped or not, or undefined. */
export function waitOnUffd(procRoot: string, holder: Holder, tid: number, inode: number): string | undefined {
  const line = procText(`${procRoot}/${holder.pid}/task/${tid}/syscall`);
  const call = line === undefined ? undefined : parseSyscallLine(line, process.arch);
  if (call === undefined) {
    return undefined;
  }
  const waits = call.wait.watched(call.args, {
    isUffd: (fd) => holder.fds.includes(fd),
    isEpollOnUffd: (fd) => epollWatches(procRoot, holder, fd, inode, 0),
    isUringOnUffd: (fd) =>
      (fd === undefined ? uringsOf(procRoot, holder.pid) : [fd]).some(
        (ring) => uringOnUffd(procRoot, holder, ring, inode).onUffd !== 'none',
      ),
    readMemory: (address, lengthBytes) => readMemory(procRoot, holder.pid, address, lengthBytes),
  });
  return waits ? call.wait.name : undefined;
}

/**
 * The waiting call of a /proc/PID/task/TID/syscall line: `nr 0xarg0 … 0xarg5 0xsp 0xpc`.
 * @returns undefined when the thread runs, sleeps outside a call, or waits in no call of interest
 */
export function parseSyscallLine(
  line: string,
  architecture: string,
): { wait: WaitSyscall; args: bigint[] } | undefined {
  const [number, ...rest] = line.trim().split(' ');
  const wait = waitSyscalls(architecture).get(Number(number));
  if (wait === undefined || rest.length < 6 || !rest.every((word) => /^0x[0-9a-f]{1,16}$/.test(word))) {
    return undefined;
  }
  return { wait, args: rest.slice(0, 6).map((word) => BigInt(word)) };
}

/** Whether an epoll instance watches the ctx, itself or through another epoll instance. */
function epollWatches(procRoot: string, holder: Holder, epfd: number, inode: number, depth: number): boolean {
  const info = procText(`${procRoot}/${holder.pid}/fdinfo/${epfd}`) ?? '';
  // fs/eventpoll.c, ep_show_fdinfo: `tfd: N events: … data: … pos:… ino:hex sdev:hex`.
  return [...info.matchAll(/^tfd:\s*(\d+).*?\bino:([0-9a-f]+)/gm)].some(([, tfd, ino]) => {
    if (parseInt(ino!, 16) === inode) {
      return true;
    }
    // fs/eventpoll.c allows chains of EP_MAX_NESTS (4) + 2.
    const isEpoll = procLink(`${procRoot}/${holder.pid}/fd/${tfd!}`) === 'anon_inode:[eventpoll]';
    return isEpoll && depth < 5 && epollWatches(procRoot, holder, Number(tfd), inode, depth + 1);
  });
}

function uringsOf(procRoot: string, pid: number): number[] {
  return procNumbers(`${procRoot}/${pid}/fd`).filter(
    (fd) => procLink(`${procRoot}/${pid}/fd/${fd}`) === 'anon_inode:[io_uring]',
  );
}

/** Memory of a process through /proc/PID/mem, which never raises a fault; undefined if unreadable. */
export function readMemory(
  procRoot: string,
  pid: number,
  address: bigint,
  lengthBytes: number,
): DataView | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(`${procRoot}/${pid}/mem`, 'r');
    const bytes = new Uint8Array(lengthBytes);
    return readSync(fd, bytes, 0, lengthBytes, address) === lengthBytes
      ? new DataView(bytes.buffer)
      : undefined;
  } catch {
    // EIO for a page that is missing, EACCES without ptrace access, ENOENT when the process is gone.
    return undefined;
  } finally {
    if (fd !== undefined) {
      closeSync(fd);
    }
  }
}
