/** Threads asleep because of a uffd: in a fault, or in a change of mappings that must be read first. */
import type { InspectedWaiterDto } from '../protocol/inspect.ts';
import { CodeMap } from './codeLocation.ts';
import { CpuClocks, lastRun } from './cpuClocks.ts';
import type { ThreadFacts, ThreadPlace } from './threadFacts.ts';

/** Kernel functions of fs/userfaultfd.c that threads sleep in. */
export const faultChannel = 'handle_userfault';
export const eventChannel = 'userfaultfd_event_wait_completion';

export function isWaiter({ wchan }: ThreadFacts): boolean {
  return wchan === faultChannel || wchan === eventChannel;
}

/**
 * @param threads of one process
 * @param seenAsleepNs how long a thread has been seen not to run
 * @param isInferred it has several uffds, and nothing says which of them a thread waits for
 */
export function inspectedWaiters(
  procRoot: string,
  pid: number,
  threads: readonly ThreadFacts[],
  isInferred: boolean,
  seenAsleepNs: (thread: ThreadFacts) => number,
): InspectedWaiterDto[] {
  const asleep = threads.filter(isWaiter);
  if (asleep.length === 0) {
    return [];
  }
  const code = CodeMap.of(procRoot, pid);
  const clocks = new CpuClocks(procRoot);
  const now = lastRun(procRoot, 'self', process.pid);
  return asleep.map((thread) => {
    const { tid, comm, wchan, place } = thread;
    const ran = lastRun(procRoot, pid, tid);
    const asleepMs = now === undefined || ran === undefined ? 0 : clocks.leastSinceMs(ran, now);
    const asleepNs = Math.max(Math.round(asleepMs * 1e6), seenAsleepNs(thread));
    return {
      pid,
      tid,
      comm,
      mode: wchan === eventChannel ? 'event' : modeOf(place),
      syscall: place.kind === 'syscall' ? callInWords(place) : '',
      instruction: 'pc' in place ? code.locate(place.pc) : null,
      asleepNs: asleepNs > 0 ? asleepNs : null,
      isInferred,
    };
  });
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
