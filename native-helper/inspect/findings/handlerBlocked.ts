/** A handler that is stopped, busy, or sleeps in something else, while threads wait for it. */
import type { FindingDto, HandlerThreadDto, StackDto } from '../../protocol/inspect.ts';
import type { ThreadFacts } from '../threadFacts.ts';
import { isOverdue, named, sentence, sleepers, type Look } from './look.ts';

/** Offsets of the owner's tid from the futex word, in glibc's mutexes and its rwlocks' writers. */
const ownerOffsets = [8n, 24n];

/** Every handler is stopped by a signal or a tracer. */
export function handlerStopped(look: Look): FindingDto | undefined {
  const stopped = look.now.handlers.find(({ activity, isCertain }) => isCertain && activity === 'stopped');
  if (stopped === undefined || isActive(look) || !isWaitedFor(look)) {
    return undefined;
  }
  const { tracerPid } = stopped;
  return finding(
    look,
    'handlerBlocked',
    `handler ${named(stopped)} is stopped${tracerPid === 0 ? '' : ` by process ${tracerPid}, which traces it`}`,
    tracerPid === 0
      ? `Let it run on: kill -CONT ${stopped.pid}.`
      : 'Let it run on in the debugger that has stopped it.',
    [],
  );
}

/** The handler does something else than to wait, and has served none of the threads for long. */
export function handlerBusy(look: Look): FindingDto | undefined {
  const { now, before, waiting, isServed } = look;
  const wasBusy = new Set(before.handlers.filter(isAtWork).map(({ tid }) => tid));
  const busy = now.handlers.find((handler) => isAtWork(handler) && wasBusy.has(handler.tid));
  if (busy === undefined || waiting.length > 0 || isServed || !isOverdue(look)) {
    return undefined;
  }
  return finding(
    look,
    'handlerBusy',
    `handler ${named(busy)} has been at work since, serving nobody`,
    'See where it spends its time, for instance with perf top: a resolution that answers EAGAIN and is retried at once never ends while the event that blocks it is unread.',
    [],
  );
}

function isAtWork({ activity, isCertain }: HandlerThreadDto): boolean {
  return isCertain && (activity === 'running' || activity === 'blocked');
}

export function handlerBlocked(look: Look): FindingDto | undefined {
  const { now, sleptThrough } = look;
  if (isActive(look) || !isWaitedFor(look)) {
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
  for (const thread of known) {
    const owner = lockOwner(thread, look);
    if (owner !== undefined) {
      return waitForWaiter([thread], owner, look, `handler ${named(thread)} waits`);
    }
  }
  if (handlers.length === 0) {
    return unknownHandlerBlocked(look);
  }
  const [other] = known.filter(({ place }) => place.kind === 'syscall');
  return other === undefined ? undefined : sleepsElsewhere(other, look);
}

/** One that has hung since before the first look was never seen to wait; but somebody has read. */
function unknownHandlerBlocked(look: Look): FindingDto | undefined {
  const { now, sleptThrough } = look;
  if (now.uffd.total <= now.uffd.pending) {
    return undefined;
  }
  const wanting = [...now.threads.values()]
    .filter(({ tid }) => sleptThrough(tid))
    .map((thread) => ({ thread, owner: lockOwner(thread, look) }));
  const owner = wanting.find((one) => one.owner !== undefined)?.owner;
  if (owner === undefined) {
    return undefined;
  }
  const threads = wanting.filter((one) => one.owner === owner).map(({ thread }) => thread);
  const [only, ...others] = threads;
  const who =
    others.length === 0
      ? `${named(only!)}, likely the handler, waits`
      : `${threads.map(named).join(', ')}, one of them likely the handler, wait`;
  return waitForWaiter(threads, owner, look, who);
}

/** Some handler waits for events or runs. */
function isActive({ now, waiting }: Look): boolean {
  return (
    waiting.length > 0 || now.handlers.some(({ activity, isCertain }) => isCertain && activity === 'running')
  );
}

function isWaitedFor({ asleep, changing }: Look): boolean {
  return asleep.length + changing.length > 0;
}

/** The handler is itself asleep in a fault. */
function selfBlocked(thread: ThreadFacts, look: Look): FindingDto | undefined {
  const asWaiter = look.asleep.find(({ tid }) => tid === thread.tid);
  if (asWaiter === undefined) {
    return undefined;
  }
  return finding(
    look,
    'handlerBlocked',
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

/** @param who and its verb: `thread 12 (pager) waits` */
function waitForWaiter(threads: readonly ThreadFacts[], owner: number, look: Look, who: string): FindingDto {
  const holder = look.now.threads.get(owner)!;
  const [{ place }] = threads as [ThreadFacts];
  const address = place.kind === 'syscall' ? `0x${place.args[0]!.toString(16)}` : '';
  return finding(
    look,
    'handlerBlocked',
    `${who} for the lock at ${address}, which ${named(holder)} holds while it sleeps until the handler acts`,
    'Let the handler take no lock that other threads hold while they touch registered memory.',
    [...threads, holder],
  );
}

function sleepsElsewhere(thread: ThreadFacts, look: Look): FindingDto {
  const call = thread.place.kind === 'syscall' ? thread.place.name : '';
  return finding(
    look,
    'handlerBlocked',
    `handler ${named(thread)} has slept in ${call} since, serving nobody`,
    'See what that call waits for: while it does, nobody serves faults.',
    [thread],
  );
}

function finding(
  look: Look,
  id: FindingDto['id'],
  why: string,
  advice: string,
  threads: readonly ThreadFacts[],
): FindingDto {
  const { asleep, sleeperCount, changing, machine } = look;
  const who =
    asleep.length > 0
      ? `${sleepers(look)} in ${sleeperCount === 1 ? 'a fault' : 'faults'}`
      : `${named(changing[0]!)} waits in ${changing[0]!.syscall}`;
  return {
    id,
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
