/**
 * Every fault of a session as typed columns, in the order they were raised, and the
 * lanes they are drawn in. Fed by the fold over the event log (OpenFaults), so it
 * holds what that fold says and nothing else.
 */
import {
  type FaultEnd,
  type OpenFault,
  type OpenFaultsListener,
} from '../../native-helper/log/openFaults.ts';
import { FaultLane } from './faultLane.ts';

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
  address = new BigUint64Array(initialCapacity);
  flags = new BigUint64Array(initialCapacity);
  /** Nanoseconds since the session's start; NaN = has not happened. */
  raisedNs = new Float64Array(initialCapacity);
  readNs = new Float64Array(initialCapacity);
  resolvedNs = new Float64Array(initialCapacity);
  endNs = new Float64Array(initialCapacity);

  /** One lane per faulting thread in the order of their first fault; tid 0 holds all unknown threads. */
  readonly lanes: FaultLane[] = [];
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
  private readonly indexById = new Map<number, number>();

  /** Index of the fault with this id, -1 when there is none. */
  indexOf(id: number): number {
    return this.indexById.get(id) ?? -1;
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
    return this.raisedNs[i] === 0;
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

  onRaised(fault: OpenFault): void {
    const i = this.count;
    if (i === this.id.length) {
      this.grow();
    }
    const lane = this.laneOf(fault.tid);
    this.id[i] = fault.id;
    this.tid[i] = fault.tid;
    this.end[i] = endOpen;
    this.address[i] = fault.address;
    this.flags[i] = fault.flags;
    this.raisedNs[i] = fault.raisedNs;
    this.readNs[i] = NaN;
    this.resolvedNs[i] = NaN;
    this.endNs[i] = NaN;
    this.lane[i] = lane;
    this.track[i] = this.lanes[lane]!.add(i, this.raisedNs);
    this.count = i + 1;
    this.indexById.set(fault.id, i);
    this.open.add(i);
  }

  onRead(fault: OpenFault): void {
    const i = this.indexOf(fault.id);
    if (Number.isNaN(this.readNs[i]!) && Number.isNaN(this.resolvedNs[i]!)) {
      this.heldCount++;
    }
    this.readNs[i] = fault.readNs;
  }

  onResolved(fault: OpenFault): void {
    const i = this.indexOf(fault.id);
    if (this.isHeld(i)) {
      this.heldCount--;
    }
    this.resolvedNs[i] = fault.resolvedNs;
    this.asleepCount++;
  }

  onEnded(fault: OpenFault, timeNs: number, end: FaultEnd): void {
    const i = this.indexOf(fault.id);
    if (this.isHeld(i)) {
      this.heldCount--;
    }
    if (!Number.isNaN(this.resolvedNs[i]!)) {
      this.asleepCount--;
    }
    this.endNs[i] = timeNs;
    this.end[i] = faultEnds.indexOf(end);
    this.open.delete(i);
    this.lanes[this.lane[i]!]!.release(this.track[i]!);
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
    this.address = grown(this.address, new BigUint64Array(capacity));
    this.flags = grown(this.flags, new BigUint64Array(capacity));
    this.raisedNs = grown(this.raisedNs, new Float64Array(capacity));
    this.readNs = grown(this.readNs, new Float64Array(capacity));
    this.resolvedNs = grown(this.resolvedNs, new Float64Array(capacity));
    this.endNs = grown(this.endNs, new Float64Array(capacity));
  }
}
