/** Threads asleep in faults, by what became of their messages. */
import type { FindingDto } from '../../inspectProtocol.ts';
import { descriptor, inFaultsThat, named, sentence, sleepers, type Look } from './look.ts';

/** Faults nobody has read for as long as the looks are apart. */
export function nobodyReads(look: Look): FindingDto | undefined {
  const { now, before, asleep, waiting } = look;
  if (asleep.length === 0 || now.uffd.pending === 0 || before.uffd.pending === 0 || waiting.length > 0) {
    return undefined;
  }
  const busy = now.handlers.find(({ activity }) => activity === 'running');
  const stopped = now.handlers.find(({ activity }) => activity === 'stopped');
  const why =
    stopped !== undefined
      ? `handler ${named(stopped)} is stopped${stopped.tracerPid === 0 ? '' : ` by process ${stopped.tracerPid}`}`
      : busy !== undefined
        ? `handler ${named(busy)} is busy with something else`
        : 'no thread waits for them';
  return stuck({
    id: 'nobodyReads',
    text: `${sleepers(look)} ${inFaultsThat(look)} never read from ${descriptor(look)}: ${why}.`,
    advice:
      stopped === undefined
        ? 'Start the handler, or attach here and serve the faults by hand or by rule.'
        : 'Let it run on.',
    offersWake: false,
  });
}

/** Faults that were read, while the handler waits for the next event. */
export function readNotWoken(look: Look): FindingDto | undefined {
  const { waiting } = look;
  const [handler] = waiting;
  if (!isRead(look) || handler === undefined) {
    return undefined;
  }
  return stuck({
    id: 'readNotWoken',
    text: `${sleepers(look)} ${inFaultsThat(look)} read and never woken, while handler ${named(handler)} waits for the next event in ${handler.syscall}: a resolution that answers EEXIST, or has DONTWAKE, wakes nobody.`,
    advice: 'Wake them once; then let the handler send UFFDIO_WAKE whenever a resolution answers EEXIST.',
    offersWake: true,
  });
}

/** Faults that were read, and nobody is left who would act. */
export function stranded(look: Look): FindingDto | undefined {
  if (!isRead(look) || look.now.handlers.some(({ activity }) => activity === 'running')) {
    return undefined;
  }
  return stuck({
    id: 'stranded',
    text: `${sleepers(look)} ${inFaultsThat(look)} read from ${descriptor(look)} by somebody who is gone: a handler or a debugger that was killed.`,
    advice: 'Wake them once: they fault again, for whoever reads next.',
    offersWake: true,
  });
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
    text: `${sleepers(look)} ${inFaultsThat(look)} read and not resolved, and no huge page of ${hugePages.pageBytes / 1024} KiB is free: COPY answers ENOMEM.`,
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
