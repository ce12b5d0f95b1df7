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
  private columns = newColumns(initialCapacity);

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

  id(i: number): number {
    return this.columns.id[i]!;
  }

  tid(i: number): number {
    return this.columns.tid[i]!;
  }

  /** Index of the fault's lane in `lanes`, and of its track in that lane. */
  lane(i: number): number {
    return this.columns.lane[i]!;
  }

  track(i: number): number {
    return this.columns.track[i]!;
  }

  /** Index into `faultEnds`. */
  end(i: number): number {
    return this.columns.end[i]!;
  }

  /** Index into `staleness`; 0 while the memory is what it was. */
  stale(i: number): number {
    return this.columns.stale[i]!;
  }

  /** 1 where the thread was matched from /proc, because the kernel did not name it. */
  isTidInferred(i: number): number {
    return this.columns.isTidInferred[i]!;
  }

  /** As the kernel reported it. */
  address(i: number): bigint {
    return this.columns.address[i]!;
  }

  /** 4 KiB page number of the memory as it is now. */
  page(i: number): number {
    return this.columns.page[i]!;
  }

  /** 1 where a remap has moved the memory, so that `page` is not that of `address`. */
  isMoved(i: number): number {
    return this.columns.isMoved[i]!;
  }

  flags(i: number): bigint {
    return this.columns.flags[i]!;
  }

  /** Node in `stories`: the ioctls that concerned the fault, with their results. */
  story(i: number): number {
    return this.columns.story[i]!;
  }

  /** errno of the last ioctl that failed; 0 when none did. */
  lastErrno(i: number): number {
    return this.columns.lastErrno[i]!;
  }

  /** How many times the thread had faulted here before, each time woken without a page. */
  retry(i: number): number {
    return this.columns.retry[i]!;
  }

  /** Nanoseconds on the axis of the session's trace; NaN = has not happened. */
  raisedNs(i: number): number {
    return this.columns.raisedNs[i]!;
  }

  readNs(i: number): number {
    return this.columns.readNs[i]!;
  }

  resolvedNs(i: number): number {
    return this.columns.resolvedNs[i]!;
  }

  endNs(i: number): number {
    return this.columns.endNs[i]!;
  }

  /** Index of the fault with this id, -1 when there is none. Ids ascend, for the log numbers faults as it finds them. */
  indexOf(id: number): number {
    const { count } = this;
    const ids = this.columns.id;
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
    const i = this.count;
    if (i === this.columns.id.length) {
      this.grow();
    }
    const lane = this.laneOf(fault.tid);
    this.columns.id[i] = fault.id;
    this.columns.tid[i] = fault.tid;
    this.columns.end[i] = endOpen;
    this.columns.stale[i] = 0;
    this.columns.isTidInferred[i] = fault.isTidInferred ? 1 : 0;
    this.columns.address[i] = fault.address;
    this.columns.page[i] = fault.page;
    this.columns.isMoved[i] = 0;
    this.columns.flags[i] = fault.flags;
    this.columns.story[i] = noIoctls;
    this.columns.lastErrno[i] = 0;
    this.columns.retry[i] = this.retriesBefore(fault);
    this.columns.raisedNs[i] = fault.raisedNs;
    this.columns.readNs[i] = NaN;
    this.columns.resolvedNs[i] = NaN;
    this.columns.endNs[i] = NaN;
    this.columns.lane[i] = lane;
    this.columns.track[i] = this.lanes[lane]!.add(i, this);
    this.lanes[lane]!.isInferred ||= fault.isTidInferred;
    this.count = i + 1;
    this.open.add(i);
  }

  onRead(fault: OpenFault): void {
    this.change(fault, (i) => {
      this.columns.readNs[i] = fault.readNs;
    });
  }

  onResolved(fault: OpenFault): void {
    this.change(fault, (i) => {
      this.columns.resolvedNs[i] = fault.resolvedNs;
    });
  }

  /** A write-protected page was protected again. */
  onUnresolved(fault: OpenFault): void {
    this.onResolved(fault);
  }

  onEnded(fault: OpenFault, timeNs: number, end: FaultEnd): void {
    this.change(fault, (i) => {
      this.columns.endNs[i] = timeNs;
      this.columns.end[i] = faultEnds.indexOf(end);
      this.open.delete(i);
      this.lanes[this.lane(i)]!.release(this.track(i));
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
      this.columns.stale[i] = fault.stale === null ? 0 : staleness.indexOf(fault.stale);
      this.columns.resolvedNs[i] = fault.resolvedNs;
    });
  }

  onMoved(fault: OpenFault): void {
    const i = this.indexOf(fault.id);
    this.columns.page[i] = fault.page;
    this.columns.isMoved[i] = fault.page === fault.reportedPage ? 0 : 1;
  }

  onIoctl(fault: OpenFault, rows: EventRows, row: number): void {
    const i = this.indexOf(fault.id);
    const kind = rows.kind[row]!;
    const errno = rows.errno[row]!;
    const isDontWake = isWakeSuppressed(rowKinds[kind]!, rows.flags[row]!);
    this.columns.story[i] = this.stories.after(this.story(i), kind, errno, isDontWake);
    if (errno !== 0) {
      this.columns.lastErrno[i] = errno;
    }
  }

  /** How often this fault's thread has faulted on this page before, woken each time without one. */
  private retriesBefore({ tid, reportedPage }: OpenFault): number {
    if (tid === 0) {
      return 0;
    }
    const before = this.latestByTid.get(tid);
    this.latestByTid.set(tid, this.count);
    if (before === undefined || this.end(before) !== endHandedBack) {
      return 0;
    }
    const pageBefore = Number(this.address(before) >> 12n);
    return pageBefore === reportedPage ? this.retry(before) + 1 : 0;
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
    const grown = newColumns(2 * this.columns.id.length);
    for (const [name, column] of Object.entries(this.columns)) {
      // The same column on both sides, so the element types agree.
      grown[name as keyof Columns].set(column as never);
    }
    this.columns = grown;
  }
}

type Columns = ReturnType<typeof newColumns>;

function newColumns(capacity: number) {
  return {
    id: new Uint32Array(capacity),
    tid: new Uint32Array(capacity),
    lane: new Uint32Array(capacity),
    track: new Uint32Array(capacity),
    end: new Uint8Array(capacity),
    stale: new Uint8Array(capacity),
    isTidInferred: new Uint8Array(capacity),
    address: new BigUint64Array(capacity),
    page: new Float64Array(capacity),
    isMoved: new Uint8Array(capacity),
    flags: new BigUint64Array(capacity),
    story: new Uint32Array(capacity),
    lastErrno: new Uint16Array(capacity),
    retry: new Uint32Array(capacity),
    raisedNs: new Float64Array(capacity),
    readNs: new Float64Array(capacity),
    resolvedNs: new Float64Array(capacity),
    endNs: new Float64Array(capacity),
  };
}
