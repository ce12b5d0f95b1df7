/**
 * The stuck-fault finder: why a uffd makes no progress, from two looks at it. The most specific
 * cause is told, and nothing while all goes well.
 */
import type { FindingDto } from '../protocol/inspect.ts';
import type { CtxFacts, MachineFacts } from './ctxFacts.ts';
import { apiNotDone, blockingDescriptor } from './findings/descriptor.ts';
import { handlerBlocked, handlerBusy, handlerStopped } from './findings/handlerBlocked.ts';
import { lastHolder, targetGone } from './findings/holders.ts';
import { mapChanging } from './findings/mapChanging.ts';
import { noHugePages, nobodyReads, readNotWoken, stranded, unregistered } from './findings/sleepers.ts';
import type { Look } from './findings/look.ts';
import { isUndecided } from './undecided.ts';

/** Causes in the order in which they are asked for: the first that fits is told. */
const causes: readonly ((look: Look) => FindingDto | undefined)[] = [
  targetGone,
  apiNotDone,
  handlerStopped,
  handlerBlocked,
  handlerBusy,
  mapChanging,
  blockingDescriptor,
  noHugePages,
  unregistered,
  nobodyReads,
  readNotWoken,
  stranded,
];

/**
 * @param others every other ctx of the same look
 * @param before a look about a second or more earlier; without it nothing can be concluded
 * @returns none for a uffd that a debugger of ours has taken over: what it holds is no mystery
 */
export function diagnose(
  now: CtxFacts,
  before: CtxFacts | undefined,
  others: readonly CtxFacts[],
  machine: MachineFacts,
): FindingDto[] {
  if (before === undefined || now.holders.some(({ isDebugger }) => isDebugger)) {
    return [];
  }
  const sleptThrough = (tid: number): boolean => {
    const thread = now.threads.get(tid);
    // One that computes on a CPU of its own leaves it as rarely as one that sleeps.
    const isAsleep = thread !== undefined && thread.state !== 'R';
    return isAsleep && before.threads.get(tid)?.switches === thread.switches;
  };
  const waiting = now.handlers.filter(({ activity, isCertain }) => isCertain && waits.has(activity));
  const steady = now.waiters.filter(({ tid }) => sleptThrough(tid));
  const inFaults = steady.filter(({ mode }) => mode !== 'event');
  const asleep = isUndecided(now, others, inFaults.length)
    ? inFaults.filter(({ isInferred }) => !isInferred)
    : inFaults;
  // A handler that slept through in its wait has no event to read: the thread waits for another uffd.
  const isIdle = waiting.some(({ tid }) => sleptThrough(tid));
  const look: Look = {
    now,
    before,
    machine,
    asleep,
    sleeperCount: asleep.some(({ isInferred }) => isInferred)
      ? Math.min(asleep.length, now.steadyTotal)
      : asleep.length,
    changing: steady.filter(({ mode, isInferred }) => mode === 'event' && !(isInferred && isIdle)),
    sleptThrough,
    isServed: before.waiters.some(({ mode, tid }) => mode !== 'event' && !sleptThrough(tid)),
    waiting,
  };
  for (const cause of causes) {
    const finding = cause(look);
    if (finding !== undefined) {
      return [finding, ...lastHolder(look)];
    }
  }
  return lastHolder(look);
}

const waits: ReadonlySet<string> = new Set(['poll', 'select', 'epoll', 'read', 'ioUring']);
