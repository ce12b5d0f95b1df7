/** The threads that read a uffd, and what each is doing now. */
import type { HandlerThreadDto, ThreadActivity } from '../inspectProtocol.ts';
import { waitOnUffd } from './handlerWait.ts';
import type { Holder } from './holders.ts';
import type { ThreadFacts } from './threadFacts.ts';

/** Calls by what they wait with, as in waitSyscalls.ts. */
const activityOfCall: readonly [RegExp, ThreadActivity][] = [
  [/^epoll/, 'epoll'],
  [/select/, 'select'],
  [/poll$/, 'poll'],
  [/read/, 'read'],
  [/^io_uring/, 'ioUring'],
];

/**
 * @param threads all threads of the holders
 * @param known tids that were seen to wait on it in earlier looks; those found waiting are added
 * @param guessed processes whose threads count as handlers when none is known
 */
export function handlerThreads(
  procRoot: string,
  holders: readonly Holder[],
  inode: number,
  threads: readonly ThreadFacts[],
  known: Set<number>,
  guessed: ReadonlySet<number>,
): HandlerThreadDto[] {
  const certain = threads.flatMap((thread) => {
    const holder = holders.find(({ pid }) => pid === thread.pid);
    const call = holder && waitOnUffd(procRoot, holder, thread.tid, inode);
    if (call !== undefined) {
      known.add(thread.tid);
    }
    return call !== undefined || known.has(thread.tid) ? [handlerDto(thread, call, true)] : [];
  });
  return certain.length > 0
    ? certain
    : threads.filter(({ pid }) => guessed.has(pid)).map((thread) => handlerDto(thread, undefined, false));
}

function handlerDto(thread: ThreadFacts, waitsIn: string | undefined, isCertain: boolean): HandlerThreadDto {
  const { pid, tid, comm, tracerPid, place } = thread;
  return {
    pid,
    tid,
    comm,
    activity: activityOf(thread, waitsIn),
    syscall: waitsIn ?? (place.kind === 'syscall' ? place.name : ''),
    tracerPid,
    isCertain,
  };
}

function activityOf({ state, wchan, place }: ThreadFacts, waitsIn: string | undefined): ThreadActivity {
  if (state === 't' || state === 'T') {
    return 'stopped';
  }
  if (waitsIn !== undefined) {
    return activityOfCall.find(([call]) => call.test(waitsIn))?.[1] ?? 'poll';
  }
  if (wchan === 'handle_userfault') {
    return 'fault';
  }
  return place.kind === 'running' || state === 'R' ? 'running' : 'blocked';
}
