/**
 * The faults of a session as typed columns in chunks, in the order they were raised. Fed by the
 * fold over the event log (OpenFaults), so it holds what that fold says and nothing else.
 *
 * Only so many are kept: the oldest chunk goes when there are more. A fault whose thread still
 * sleeps stays known, however old.
 */
import {
  type FaultEnd,
  type FaultStaleness,
  type OpenFault,
  type OpenFaultsListener,
} from '../../native-helper/log/openFaults.ts';
import { isWakeSuppressed } from '../../native-helper/abi/uffdAbi.ts';
import { type EventRow, type EventRows, rowKinds } from '../../native-helper/log/eventRows.ts';
import {
  chunkBits,
  chunkFaults,
  endBits,
  endColumn,
  FaultChunk,
  flagsShift,
  inferredBit,
  knownFlags,
  movedBit,
  readColumn,
  resolvedColumn,
  staleBits,
  staleShift,
  unknownFlagsBit,
} from './faultChunk.ts';
import { pageOf } from '../../native-helper/log/servedRows.ts';
import { IoctlStories, noIoctls } from './ioctlStories.ts';
import { Services } from './services.ts';

/** How a fault stands; the index is the value of the `end` column. */
export const faultEnds = ['open', 'woken', 'handedBack', 'superseded'] as const;
export type FaultEndOrOpen = (typeof faultEnds)[number];
/** Value of the `end` column of a fault whose thread still sleeps. */
export const endOpen = 0;
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

/** What has become of the memory a fault waits for; the index is the value of the `stale` column. */
const staleness = ['none', 'removed', 'unmapped'] as const;

/** A fault that was raised this many times more, each after a wake without a page, is a livelock. */
export const livelockFromRetries = 3;

/** How many faults a page keeps of a session. */
export const keptFaults = 10_000_000;

const pageBytes = 4096;
/** Mask of a fault's place in its chunk. */
const within = chunkFaults - 1;
const endWoken = faultEnds.indexOf('woken');

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
  /**
   * Its thread sleeps no more.
   * @param phase index into `mainPhases`: what it mostly was
   */
  ended(i: number, phase: number): void;
  /** Faults before `first` are no longer kept. */
  dropped?(first: number): void;
}

export class FaultTable implements OpenFaultsListener {
  /** Faults since the session began. */
  count = 0;
  /** Index of the oldest fault that is kept; those before it are known only while they are open. */
  first = 0;
  private readonly chunks: (FaultChunk | undefined)[] = [];

  /** Thread ids in the order of their first fault; 0 stands for all unknown threads. */
  readonly tids: number[] = [];
  readonly stories = new IoctlStories();
  private readonly services = new Services();
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

  private readonly openById = new Map<number, number>();
  private readonly threadByTid = new Map<number, number>();
  // Nearly always the next fault is of the thread of one of the last.
  private lastTid = -1;
  private lastThread = -1;
  /** Index of the latest fault of each thread, -1 for none. */
  private readonly latestByThread: number[] = [];
  private observers: readonly FaultObserver[] = [];

  private readonly startNs: number;
  private readonly kept: number;

