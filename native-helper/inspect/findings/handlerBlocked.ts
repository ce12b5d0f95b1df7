/** A handler that sleeps in something else, while threads wait for it. */
import type { FindingDto, StackDto } from '../../inspectProtocol.ts';
import type { ThreadFacts } from '../threadFacts.ts';
import { named, sentence, sleepers, type Look } from './look.ts';

/** Offsets of the owner's tid from the futex word, in glibc's mutexes and its rwlocks' writers. */
const ownerOffsets = [8n, 24n];

export function handlerBlocked(look: Look): FindingDto | undefined {
  const { now, asleep, changing, waiting, sleptThrough } = look;
  if (waiting.length > 0 || asleep.length + changing.length === 0) {
    return undefined;
  }
  const handlers = now.handlers.filter(({ isCertain }) => isCertain).map(({ tid }) => now.threads.get(tid));
  const known = handlers.filter((thread) => thread !== undefined).filter(({ tid }) => sleptThrough(tid));
  for (const thread of known) {
    const itself = selfBlocked(thread, look);
    if (itself !== undefined) {
      return itself;
    }
  }
  // A handler that has hung since before the first look was never seen to wait.
  const candidates =
    known.length > 0 ? known : [...now.threads.values()].filter(({ tid }) => sleptThrough(tid));
  for (const thread of candidates) {
    const owner = lockOwner(thread, look);
    if (owner !== undefined) {
      return waitsForWaiter(thread, owner, look);
    }
  }
  const [other] = known.filter(({ place }) => place.kind === 'syscall');
  return other === undefined ? undefined : sleepsElsewhere(other, look);
}

/** The handler is itself asleep in a fault, or waits until its own event is read. */
function selfBlocked(thread: ThreadFacts, look: Look): FindingDto | undefined {
  const asWaiter = [...look.asleep, ...look.changing].find(({ tid }) => tid === thread.tid);
  if (asWaiter === undefined || asWaiter.mode === 'event') {
    return undefined;
  }
  return finding(
    look,
    `handler ${named(thread)} is itself asleep in a page fault, which only a handler can resolve`,
    'Keep everything the handler touches out of registered memory, or lock it in advance.',
    [thread],
  );
}

/** The thread asleep in a fault that holds the lock this thread waits for. */
function lockOwner({ pid, place }: ThreadFacts, { asleep, changing, machine }: Look): number | undefined {
  if (place.kind !== 'syscall' || place.name !== 'futex') {
    return undefined;
  }
  for (const offset of ownerOffsets) {
    const owner = machine.readMemory(pid, place.args[0]! + offset, 4)?.getInt32(0, true);
    if ([...asleep, ...changing].some(({ tid }) => tid === owner)) {
      return owner;
    }
  }
  return undefined;
}

function waitsForWaiter(thread: ThreadFacts, owner: number, look: Look): FindingDto {
  const holder = look.now.threads.get(owner)!;
  const address = thread.place.kind === 'syscall' ? `0x${thread.place.args[0]!.toString(16)}` : '';
  return finding(
    look,
    `handler ${named(thread)} waits for the lock at ${address}, which ${named(holder)} holds while it sleeps in a fault that only the handler can resolve`,
    'Let the handler take no lock that other threads hold while they touch registered memory.',
    [thread, holder],
  );
}

function sleepsElsewhere(thread: ThreadFacts, look: Look): FindingDto {
  const call = thread.place.kind === 'syscall' ? thread.place.name : '';
  return finding(
    look,
    `handler ${named(thread)} sleeps in ${call} instead of serving them`,
    'See what that call waits for: while it does, nobody serves faults.',
    [thread],
  );
}

function finding(
  { now, asleep, changing, machine, ...look }: Look,
  why: string,
  advice: string,
  threads: readonly ThreadFacts[],
): FindingDto {
  const who =
    asleep.length > 0
      ? `${sleepers({ now, asleep, changing, machine, ...look })} in ${asleep.length === 1 ? 'a fault' : 'faults'}`
      : `${named(changing[0]!)} waits in ${changing[0]!.syscall}`;
  return {
    id: 'handlerBlocked',
    isStuck: true,
    text: sentence(`${who}, and ${why}.`),
    advice,
    offersWake: false,
    stacks: threads.map((thread) => stackOf(thread, machine.kernelStack(thread.pid, thread.tid))),
  };
}

function stackOf({ pid, tid, comm }: ThreadFacts, frames: readonly string[]): StackDto {
  return { pid, tid, comm, frames };
}
