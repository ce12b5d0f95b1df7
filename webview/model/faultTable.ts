/**
 * The faults of a session as typed columns in chunks, in the order they were raised. They hold what
 * the fold over the event log says (FaultTableWriter) and nothing else.
 *
 * Only so many are kept: the oldest chunk goes when there are more. A fault whose thread still
 * sleeps stays known, however old.
 */
import { type EventRow } from '../../native-helper/log/eventRows.ts';
import { type FaultEnd, type FaultStaleness } from '../../native-helper/log/openFaults.ts';
import {
  chunkBits,
  chunkFaults,
  endColumn,
  FaultChunk,
  inferredBit,
  readColumn,
  resolvedColumn,
  staleBits,
  staleShift,
  unknownFlagsBit,
  within,
} from './faultChunk.ts';
import { IoctlStories } from './ioctlStories.ts';
import { Services } from './services.ts';

/** How a fault stands; the index is the value of the `end` column. */
export const faultEnds = ['open', 'woken', 'handedBack', 'superseded'] as const;
export type FaultEndOrOpen = (typeof faultEnds)[number];
/** Value of the `end` column of a fault whose thread still sleeps. */
export const endOpen = 0;
export const endWoken = faultEnds.indexOf('woken');
export const endHandedBack = faultEnds.indexOf('handedBack');
export const endSuperseded = faultEnds.indexOf('superseded');

/**
 * What a fault is at this moment:
 * waiting = nobody has read it; held = read, unresolved; asleep = resolved, its thread not woken;
 * endedWithProcess = handed back by the end of a session whose process was gone; the others
 * are over.
 */
export type FaultPhase = 'waiting' | 'held' | 'asleep' | FaultEnd | 'endedWithProcess';

/** What a fault that is over mostly was: which phase was the longest. At most four. */
export const mainPhases = ['waiting', 'held', 'asleep', 'superseded'] as const;
export type MainPhase = (typeof mainPhases)[number];
export const mainlySuperseded = mainPhases.indexOf('superseded');

/** What has become of the memory a fault waits for; the index is the value of the `stale` column. */
export const staleness = ['none', 'removed', 'unmapped'] as const;

/** A fault that was raised this many times more, each after a wake without a page, is a livelock. */
export const livelockFromRetries = 3;

export const pageBytes = 4096;

/** What is read of faults that are no longer kept, by whoever has not heard of that yet: woken, and nothing else. */
let forgotten: FaultChunk | undefined;

function forgottenChunk(): FaultChunk {
  const chunk = new FaultChunk();
  chunk.state.fill(endWoken);
  return chunk;
}

/** Who follows the table. Times and end of fault `i` are there when it is told. */
export interface FaultObserver {
  /** A fault was raised; one that was served at once has its end already. */
  added?(i: number): void;
  /** Its thread sleeps no more. */
  ended(i: number): void;
  /** Faults before `first` are no longer kept. */
  dropped?(first: number): void;
}

export class FaultTable {
  /** Faults since the session began. */
  count = 0;
  /** Index of the oldest fault that is kept; those before it are known only while they are open. */
  first = 0;
  protected readonly chunks: (FaultChunk | undefined)[] = [];

  /** Thread ids in the order of their first fault; 0 stands for all unknown threads. */
  readonly tids: number[] = [];
  /** Addresses of instructions in the order of their first fault; the first, 0, stands for all unknown ones. */
  readonly codes: bigint[] = [0n];
  readonly stories = new IoctlStories();
  protected readonly services = new Services();
  /** Faults so far that were served at once. */
  servedCount = 0;
  /** When the first of all faults was raised, also when it is no longer kept; Infinity without one. */
  firstRaisedNs = Infinity;
  /** Indexes of the faults whose threads sleep, oldest first. */
  readonly open = new Set<number>();
  /** Faults read and neither resolved nor over. */
  heldCount = 0;
  /** Faults resolved whose threads still sleep. */
  asleepCount = 0;
  /** When the end of the session began to hand faults back; Infinity while it goes on. */
  detachNs = Infinity;
  /** Whether the session ended because its process, or the memory of it, was gone. */
  isProcessGone = false;

  protected readonly openById = new Map<number, number>();
  protected observers: readonly FaultObserver[] = [];

  private readonly startNs: number;

  /** @param startNs the session's start */
  constructor(startNs: number) {
    this.startNs = startNs;
  }

  /** Tells `observer` of every change from now on; returns how to stop that. */
  observe(observer: FaultObserver): () => void {
    this.observers = [...this.observers, observer];
    return () => {
      this.observers = this.observers.filter((other) => other !== observer);
    };
  }

  /** The chunk that holds fault `i`. */
  chunk(i: number): FaultChunk {
    return this.chunks[i >>> chunkBits] ?? (forgotten ??= forgottenChunk());
  }

  /** Whether fault `i` can be asked about: it is kept, or one that was raised with it is still open. */
  isKnown(i: number): boolean {
    return this.chunks[i >>> chunkBits] !== undefined;
  }

  id(i: number): number {
    return this.chunk(i).id(i & within);
  }

  /** Whether nothing is wrong with the fault that a flag would tell. */
  isPlain(i: number): boolean {
    return this.chunk(i).isPlain(i & within);
  }

  /** Index of the fault's thread in `tids`. */
  thread(i: number): number {
    return this.chunk(i).thread(i & within);
  }

  tid(i: number): number {
    return this.tids[this.thread(i)]!;
  }

