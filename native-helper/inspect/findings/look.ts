/** What every cause is asked with: two looks at a ctx, and what follows from both. */
import type { HandlerThreadDto, InspectedWaiterDto } from '../../protocol/inspect.ts';
import type { CtxFacts, MachineFacts } from '../ctxFacts.ts';

export interface Look {
  readonly now: CtxFacts;
  readonly before: CtxFacts;
  readonly machine: MachineFacts;
  /** Threads that slept in a fault all the time between the looks. */
  readonly asleep: readonly InspectedWaiterDto[];
  /** How many of these sleep in faults of this ctx. */
  readonly sleeperCount: number;
  /** Threads whose fork, mremap, madvise or munmap waited all that time for its event to be read. */
  readonly changing: readonly InspectedWaiterDto[];
  /** Whether a thread has not run between the looks. */
  readonly sleptThrough: (tid: number) => boolean;
  /** A thread that slept in a fault in the look before has gone on since. */
  readonly isServed: boolean;
  /** Handler threads that wait for events now. */
  readonly waiting: readonly HandlerThreadDto[];
}

/** A handler may take this long over a page: reading it from afar, or unpacking it. */
const longestWorkNs = 10e9;

/** Some thread has slept for longer than a handler works on a page. */
export function isOverdue({ asleep }: Look): boolean {
  return asleep.some(({ asleepNs }) => asleepNs !== null && asleepNs > longestWorkNs);
}

/** `1 thread sleeps` or `3 threads sleep`. */
export function sleepers({ sleeperCount }: Look): string {
  return sleeperCount === 1 ? '1 thread sleeps' : `${sleeperCount} threads sleep`;
}

/** `in a fault that was` or `in faults that were`. */
export function inFaultsThat({ sleeperCount }: Look): string {
  return sleeperCount === 1 ? 'in a fault that was' : 'in faults that were';
}

export function named({ tid, comm }: { readonly tid: number; readonly comm: string }): string {
  return `thread ${tid} (${comm})`;
}

/** `Descriptor 5 of process 12 (pager)`. */
export function descriptor({ now: { uffd, pid, comm } }: Look): string {
  return `descriptor ${uffd.fd} of process ${pid} (${comm})`;
}

export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
