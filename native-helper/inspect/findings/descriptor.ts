/** Descriptors that cannot work as they are. */
import type { FindingDto } from '../../protocol/inspect.ts';
import { descriptor, sentence, sleepers, type Look } from './look.ts';

/** Nothing has negotiated the API since the look before. */
export function apiNotDone(look: Look): FindingDto | undefined {
  const { now, before } = look;
  if (now.uffd.isApiDone || before.uffd.isApiDone) {
    return undefined;
  }
  return {
    id: 'apiNotDone',
    isStuck: true,
    text: sentence(
      `${descriptor(look)} has not been through UFFDIO_API: poll answers POLLERR for ever, and every other ioctl EINVAL.`,
    ),
    advice: 'Call ioctl(UFFDIO_API) with the features the handler needs, before anything else.',
    offersWake: false,
    stacks: [],
  };
}

/** Faults wait to be read on a descriptor that poll refuses. */
export function blockingDescriptor(look: Look): FindingDto | undefined {
  const { now, before, asleep, isServed } = look;
  // A handler that has been seen to wait does not poll: on such a descriptor poll never waits.
  const isRead = isServed || now.handlers.some(({ isCertain }) => isCertain);
  if (
    !now.uffd.isBlocking ||
    isRead ||
    asleep.length === 0 ||
    now.uffd.pending === 0 ||
    before.uffd.pending === 0
  ) {
    return undefined;
  }
  return {
    id: 'blockingDescriptor',
    isStuck: true,
    text: sentence(
      `${sleepers(look)} in faults that nobody reads: ${descriptor(look)} has no O_NONBLOCK, and poll answers POLLERR for ever on a blocking userfaultfd.`,
    ),
    advice: 'Create the descriptor with O_NONBLOCK, or set it with fcntl(F_SETFL); or read without polling.',
    offersWake: false,
    stacks: [],
  };
}
