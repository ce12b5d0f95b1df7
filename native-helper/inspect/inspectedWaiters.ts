/** Threads asleep because of a uffd: in a fault, or in a change of mappings that must be read first. */
import type { InspectedWaiterDto } from '../protocol/inspect.ts';
import { CodeMap } from './codeLocation.ts';
import { readThread, type ThreadFacts, type ThreadPlace } from './threadFacts.ts';

/** Kernel functions of fs/userfaultfd.c that threads sleep in. */
export const faultChannel = 'handle_userfault';
export const eventChannel = 'userfaultfd_event_wait_completion';

export function isWaiter({ wchan }: ThreadFacts): boolean {
  return wchan === faultChannel || wchan === eventChannel;
}

/**
 * @param threads of one process, as they were before its handlers were looked at: one that has been served
 *   since is no waiter, whatever its handler does by now
 * @param isInferred it has several uffds, and nothing says which of them a thread waits for
 * @param asleepNs how long a thread has not run at the least, in nanoseconds; 0 when that is not known
 */
export function inspectedWaiters(
  procRoot: string,
  pid: number,
  threads: readonly ThreadFacts[],
  isInferred: boolean,
  asleepNs: (thread: ThreadFacts) => number,
): InspectedWaiterDto[] {
  const asleep = threads.filter((thread) => isWaiter(thread) && sleepsOn(procRoot, thread));
  if (asleep.length === 0) {
    return [];
  }
  const code = CodeMap.of(procRoot, pid);
  return asleep.map((thread) => {
    const { tid, comm, wchan, place } = thread;
    const sleptNs = asleepNs(thread);
    return {
      pid,
      tid,
      comm,
      mode: wchan === eventChannel ? 'event' : modeOf(place),
      syscall: place.kind === 'syscall' ? callInWords(place) : '',
      instruction: 'pc' in place ? code.locate(place.pc) : null,
      asleepNs: sleptNs > 0 ? sleptNs : null,
      isInferred,
    };
  });
}

/** Whether a thread sleeps as it did when it was read, and has not run since. */
function sleepsOn(procRoot: string, { pid, tid, switches }: ThreadFacts): boolean {
  const now = readThread(procRoot, pid, tid);
  return isWaiter(now) && now.switches === switches;
}

function modeOf(place: ThreadPlace): InspectedWaiterDto['mode'] {
  switch (place.kind) {
    case 'user':
      return 'user';
    case 'syscall':
      return 'kernel';
    case 'running':
    case 'unknown':
      return 'unknown';
  }
}

/** Arguments that say which memory a call is about: address and length. */
const rangeArguments: Readonly<Record<string, number>> = { munmap: 2, mremap: 2, madvise: 2 };

function callInWords({ name, args }: Extract<ThreadPlace, { kind: 'syscall' }>): string {
  const shown = args.slice(0, rangeArguments[name] ?? 0);
  return shown.length === 0 ? name : `${name}(0x${shown[0]!.toString(16)}, ${shown.slice(1).join(', ')})`;
}
