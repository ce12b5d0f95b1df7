/**
 * The lanes a session's faults are drawn in: one per thread, per registered range, or per instruction. It
 * follows the table of faults from the first one on, so that lanes grouped another way can be
 * made beside those that are shown.
 */
import { type ChunkPart } from './chunkPart.ts';
import { chunkBits, chunkFaults } from './faultChunk.ts';
import { FaultLane, type LaneOf, mostTracks, worstOf } from './faultLane.ts';
import { type FaultObserver, type FaultTable } from './faultTable.ts';
import { codeAddress } from './faultWords.ts';
import { type RangeIndex } from './rangeIndex.ts';

export const laneGroupings = ['thread', 'range', 'code'] as const;
export type LaneBy = (typeof laneGroupings)[number];

/** Faults placed between two yields. */
const sliceLength = 4096;

export class LaneSet implements FaultObserver {
  readonly laneBy: LaneBy;
  /** In the order of their first fault. */
  readonly list: FaultLane[] = [];
  readonly faults: FaultTable;
  /** Where ranges are looked up when a fault comes. */
  private readonly ranges: () => RangeIndex;
  /** Faults placed so far. */
  private placed: number;
  /** Where lanes are not by thread: by what their faults have in common. */
  private readonly laneByKey = new Map<string | number, number>();
  // By chunk, and only of chunks that have any: lanes that are not by thread, and tracks other than the first.
  private readonly laneColumns: (Uint16Array | undefined)[] = [];
  private readonly trackColumns: (Uint8Array | undefined)[] = [];

  constructor(faults: FaultTable, laneBy: LaneBy, ranges: () => RangeIndex) {
    this.faults = faults;
    this.laneBy = laneBy;
    this.ranges = ranges;
    this.placed = faults.first;
  }

  /** Index in `list` of the lane of fault `i`. */
  lane(i: number): number {
    return this.laneBy === 'thread'
      ? this.faults.thread(i)
      : this.laneColumns[i >>> chunkBits]![i & (chunkFaults - 1)]!;
  }

  /** Track of fault `i` in its lane. */
  track(i: number): number {
    return this.trackColumns[i >>> chunkBits]?.[i & (chunkFaults - 1)] ?? 0;
  }

  /** Writes to `tracks` the track of each fault of a part: its lane times `mostTracks`, and its track there. */
  tracksOf({ chunk, firstIndex, places, count }: ChunkPart, tracks: Uint32Array): void {
    const laneColumn = this.laneColumns[firstIndex >>> chunkBits];
    const trackColumn = this.trackColumns[firstIndex >>> chunkBits];
    for (let n = 0; n < count; n++) {
      const k = places[n]!;
      const lane = laneColumn === undefined ? chunk.thread(k) : laneColumn[k]!;
      tracks[n] = mostTracks * lane + (trackColumn === undefined ? 0 : trackColumn[k]!);
    }
  }

  /** The worst fault that is over and touches the stretch, -1 for none. */
  worstIn(startNs: number, endNs: number): number {
    return worstOf(
      this.list.map((lane) => lane.worstIn(startNs, endNs, this.faults)),
      this.faults,
    );
  }

  /** Gives all known threads a lane, with room for their faults. */
  expectThreads(): void {
    if (this.laneBy === 'thread') {
      this.addThreadsUpTo(this.faults.tids.length);
      this.list.forEach((lane) => lane.expectFaults());
    }
  }

  added(i: number): void {
    if (i === this.placed) {
      this.place(i);
      this.placed++;
    }
  }

  ended(i: number): void {
    if (i < this.placed) {
      const { faults } = this;
      this.list[this.lane(i)]!.ended(i, this.track(i), faults);
    }
  }

  dropped(first: number): void {
    for (let chunk = 0; chunk < first >>> chunkBits; chunk++) {
      if (!this.faults.isKnown(chunk * chunkFaults)) {
        this.laneColumns[chunk] = undefined;
        this.trackColumns[chunk] = undefined;
      }
    }
    for (const lane of this.list) {
      for (const track of lane.tracks) {
        track.dropBefore(first);
      }
    }
  }

  /**
   * Places the faults there are. A generator: it yields so that its caller may stop for a while,
   * and when it is done no fault is missing.
   */
  *placeAll(): Generator<undefined, undefined, undefined> {
    const { faults } = this;
    [...faults.open].filter((i) => i < this.placed).forEach((i) => this.place(i));
    while (this.placed < faults.count) {
      this.placed = Math.max(this.placed, faults.first);
      const until = Math.min(faults.count, this.placed + sliceLength);
      while (this.placed < until) {
        const i = this.placed++;
        this.place(i);
        if (!Number.isNaN(faults.endNs(i))) {
          this.ended(i);
        }
      }
      if (this.placed < faults.count) {
        yield;
      }
    }
    return undefined;
  }

  private place(i: number): void {
    const { faults } = this;
    const at = this.laneOfFault(i);
    const lane = this.list[at]!;
    lane.isInferred ||= faults.isTidInferred(i) === 1;
    const track = lane.add(i, faults);
    if (track !== 0) {
      const tracks = (this.trackColumns[i >>> chunkBits] ??= new Uint8Array(chunkFaults));
      tracks[i & (chunkFaults - 1)] = track;
    }
  }

  private laneOfFault(i: number): number {
    switch (this.laneBy) {
      case 'thread':
        return this.laneOfThread(i);
      case 'range':
        return this.laneOfRange(i);
      case 'code':
        return this.laneOfCode(i);
    }
  }

  private laneOfThread(i: number): number {
    const thread = this.faults.thread(i);
    // Threads whose faults are no longer kept have their lane too, for the indexes agree.
    this.addThreadsUpTo(thread + 1);
    return thread;
  }

  private addThreadsUpTo(count: number): void {
    while (this.list.length < count) {
      this.list.push(new FaultLane({ by: 'thread', tid: this.faults.tids[this.list.length]! }));
    }
  }

  private laneOfRange(i: number): number {
    const ranges = this.ranges();
    const range = ranges.ranges[ranges.at(this.faults.reportedPage(i))];
    return this.laneOf(i, range === undefined ? '' : `${range.start}+${range.lengthBytes}`, () => ({
      by: 'range',
      range:
        range === undefined
          ? null
          : { page: Number(BigInt(range.start) >> 12n), lengthBytes: range.lengthBytes },
    }));
  }

  private laneOfCode(i: number): number {
    return this.laneOf(i, this.faults.code(i), () => ({ by: 'code', code: codeAddress(this.faults, i) }));
  }

  /** The lane of fault `i`, which is that of all with the same key, and is kept with it. */
  private laneOf(i: number, key: string | number, of: () => LaneOf): number {
    let lane = this.laneByKey.get(key);
    if (lane === undefined) {
      lane = this.list.length;
      this.list.push(new FaultLane(of()));
      this.laneByKey.set(key, lane);
    }
    const lanes = (this.laneColumns[i >>> chunkBits] ??= new Uint16Array(chunkFaults));
    lanes[i & (chunkFaults - 1)] = lane;
    return lane;
  }
}
