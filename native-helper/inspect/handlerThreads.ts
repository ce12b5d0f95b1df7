/** The threads that read a uffd, and what each is doing now. */
import type { HandlerThreadDto, ThreadActivity } from '../protocol/inspect.ts';
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

/** A thread that was seen to wait on a uffd. */
export type KnownHandler = Pick<HandlerThreadDto, 'pid' | 'tid' | 'comm'>;

/**
 * @param threads all threads of the holders
 * @param known threads that were seen to wait on it, by tid; those found waiting now are added, and
 *   those that are gone are dropped once there is another
 * @param guessed processes whose threads count as handlers while none is known
 */
export function handlerThreads(
  procRoot: string,
  holders: readonly Holder[],
  inode: number,
  threads: readonly ThreadFacts[],
  known: Map<number, KnownHandler>,
  guessed: ReadonlySet<number>,
): HandlerThreadDto[] {
  const certain = threads.flatMap((thread) => {
    const holder = holders.find(({ pid }) => pid === thread.pid);
    const call = holder && waitOnUffd(procRoot, holder, thread.tid, inode);
    if (call !== undefined) {
      known.set(thread.tid, { pid: thread.pid, tid: thread.tid, comm: thread.comm });
    }
    return call !== undefined || known.has(thread.tid) ? [handlerDto(thread, call, true)] : [];
  });
  if (certain.length > 0) {
    const alive = new Set(certain.map(({ tid }) => tid));
    [...known.keys()].filter((tid) => !alive.has(tid)).forEach((tid) => known.delete(tid));
    return certain;
  }
  return [
    ...[...known.values()].map(goneDto),
    ...threads.filter(({ pid }) => guessed.has(pid)).map((thread) => handlerDto(thread, undefined, false)),
  ];
}

function goneDto(thread: KnownHandler): HandlerThreadDto {
  return { ...thread, activity: 'gone', syscall: '', tracerPid: 0, isCertain: true };
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
