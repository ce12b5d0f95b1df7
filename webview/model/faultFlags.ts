/**
 * What is wrong with a fault, as bits and in words: the mistakes of a handler that leave a
 * thread asleep or make it fault for ever.
 */
import { Errno } from '../../native-helper/abi/errnoText.ts';
import { endOpen, type FaultTable } from './faultTable.ts';

/** The worst last, so that sorting by the bits sorts by severity. */
export const FaultFlag = {
  /** Its thread faulted here before, and was woken without a page. */
  retried: 1,
  readNothingDone: 2,
  staleRemoved: 4,
  staleUnmapped: 8,
  /** Resolved with DONTWAKE, and nobody has woken its thread. */
  notWoken: 16,
  /** An ioctl answered EEXIST, which wakes nobody, and no WAKE followed. */
  existsNotWoken: 32,
  livelock: 64,
} as const;

/** A fault may be held this long before that is worth a word. */
export const nothingDoneAfterNs = 1e9;

/** The flags of fault `i`, or-ed. */
export function faultFlags(faults: FaultTable, i: number, nowNs: number): number {
  if (faults.isPlain(i)) {
    return 0;
  }
  const retry = faults.retry(i);
  const staleness = faults.staleness(i);
  let flags = retry === 0 ? 0 : faults.isLivelock(i) ? FaultFlag.livelock : FaultFlag.retried;
  if (staleness !== null) {
    flags |= staleness === 'removed' ? FaultFlag.staleRemoved : FaultFlag.staleUnmapped;
  }
  if (faults.end(i) === endOpen) {
    flags |= openFlags(faults, i, nowNs);
  }
  return flags;
}

function openFlags(faults: FaultTable, i: number, nowNs: number): number {
  if (!Number.isNaN(faults.resolvedNs(i))) {
    return FaultFlag.notWoken;
  }
  if (faults.lastErrno(i) === Errno.EEXIST) {
    return FaultFlag.existsNotWoken;
  }
  const isUntouched = faults.isHeld(i) && faults.story(i) === 0;
  return isUntouched && nowNs - faults.readNs(i) > nothingDoneAfterNs ? FaultFlag.readNothingDone : 0;
}

/**
 * Flags in words, the worst first.
 * @param retry how often the thread had faulted here before
 */
export function flagsInShort(flags: number, retry: number): string {
  const words: string[] = [];
  const say = (flag: number, text: string): void => {
    if ((flags & flag) !== 0) {
      words.push(text);
    }
  };
  say(FaultFlag.livelock, `livelock: ${ordinal(retry + 1)} time`);
  say(FaultFlag.existsNotWoken, 'EEXIST, nobody woken');
  say(FaultFlag.notWoken, 'resolved with DONTWAKE, not woken');
  say(FaultFlag.staleUnmapped, 'stale: page unmapped');
  say(FaultFlag.staleRemoved, 'stale: page removed');
  say(FaultFlag.readNothingDone, 'read, nothing done');
  say(FaultFlag.retried, 'faulted again after a wake that resolved nothing');
  return words.join('; ');
}

/** `1st`, `2nd`, `3rd`, `4th`, …, `11th`. */
function ordinal(n: number): string {
  const isTeen = n % 100 >= 11 && n % 100 <= 13;
  const ending = isTeen ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th');
  return `${n}${ending}`;
}
