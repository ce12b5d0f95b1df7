/** Threads asleep in faults, by what became of their messages. */
import type { FindingDto } from '../../protocol/inspect.ts';
import { descriptor, inFaultsThat, isOverdue, named, sentence, sleepers, type Look } from './look.ts';

/** Faults nobody has read for as long as the looks are apart. */
export function nobodyReads(look: Look): FindingDto | undefined {
  const { now, before, asleep, waiting, isServed } = look;
  const { pending, total } = now.uffd;
  const isUnread = pending > 0 && before.uffd.pending > 0;
  const isSomeRead = total > pending;
  if (asleep.length === 0 || !isUnread || waiting.length > 0 || isServed || isAtWork(look)) {
    return undefined;
  }
  if (isSomeRead && mayBeServed(look)) {
    return undefined;
  }
  const unread = isSomeRead
    ? `in faults, of which ${pending} ${pending === 1 ? 'was' : 'were'}`
    : inFaultsThat(look);
  return stuck({
    id: 'nobodyReads',
    text: `${sleepers(look)} ${unread} never read from ${descriptor(look)}: ${whoReads(look, 'them')}.`,
    advice: 'Start the handler, or attach here and serve the faults by hand or by rule.',
    offersWake: isSomeRead,
  });
}

/**
 * Faults that were read, while the handler waits for the next event. When it went to wait, nothing
 * was unread; so threads that have slept since before have been read, whatever is unread by now.
 */
export function readNotWoken(look: Look): FindingDto | undefined {
  const { now, asleep, waiting } = look;
  const [handler] = waiting;
  if (asleep.length === 0 || now.uffd.total === 0 || handler === undefined) {
    return undefined;
  }
  return stuck({
    id: 'readNotWoken',
    text: `${sleepers(look)} ${inFaultsThat(look)} read and not woken since, while handler ${named(handler)} waits for the next event in ${handler.syscall}: no ioctl has resolved ${look.sleeperCount === 1 ? 'it' : 'them'}, or one that answered EEXIST or had DONTWAKE, which wakes nobody.`,
    advice:
      'Unless the page is still on its way, wake them once; then let the handler send UFFDIO_WAKE whenever a resolution answers EEXIST.',
    offersWake: true,
  });
}

/** Faults that were read, and nobody is seen who would act. */
export function stranded(look: Look): FindingDto | undefined {
  const { sleeperCount } = look;
  if (!isRead(look) || isAtWork(look) || mayBeServed(look)) {
    return undefined;
  }
  return stuck({
    id: 'stranded',
    text: `${sleepers(look)} ${inFaultsThat(look)} read from ${descriptor(look)} and not woken since, and ${whoReads(look, 'more')}: whoever read ${sleeperCount === 1 ? 'it' : 'them'}, a handler or a debugger, was killed or hangs.`,
    advice: 'Wake them once: they fault again, for whoever reads next.',
    offersWake: true,
  });
}

/** A handler that was seen to wait earlier works on something, perhaps on these faults. */
function isAtWork({ now }: Look): boolean {
  return now.handlers.some(({ activity, isCertain }) => isCertain && activity !== 'gone');
}

/** A thread that has run since may be a handler that was never seen to wait, unless it takes too long. */
function mayBeServed(look: Look): boolean {
  return [...look.now.threads.keys()].some((tid) => !look.sleptThrough(tid)) && !isOverdue(look);
}

function whoReads({ now }: Look, events: 'them' | 'more'): string {
  const gone = now.handlers.find(({ activity }) => activity === 'gone');
  return gone === undefined
    ? `no thread waits for ${events}`
    : `handler ${named(gone)} has ended or closed it`;
}

/** Waiters without any registered range: UNREGISTER wakes only those of MISSING ranges. */
export function unregistered(look: Look): FindingDto | undefined {
  const { now, asleep } = look;
  if (asleep.length === 0 || now.uffd.pending > 0 || now.ranges.length > 0 || now.unreadable.length > 0) {
    return undefined;
  }
  return stuck({
    id: 'unregistered',
    text: `${sleepers(look)} in a fault of memory that is not registered any more: UFFDIO_UNREGISTER wakes nobody who waits on a WP or MINOR range.`,
    advice: 'Wake them once; then let the handler send UFFDIO_WAKE for a range it has unregistered.',
    offersWake: true,
  });
}

/** Huge pages are needed and the pool has none. */
export function noHugePages(look: Look): FindingDto | undefined {
  const { now, asleep, machine } = look;
  const { hugePages } = machine;
  const isWanted =
    hugePages !== null &&
    now.ranges.some(({ memory, pageBytes }) => memory === 'hugetlb' && pageBytes === hugePages.pageBytes);
  if (asleep.length === 0 || !isWanted || hugePages.free > 0 || now.uffd.pending > 0) {
    return undefined;
  }
  return stuck({
    id: 'noHugePages',
    text: `${sleepers(look)} ${inFaultsThat(look)} read and not resolved, and no huge page of ${hugePages.pageBytes / 1024} KiB is free: COPY into huge pages answers ENOMEM.`,
    advice: 'Add huge pages (sysctl vm.nr_hugepages), then wake the threads: they fault again.',
    offersWake: true,
  });
}

/** Nothing is unread, and threads have slept all the time between the looks. */
function isRead({ now, before, asleep }: Look): boolean {
  return asleep.length > 0 && now.uffd.pending === 0 && before.uffd.pending === 0 && now.uffd.total > 0;
}

function stuck({
  id,
  text,
  advice,
  offersWake,
}: Pick<FindingDto, 'id' | 'text' | 'advice' | 'offersWake'>): FindingDto {
  return { id, isStuck: true, text: sentence(text), advice, offersWake, stacks: [] };
}