  /**
   * @param startNs the session's start
   * @param kept how many faults are kept, up to a chunk more
   */
  constructor(startNs = 0, kept = keptFaults) {
    this.startNs = startNs;
    this.kept = kept;
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

  private setState(i: number, bits: number, value: number): void {
    const { state } = this.chunk(i);
    state[i & within] = (state[i & within]! & ~bits) | value;
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
    if (this.end(i) === endSuperseded) {
      return mainPhases.indexOf('superseded');
    }
    return this.chunk(i).longestPhase(i & within);
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

  /** Whether it was resolved and its thread still sleeps. */
  private isAsleep(i: number): boolean {
    return this.end(i) === endOpen && !Number.isNaN(this.resolvedNs(i));
  }

  onRaised(fault: OpenFault): void {
    const i = this.add(fault.id, fault.tid, fault.reportedPage, fault.raisedNs);
    const chunk = this.chunk(i);
    const k = i & within;
    chunk.setOffset(k, Number(fault.address & BigInt(pageBytes - 1)));
    const known = Number(fault.flags & BigInt(knownFlags));
    const isKnown = fault.flags === BigInt(known);
    if (!isKnown) {
      chunk.setUnknownFlags(k, fault.flags);
    }
    chunk.state[k] =
      (known << flagsShift) | (isKnown ? 0 : unknownFlagsBit) | (fault.isTidInferred ? inferredBit : 0);
    chunk.openCount++;
    this.open.add(i);
    this.openById.set(fault.id, i);
    this.tellAdded(i);
  }

  /** A fault that was served at once: straight from the columns of its row. */
  onServed(rows: EventRows, row: number): void {
    const servedNs = rows.timeNs[row]!;
    const raisedNs = servedNs - rows.raisedBeforeNs[row]!;
    const i = this.add(rows.faultId[row]!, rows.tid[row]!, pageOf(rows, row), raisedNs);
    const chunk = this.chunk(i);
    const k = i & within;
    chunk.setOffset(k, rows.addressWords[2 * row]! & (pageBytes - 1));
    chunk.state[k] = endWoken | ((rows.faultFlags[row]! & knownFlags) << flagsShift);
    chunk.setTime(k, readColumn, servedNs - rows.readBeforeNs[row]!);
    chunk.setTime(k, resolvedColumn, servedNs);
    chunk.setTime(k, endColumn, servedNs);
    chunk.setStory(k, this.stories.after(noIoctls, rows.kind[row]!, 0, false));
    chunk.setServedAs(k, this.services.of(rows, row));
    this.servedCount++;
    this.tellAdded(i);
    // As `mainPhase` says, without reading back what was just written.
    this.tellEnded(i, 2 * rows.readBeforeNs[row]! < rows.raisedBeforeNs[row]! ? 0 : 1);
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

  /** Appends a fault of which nothing is known yet but this. */
  private add(id: number, tid: number, page: number, raisedNs: number): number {
    const i = this.count;
    const k = i & within;
    if (k === 0) {
      this.chunks.push(new FaultChunk());
      this.dropOld();
    }
    const chunk = this.chunk(i);
    const thread = this.threadOf(tid);
    chunk.setId(k, id);
    chunk.raisedNs[k] = raisedNs;
    chunk.setPage(k, page);
    chunk.setThread(k, thread);
    chunk.setRetry(k, this.retriesBefore(thread, page));
    this.count = i + 1;
    this.firstRaisedNs = Math.min(this.firstRaisedNs, raisedNs);
    return i;
  }

  private tellAdded(i: number): void {
    for (const observer of this.observers) {
      observer.added?.(i);
    }
  }

  private tellEnded(i: number, phase: number): void {
    for (const observer of this.observers) {
      observer.ended(i, phase);
    }
  }

  /** Lets the oldest chunks go when more faults are there than are kept. */
  private dropOld(): void {
    const firstBefore = this.first;
    while (this.count - this.first > this.kept && this.first + chunkFaults <= this.count) {
      this.first += chunkFaults;
      this.forgetIfOver((this.first >>> chunkBits) - 1);
    }
    if (this.first !== firstBefore) {
      for (const observer of this.observers) {
        observer.dropped?.(this.first);
      }
    }
  }

  /** Frees a dropped chunk once no fault of it is open. */
  private forgetIfOver(chunk: number): void {
    if ((chunk + 1) * chunkFaults <= this.first && this.chunks[chunk]!.openCount === 0) {
      this.chunks[chunk] = undefined;
    }
  }

  onRead(fault: OpenFault): void {
    this.change(fault, (i) => {
      this.chunk(i).setTime(i & within, readColumn, fault.readNs);
    });
  }

  onResolved(fault: OpenFault): void {
    this.change(fault, (i) => {
      this.chunk(i).setTime(i & within, resolvedColumn, fault.resolvedNs);
    });
  }

  /** A write-protected page was protected again. */
  onUnresolved(fault: OpenFault): void {
    this.onResolved(fault);
  }

  onEnded(fault: OpenFault, timeNs: number, end: FaultEnd): void {
    const i = this.change(fault, (ended) => {
      const chunk = this.chunk(ended);
      chunk.setTime(ended & within, endColumn, timeNs);
      chunk.openCount--;
      this.setState(ended, endBits, faultEnds.indexOf(end));
      this.open.delete(ended);
      this.openById.delete(fault.id);
    });
    this.tellEnded(i, this.mainPhase(i));
    this.forgetIfOver(i >>> chunkBits);
  }

  /** Changes an open fault and keeps the counts in step; returns its index. */
  private change(fault: OpenFault, apply: (i: number) => void): number {
    const i = this.indexOf(fault.id);
    const wasHeld = this.isHeld(i);
    const wasAsleep = this.isAsleep(i);
    apply(i);
    this.heldCount += Number(this.isHeld(i)) - Number(wasHeld);
    this.asleepCount += Number(this.isAsleep(i)) - Number(wasAsleep);
    return i;
  }

  /** Its page was dropped or its address unmapped: what was provided is gone too. */
  onStale(fault: OpenFault): void {
    this.change(fault, (i) => {
      const how = fault.stale === null ? 0 : staleness.indexOf(fault.stale);
      this.setState(i, staleBits, how << staleShift);
      this.chunk(i).setTime(i & within, resolvedColumn, fault.resolvedNs);
    });
  }

  onMoved(fault: OpenFault): void {
    const i = this.indexOf(fault.id);
    this.chunk(i).setMovedPage(i & within, fault.page);
    this.setState(i, movedBit, fault.page === fault.reportedPage ? 0 : movedBit);
  }

  onIoctl(fault: OpenFault, rows: EventRows, row: number): void {
    const i = this.indexOf(fault.id);
    const kind = rows.kind[row]!;
    const isDontWake = isWakeSuppressed(rowKinds[kind]!, rows.flags[row]!);
    const story = this.stories.after(this.story(i), kind, rows.errno[row]!, isDontWake);
    this.chunk(i).setStory(i & within, story);
  }

  /** How often this thread has faulted on this page before, woken each time without one. */
  private retriesBefore(thread: number, page: number): number {
    if (this.tids[thread] === 0) {
      return 0;
    }
    const before = this.latestByThread[thread]!;
    this.latestByThread[thread] = this.count;
    if (before < this.first || this.end(before) !== endHandedBack) {
      return 0;
    }
    return this.reportedPage(before) === page ? this.retry(before) + 1 : 0;
  }

  /** Makes a thread known before its first fault comes. */
  expectThread(tid: number): void {
    this.threadOf(tid);
  }

  private threadOf(tid: number): number {
    if (tid === this.lastTid) {
      return this.lastThread;
    }
    let thread = this.threadByTid.get(tid);
    if (thread === undefined) {
      thread = this.tids.length;
      this.tids.push(tid);
      this.latestByThread.push(-1);
      this.threadByTid.set(tid, thread);
    }
    this.lastTid = tid;
    this.lastThread = thread;
    return thread;
  }
}
