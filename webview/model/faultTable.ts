/**
 * Every fault of a session as typed columns, in the order they were raised, and the
 * lanes they are drawn in. Fed by the fold over the event log (OpenFaults), so it
 * holds what that fold says and nothing else.
 */
import {
  type FaultEnd,
  type FaultStaleness,
  type OpenFault,
  type OpenFaultsListener,
} from '../../native-helper/log/openFaults.ts';
import { isWakeSuppressed } from '../../native-helper/abi/uffdAbi.ts';
import { type EventRows, rowKinds } from '../../native-helper/log/eventRows.ts';
import { FaultLane } from './faultLane.ts';
import { IoctlStories, noIoctls } from './ioctlStories.ts';

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

/** What has become of the memory a fault waits for; the index is the value of the `stale` column. */
const staleness = ['none', 'removed', 'unmapped'] as const;

/** A fault that was raised this many times more, each after a wake without a page, is a livelock. */
export const livelockFromRetries = 3;

const initialCapacity = 1024;

export class FaultTable implements OpenFaultsListener {
  count = 0;
  id = new Uint32Array(initialCapacity);
  tid = new Uint32Array(initialCapacity);
  /** Index of the fault's lane in `lanes`, and of its track in that lane. */
  lane = new Uint32Array(initialCapacity);
  track = new Uint32Array(initialCapacity);
  /** Index into `faultEnds`. */
  end = new Uint8Array(initialCapacity);
  /** Index into `staleness`; 0 while the memory is what it was. */
  stale = new Uint8Array(initialCapacity);
  /** 1 where the thread was matched from /proc, because the kernel did not name it. */
  isTidInferred = new Uint8Array(initialCapacity);
  /** As the kernel reported it. */
  address = new BigUint64Array(initialCapacity);
  /** 4 KiB page number of the memory as it is now. */
  page = new Float64Array(initialCapacity);
  /** 1 where a remap has moved the memory, so that `page` is not that of `address`. */
  isMoved = new Uint8Array(initialCapacity);
  flags = new BigUint64Array(initialCapacity);
  /** Node in `stories`: the ioctls that concerned the fault, with their results. */
  story = new Uint32Array(initialCapacity);
  /** errno of the last ioctl that failed; 0 when none did. */
  lastErrno = new Uint16Array(initialCapacity);
  /** How many times the thread had faulted here before, each time woken without a page. */
  retry = new Uint32Array(initialCapacity);
  /** Nanoseconds on the axis of the session's trace; NaN = has not happened. */
  raisedNs = new Float64Array(initialCapacity);
  readNs = new Float64Array(initialCapacity);
  resolvedNs = new Float64Array(initialCapacity);
  endNs = new Float64Array(initialCapacity);

  /** One lane per faulting thread in the order of their first fault; tid 0 holds all unknown threads. */
  readonly lanes: FaultLane[] = [];
  readonly stories = new IoctlStories();
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

  private readonly laneByTid = new Map<number, number>();
  /** Index of the latest fault of each known thread. */
  private readonly latestByTid = new Map<number, number>();

  private readonly startNs: number;

  /** @param startNs the session's start */
  constructor(startNs = 0) {
    this.startNs = startNs;
  }

  /** Index of the fault with this id, -1 when there is none. Ids ascend, for the log numbers faults as it finds them. */
  indexOf(id: number): number {
    const { id: ids, count } = this;
    // Nearly always no id between this one and the latest is missing.
    const guess = count - 1 - ((ids[count - 1] ?? 0) - id);
    if (ids[guess] === id && guess < count) {
      return guess;
    }
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (ids[middle]! < id) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low < count && ids[low] === id ? low : -1;
  }

  /** End of the fault, or `nowNs` while its thread sleeps. */
  endOrNow(i: number, nowNs: number): number {
    const endNs = this.endNs[i]!;
    return Number.isNaN(endNs) ? Math.max(nowNs, this.raisedNs[i]!) : endNs;
  }

  isHeld(i: number): boolean {
    return this.end[i] === endOpen && !Number.isNaN(this.readNs[i]!) && Number.isNaN(this.resolvedNs[i]!);
  }

  /** Whether the fault was in the kernel's queue when the session began: it is older than is known. */
  isBeforeAttach(i: number): boolean {
    return this.raisedNs[i] === this.startNs;
  }

  phase(i: number): FaultPhase {
    const end = faultEnds[this.end[i]!]!;
    if (end === 'handedBack' && this.isProcessGone && this.endNs[i]! >= this.detachNs) {
      return 'endedWithProcess';
    }
    if (end !== 'open') {
      return end;
    }
    if (!Number.isNaN(this.resolvedNs[i]!)) {
      return 'asleep';
    }
    return Number.isNaN(this.readNs[i]!) ? 'waiting' : 'held';
  }

  /** Whether its thread faults here again and again, woken each time without a page. */
  isLivelock(i: number): boolean {
    return this.retry[i]! >= livelockFromRetries;
  }

  /** Null while the memory is what it was. */
  staleness(i: number): FaultStaleness | null {
    const how = staleness[this.stale[i]!]!;
    return how === 'none' ? null : how;
  }

  /** Where its memory is now: elsewhere than it was reported after a remap. */
  memoryAddress(i: number): bigint {
    return this.isMoved[i] === 1 ? BigInt(this.page[i]!) * 4096n : this.address[i]!;
  }

  /** Whether it was resolved and its thread still sleeps. */
  private isAsleep(i: number): boolean {
    return this.end[i] === endOpen && !Number.isNaN(this.resolvedNs[i]!);
  }

