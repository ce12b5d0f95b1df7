/**
 * System calls in which a handler waits for its uffd, by number, and how to tell from
 * their arguments which descriptors they wait on.
 */

/** What a call's arguments are held against. */
export interface WaitContext {
  /** Whether a descriptor of the process is the uffd. */
  isUffd(fd: number): boolean;
  /** Whether a descriptor is an epoll instance that watches the uffd. */
  isEpollOnUffd(fd: number): boolean;
  /** Whether an io_uring of the process may wait for the uffd. @param fd which; any of them when left out */
  isUringOnUffd(fd?: number): boolean;
  /** The process's memory, undefined if unreadable. */
  readMemory(address: bigint, lengthBytes: number): DataView | undefined;
}

export interface WaitSyscall {
  readonly name: string;
  watched(args: readonly bigint[], context: WaitContext): boolean;
}

/** Larger sets are cut: no handler polls more descriptors for one uffd. */
const maxPollFds = 4096;

const reads = (name: string): WaitSyscall => ({
  name,
  watched: (args, context) => context.isUffd(Number(args[0])),
});

/** Readiness calls may watch the uffd itself or an epoll instance on it. */
const watches = (context: WaitContext, fd: number): boolean =>
  context.isUffd(fd) || context.isEpollOnUffd(fd);

/** poll(2) and ppoll(2): array of `struct pollfd` (fd i32, events i16, revents i16) and its length. */
const polls = (name: string): WaitSyscall => ({
  name,
  watched(args, context) {
    const count = Math.min(Number(args[1]), maxPollFds);
    const fds = count > 0 ? context.readMemory(args[0]!, 8 * count) : undefined;
    return fds !== undefined && someIndex(count, (i) => watches(context, fds.getInt32(8 * i, true)));
  },
});

/** select(2) and pselect6(2): number of descriptors and a bit set of those to read from. */
const selects = (name: string): WaitSyscall => ({
  name,
  watched(args, context) {
    const count = Math.min(Number(args[0]), maxPollFds);
    const isGiven = count > 0 && args[1] !== 0n;
    const set = isGiven ? context.readMemory(args[1]!, Math.ceil(count / 64) * 8) : undefined;
    return (
      set !== undefined &&
      someIndex(count, (fd) => ((set.getUint8(fd >> 3) >> (fd & 7)) & 1) === 1 && watches(context, fd))
    );
  },
});

const epolls = (name: string): WaitSyscall => ({
  name,
  watched: (args, context) => context.isEpollOnUffd(Number(args[0])),
});

/** The descriptor is an index of its own kind (io_uring_enter(2)). */
const IORING_ENTER_REGISTERED_RING = 16n;

const uring: WaitSyscall = {
  name: 'io_uring_enter',
  watched: (args, context) =>
    context.isUringOnUffd((args[3]! & IORING_ENTER_REGISTERED_RING) === 0n ? Number(args[0]) : undefined),
};

const x64 = new Map<number, WaitSyscall>([
  [0, reads('read')],
  [7, polls('poll')],
  [17, reads('pread64')],
  [19, reads('readv')],
  [23, selects('select')],
  // restart_syscall(2): a poll that a stop interrupted goes on under this number, its arguments unchanged.
  [219, polls('poll')],
  [232, epolls('epoll_wait')],
  [270, selects('pselect6')],
  [271, polls('ppoll')],
  [281, epolls('epoll_pwait')],
  [295, reads('preadv')],
  [327, reads('preadv2')],
  [426, uring],
  [441, epolls('epoll_pwait2')],
]);

const arm64 = new Map<number, WaitSyscall>([
  [22, epolls('epoll_pwait')],
  [63, reads('read')],
  [65, reads('readv')],
  [67, reads('pread64')],
  [69, reads('preadv')],
  [72, selects('pselect6')],
  [73, polls('ppoll')],
  // restart_syscall(2), as above.
  [128, polls('ppoll')],
  [286, reads('preadv2')],
  [426, uring],
  [441, epolls('epoll_pwait2')],
]);

/** Waiting calls by number for a `process.arch`. */
export function waitSyscalls(architecture: string): ReadonlyMap<number, WaitSyscall> {
  return architecture === 'arm64' ? arm64 : x64;
}

function someIndex(count: number, test: (i: number) => boolean): boolean {
  for (let i = 0; i < count; i++) {
    if (test(i)) {
      return true;
    }
  }
  return false;
}