  /** Index in `codes` of the instruction that raised the fault; 0 when it is not known. */
  code(i: number): number {
    return this.chunk(i).code(i & within);
  }

  /** Index into `faultEnds`. */
  end(i: number): number {
    return this.chunk(i).end(i & within);
  }

  /** Index into `staleness`; 0 while the memory is what it was. */
  stale(i: number): number {
    return (this.state(i) & staleBits) >>> staleShift;
  }

  /** 1 where the thread was matched from /proc, because the kernel did not name it. */
  isTidInferred(i: number): number {
    return (this.state(i) & inferredBit) === 0 ? 0 : 1;
  }

  private state(i: number): number {
    return this.chunk(i).state[i & within]!;
  }

  /** As the kernel reported it. */
  address(i: number): bigint {
    const chunk = this.chunk(i);
    return BigInt(chunk.page(i & within)) * BigInt(pageBytes) + BigInt(chunk.offset(i & within));
  }

  /** 4 KiB page number of the address. */
  reportedPage(i: number): number {
    return this.chunk(i).page(i & within);
  }

  /** 4 KiB page number of the memory as it is now. */
  page(i: number): number {
    return this.chunk(i).memoryPage(i & within);
  }

  /** 1 where a remap has moved the memory, so that `page` is not that of `address`. */
  isMoved(i: number): number {
    return this.chunk(i).isMoved(i & within);
  }

  /** The flags as a number where all of them are known: WRITE, WP and MINOR. */
  knownFlags(i: number): number {
    return this.chunk(i).knownFlags(i & within);
  }

  flags(i: number): bigint {
    return (this.state(i) & unknownFlagsBit) === 0
      ? BigInt(this.knownFlags(i))
      : this.chunk(i).unknownFlags(i & within);
  }

  /** Node in `stories`: the ioctls that concerned the fault, with their results. */
  story(i: number): number {
    return this.chunk(i).story(i & within);
  }

  /** errno of the last ioctl that failed; 0 when none did. */
  lastErrno(i: number): number {
    return this.stories.lastErrno(this.story(i));
  }

  /** How many times the thread had faulted here before, each time woken without a page. */
  retry(i: number): number {
    return this.chunk(i).retry(i & within);
  }

  /** Nanoseconds on the axis of the session's trace; NaN = has not happened. */
  raisedNs(i: number): number {
    return this.chunk(i).raisedNs[i & within]!;
  }

  readNs(i: number): number {
    return this.chunk(i).time(i & within, readColumn);
  }

  resolvedNs(i: number): number {
    return this.chunk(i).time(i & within, resolvedColumn);
  }

  endNs(i: number): number {
    return this.chunk(i).time(i & within, endColumn);
  }

  /** Index of the fault with this id, -1 when there is none or it is no longer kept. */
  indexOf(id: number): number {
    const open = this.openById.get(id);
    if (open !== undefined) {
      return open;
    }
    for (let n = this.chunks.length - 1; n >= this.first >>> chunkBits; n--) {
      const k = this.chunks[n]!.placeOf(id);
      if (k !== -1) {
        return n * chunkFaults + k;
      }
    }
    return -1;
  }

  /** End of the fault, or `nowNs` while its thread sleeps. */
  endOrNow(i: number, nowNs: number): number {
    const endNs = this.endNs(i);
    return Number.isNaN(endNs) ? Math.max(nowNs, this.raisedNs(i)) : endNs;
  }

  isHeld(i: number): boolean {
    return this.end(i) === endOpen && !Number.isNaN(this.readNs(i)) && Number.isNaN(this.resolvedNs(i));
  }

  /** Whether the fault was in the kernel's queue when the session began: it is older than is known. */
  isBeforeAttach(i: number): boolean {
    return this.raisedNs(i) === this.startNs;
  }

  /** Index into `mainPhases` of what a fault that is over mostly was. */
  mainPhase(i: number): number {
    return this.chunk(i).mainPhase(i & within);
  }

  phase(i: number): FaultPhase {
    const end = faultEnds[this.end(i)]!;
    if (end === 'handedBack' && this.isProcessGone && this.endNs(i) >= this.detachNs) {
      return 'endedWithProcess';
    }
    if (end !== 'open') {
      return end;
    }
    if (!Number.isNaN(this.resolvedNs(i))) {
      return 'asleep';
    }
    return Number.isNaN(this.readNs(i)) ? 'waiting' : 'held';
  }

  /** Whether its thread faults here again and again, woken each time without a page. */
  isLivelock(i: number): boolean {
    return this.retry(i) >= livelockFromRetries;
  }

  /** Null while the memory is what it was. */
  staleness(i: number): FaultStaleness | null {
    const how = staleness[this.stale(i)]!;
    return how === 'none' ? null : how;
  }

  /** Where its memory is now: elsewhere than it was reported after a remap. */
  memoryAddress(i: number): bigint {
    return this.isMoved(i) === 1 ? BigInt(this.page(i)) * 4096n : this.address(i);
  }

  /** The events of a fault that was served at once; empty when it was not. */
  servedEvents(i: number): EventRow[] {
    const how = this.chunk(i).servedAs(i & within);
    return how === 0
      ? []
      : this.services.events(how, {
          faultId: this.id(i),
          address: this.address(i),
          tid: this.tid(i),
          flags: this.flags(i),
          raisedNs: this.raisedNs(i),
          readNs: this.readNs(i),
          servedNs: this.endNs(i),
        });
  }
}
