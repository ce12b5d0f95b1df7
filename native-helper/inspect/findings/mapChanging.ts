/** A change of mappings whose event nobody reads. */
import type { FindingDto } from '../../protocol/inspect.ts';
import { named, sentence, type Look } from './look.ts';

export function mapChanging({ changing, sleeperCount, now }: Look): FindingDto | undefined {
  const [first] = changing;
  if (first === undefined) {
    return undefined;
  }
  const others = changing.length > 1 ? `, and ${changing.length - 1} more` : '';
  const behind =
    sleeperCount === 0
      ? ''
      : sleeperCount === 1
        ? '; 1 fault waits behind it'
        : `; ${sleeperCount} faults wait behind it`;
  const handler = now.handlers.some(({ tid }) => tid === first.tid);
  return {
    id: 'mapChanging',
    isStuck: true,
    text: sentence(
      `${named(first)} of process ${first.pid} waits in ${first.syscall || 'a change of its memory map'} until its event has been read${others}, and until then every resolution answers EAGAIN${behind}.`,
    ),
    advice: handler
      ? 'That thread is the handler itself: let another thread change mappings of registered memory, or read events in another thread.'
      : 'Read the userfaultfd until EAGAIN, then retry what answered EAGAIN after that thread has run.',
    offersWake: false,
    stacks: [],
  };
}