  onRaised(fault: OpenFault): void {
    const i = this.count;
    if (i === this.id.length) {
      this.grow();
    }
    const lane = this.laneOf(fault.tid);
    this.id[i] = fault.id;
    this.tid[i] = fault.tid;
    this.end[i] = endOpen;
    this.stale[i] = 0;
    this.isTidInferred[i] = fault.isTidInferred ? 1 : 0;
    this.address[i] = fault.address;
    this.page[i] = fault.page;
    this.isMoved[i] = 0;
    this.flags[i] = fault.flags;
    this.story[i] = noIoctls;
    this.lastErrno[i] = 0;
    this.retry[i] = this.retriesBefore(fault);
    this.raisedNs[i] = fault.raisedNs;
    this.readNs[i] = NaN;
    this.resolvedNs[i] = NaN;
    this.endNs[i] = NaN;
    this.lane[i] = lane;
    this.track[i] = this.lanes[lane]!.add(i, this.raisedNs);
    this.lanes[lane]!.isInferred ||= fault.isTidInferred;
    this.count = i + 1;
    this.open.add(i);
  }

  onRead(fault: OpenFault): void {
    this.change(fault, (i) => {
      this.readNs[i] = fault.readNs;
    });
  }

  onResolved(fault: OpenFault): void {
    this.change(fault, (i) => {
      this.resolvedNs[i] = fault.resolvedNs;
    });
  }

  /** A write-protected page was protected again. */
  onUnresolved(fault: OpenFault): void {
    this.onResolved(fault);
  }

  onEnded(fault: OpenFault, timeNs: number, end: FaultEnd): void {
    this.change(fault, (i) => {
      this.endNs[i] = timeNs;
      this.end[i] = faultEnds.indexOf(end);
      this.open.delete(i);
      this.lanes[this.lane[i]!]!.release(this.track[i]!);
    });
  }

  /** Changes an open fault and keeps the counts in step. */
  private change(fault: OpenFault, apply: (i: number) => void): void {
    const i = this.indexOf(fault.id);
    const wasHeld = this.isHeld(i);
    const wasAsleep = this.isAsleep(i);
    apply(i);
    this.heldCount += Number(this.isHeld(i)) - Number(wasHeld);
    this.asleepCount += Number(this.isAsleep(i)) - Number(wasAsleep);
  }

  /** Its page was dropped or its address unmapped: what was provided is gone too. */
  onStale(fault: OpenFault): void {
    this.change(fault, (i) => {
      this.stale[i] = fault.stale === null ? 0 : staleness.indexOf(fault.stale);
      this.resolvedNs[i] = fault.resolvedNs;
    });
  }

  onMoved(fault: OpenFault): void {
    const i = this.indexOf(fault.id);
    this.page[i] = fault.page;
    this.isMoved[i] = fault.page === fault.reportedPage ? 0 : 1;
  }

  onIoctl(fault: OpenFault, rows: EventRows, row: number): void {
    const i = this.indexOf(fault.id);
    const kind = rows.kind[row]!;
    const errno = rows.errno[row]!;
    const isDontWake = isWakeSuppressed(rowKinds[kind]!, rows.flags[row]!);
    this.story[i] = this.stories.after(this.story[i]!, kind, errno, isDontWake);
    if (errno !== 0) {
      this.lastErrno[i] = errno;
    }
  }

  /** How often this fault's thread has faulted on this page before, woken each time without one. */
  private retriesBefore({ tid, reportedPage }: OpenFault): number {
    if (tid === 0) {
      return 0;
    }
    const before = this.latestByTid.get(tid);
    this.latestByTid.set(tid, this.count);
    if (before === undefined || this.end[before] !== endHandedBack) {
      return 0;
    }
    const pageBefore = Number(this.address[before]! >> 12n);
    return pageBefore === reportedPage ? this.retry[before]! + 1 : 0;
  }

  private laneOf(tid: number): number {
    let lane = this.laneByTid.get(tid);
    if (lane === undefined) {
      lane = this.lanes.length;
      this.lanes.push(new FaultLane(tid));
      this.laneByTid.set(tid, lane);
    }
    return lane;
  }

  private grow(): void {
    const capacity = 2 * this.id.length;
    const grown = <T extends { set(from: T): void }>(column: T, empty: T): T => {
      empty.set(column);
      return empty;
    };
    this.id = grown(this.id, new Uint32Array(capacity));
    this.tid = grown(this.tid, new Uint32Array(capacity));
    this.lane = grown(this.lane, new Uint32Array(capacity));
    this.track = grown(this.track, new Uint32Array(capacity));
    this.end = grown(this.end, new Uint8Array(capacity));
    this.stale = grown(this.stale, new Uint8Array(capacity));
    this.isTidInferred = grown(this.isTidInferred, new Uint8Array(capacity));
    this.address = grown(this.address, new BigUint64Array(capacity));
    this.page = grown(this.page, new Float64Array(capacity));
    this.isMoved = grown(this.isMoved, new Uint8Array(capacity));
    this.flags = grown(this.flags, new BigUint64Array(capacity));
    this.story = grown(this.story, new Uint32Array(capacity));
    this.lastErrno = grown(this.lastErrno, new Uint16Array(capacity));
    this.retry = grown(this.retry, new Uint32Array(capacity));
    this.raisedNs = grown(this.raisedNs, new Float64Array(capacity));
    this.readNs = grown(this.readNs, new Float64Array(capacity));
    this.resolvedNs = grown(this.resolvedNs, new Float64Array(capacity));
    this.endNs = grown(this.endNs, new Float64Array(capacity));
  }
}
