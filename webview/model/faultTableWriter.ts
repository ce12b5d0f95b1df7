/** The faults of a session as the fold over the event log (OpenFaults) tells of them. */
import { isWakeSuppressed } from '../../native-helper/abi/uffdAbi.ts';
import { type EventRows, rowKinds } from '../../native-helper/log/eventRows.ts';
import {
  type FaultEnd,
  type OpenFault,
  type OpenFaultsListener,
} from '../../native-helper/log/openFaults.ts';
import { pageOf } from '../../native-helper/log/servedRows.ts';
import {
  chunkBits,
  chunkFaults,
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
  within,
} from './faultChunk.ts';
import {
  endHandedBack,
  endOpen,
  endSuperseded,
  endWoken,
  faultEnds,
  FaultTable,
  mainlySuperseded,
  pageBytes,
  staleness,
} from './faultTable.ts';
import { noIoctls } from './ioctlStories.ts';

/** How many faults a page keeps of a session. */
export const keptFaults = 10_000_000;

export class FaultTableWriter extends FaultTable implements OpenFaultsListener {
  private readonly threadByTid = new Map<number, number>();
  // Nearly always the next fault is of the thread of one of the last.
  private lastTid = -1;
  private lastThread = -1;
  /** Index of the latest fault of each thread, -1 for none. */
  private readonly latestByThread: number[] = [];
  private readonly kept: number;
  private readonly codeByAddress = new Map<bigint, number>();
  /** Of the fault that is raised next. */
  private nextCode = { faultId: 0, code: 0 };

  /**
   * @param startNs the session's start
   * @param kept how many faults are kept, up to a chunk more
   */
  constructor(startNs = 0, kept = keptFaults) {
    super(startNs);
    this.kept = kept;
  }

  onCode(faultId: number, address: bigint): void {
    let code = this.codeByAddress.get(address);
    if (code === undefined) {
      code = this.codes.length;
      this.codes.push(address);
      this.codeByAddress.set(address, code);
    }
    this.nextCode = { faultId, code };
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
    chunk.state[k] = (rows.faultFlags[row]! & knownFlags) << flagsShift;
    chunk.setTime(k, readColumn, servedNs - rows.readBeforeNs[row]!);
    chunk.setTime(k, resolvedColumn, servedNs);
    chunk.setTime(k, endColumn, servedNs);
    chunk.setEnd(k, endWoken, chunk.longestPhase(k));
    chunk.setStory(k, this.stories.after(noIoctls, rows.kind[row]!, 0, false));
    chunk.setServedAs(k, this.services.of(rows, row));
    this.servedCount++;
    this.tellAdded(i);
    this.tellEnded(i);
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
    if (this.nextCode.faultId === id) {
      chunk.setCode(k, this.nextCode.code);
    }
    this.count = i + 1;
    this.firstRaisedNs = Math.min(this.firstRaisedNs, raisedNs);
    return i;
  }

  private tellAdded(i: number): void {
    for (const observer of this.observers) {
      observer.added?.(i);
    }
  }

  private tellEnded(i: number): void {
    for (const observer of this.observers) {
      observer.ended(i);
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
      const k = ended & within;
      const how = faultEnds.indexOf(end);
      chunk.setTime(k, endColumn, timeNs);
      chunk.setEnd(k, how, how === endSuperseded ? mainlySuperseded : chunk.longestPhase(k));
      chunk.openCount--;
      this.open.delete(ended);
      this.openById.delete(fault.id);
    });
    this.tellEnded(i);
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

  /** Whether it was resolved and its thread still sleeps. */
  private isAsleep(i: number): boolean {
    return this.end(i) === endOpen && !Number.isNaN(this.resolvedNs(i));
  }

  private setState(i: number, bits: number, value: number): void {
    const { state } = this.chunk(i);
    state[i & within] = (state[i & within]! & ~bits) | value;
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
