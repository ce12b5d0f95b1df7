/** The faults of one lane, in tracks: rows in which, as far as there is room, no two faults overlap. */
import { type Hex } from '../../native-helper/protocol/conventions.ts';
import { type FaultTable } from './faultTable.ts';
import { type CellVisitor, type FaultPhases } from './latencyBuckets.ts';
import { forEachCellOf, LatencyLevels, shortBelowNs } from './latencyLevels.ts';

/** A lane has no more tracks than this: further faults are folded into the last one. */
export const mostTracks = 4;

/** What the faults of a lane have in common. */
export type LaneOf =
  /** Thread id as the kernel reported it; 0 when unknown. */
  | { readonly by: 'thread'; readonly tid: number }
  /** Address in hex of the instruction that raised them; null when unknown. */
  | { readonly by: 'code'; readonly code: Hex | null }
  /** A registered range by its first 4 KiB page and length; null for faults in none. */
  | { readonly by: 'range'; readonly range: { readonly page: number; readonly lengthBytes: number } | null };

/** When each fault was raised and when it ended. */
export type FaultTimes = Pick<FaultTable, 'raisedNs' | 'endNs'>;
/** The same, and what it mostly was. */
export type FaultSpans = FaultTimes & FaultPhases;

export class FaultLane {
  readonly of: LaneOf;
  readonly tracks: FaultTrack[] = [];
  /** Whether the kernel did not name the thread of some fault here: it was matched from /proc. */
  isInferred = false;

  constructor(of: LaneOf) {
    this.of = of;
  }

  /** Makes room for faults to come. */
  expectFaults(): void {
    if (this.tracks.length === 0) {
      this.tracks.push(new FaultTrack());
    }
  }

  /** Puts fault `index` on the first track that is free at its raise and returns that track's number. */
  add(index: number, faults: FaultTimes): number {
    const raisedNs = faults.raisedNs(index);
    let t = 0;
    while (t < this.tracks.length && this.tracks[t]!.busyUntilNs > raisedNs) {
      t++;
    }
    if (t === this.tracks.length) {
      if (t < mostTracks) {
        this.tracks.push(new FaultTrack());
      } else {
        t = mostTracks - 1;
      }
    }
    const track = this.tracks[t]!;
    track.openCount++;
    track.busyUntilNs = Infinity;
    track.add(index, faults);
    return t;
  }

  /** The fault on this track is over: its time counts, and the next one may use the track. */
  ended(index: number, t: number, faults: FaultSpans): void {
    const track = this.tracks[t]!;
    track.openCount--;
    track.ended(index, faults);
    track.busyUntilNs = track.openCount === 0 ? track.latestEndNs : Infinity;
  }

  /** Level of detail of all tracks together. */
  readonly levels = {
    forEachCell: (startNs: number, endNs: number, stepNs: number, visit: CellVisitor): void =>
      forEachCellOf(
        this.tracks.map(({ levels }) => levels),
        startNs,
        endNs,
        stepNs,
        visit,
      ),
  };

  /** The worst fault that is over and touches the stretch, -1 for none. */
  worstIn(startNs: number, endNs: number, faults: FaultTimes): number {
    return worstOf(
      this.tracks.map((track) => track.worstIn(startNs, endNs, faults)),
      faults,
    );
  }
}

/** The fault that lasted longest, of equals the one raised first; -1 stands for none. */
export function worstOf(candidates: readonly number[], faults: FaultTimes): number {
  let best = -1;
  let bestNs = -1;
  for (const i of candidates) {
    const latencyNs = i === -1 ? -1 : faults.endNs(i) - faults.raisedNs(i);
    if (latencyNs > bestNs || (latencyNs === bestNs && i < best)) {
      best = i;
      bestNs = latencyNs;
    }
  }
  return best;
}

const chunkBits = 12;
const chunkLength = 1 << chunkBits;

/** Indexes of faults, sorted by the time they were raised. */
export class FaultTrack {
  /** Positions `first` to `count` hold faults; those before are no longer kept. */
  first = 0;
  count = 0;
  readonly levels = new LatencyLevels();
  /** Faults of the track whose threads sleep, when the latest other one ended, and until when it is taken. */
  openCount = 0;
  latestEndNs = -Infinity;
  busyUntilNs = -Infinity;
  /** No fault shorter than `shortBelowNs` was longer. */
  private longestShortNs = 0;
  private readonly chunks: (Uint32Array | undefined)[] = [];
  /** When the first fault of each chunk was raised: most of a search is done here. */
  private readonly startsNs: number[] = [];

  /** Index of the fault at a position. */
  at(position: number): number {
    return this.chunks[position >>> chunkBits]![position & (chunkLength - 1)]!;
  }

  private put(position: number, index: number, raisedNs: number): void {
    if ((position & (chunkLength - 1)) === 0) {
      this.startsNs[position >>> chunkBits] = raisedNs;
    }
    this.chunks[position >>> chunkBits]![position & (chunkLength - 1)] = index;
  }

  /** Adds a fault; nearly always the latest one, so the search for its place starts at the end. */
  add(index: number, faults: FaultTimes): void {
    if (this.count >>> chunkBits === this.chunks.length) {
      this.chunks.push(new Uint32Array(chunkLength));
    }
    const raisedNs = faults.raisedNs(index);
    let position = this.count++;
    while (position > this.first && faults.raisedNs(this.at(position - 1)) > raisedNs) {
      const before = this.at(position - 1);
      this.put(position, before, faults.raisedNs(before));
      position--;
    }
    this.put(position, index, raisedNs);
  }

  /** Fault `index`, which was added, is over. */
  ended(index: number, faults: FaultSpans): void {
    const raisedNs = faults.raisedNs(index);
    const endNs = faults.endNs(index);
    this.latestEndNs = Math.max(this.latestEndNs, endNs);
    if (endNs - raisedNs < shortBelowNs) {
      this.longestShortNs = Math.max(this.longestShortNs, endNs - raisedNs);
    }
    this.levels.add(index, raisedNs, endNs, faults);
  }

  /** Forgets the positions of faults before index `first`; what the levels know stays. */
  dropBefore(first: number): void {
    while (this.first < this.count && this.at(this.first) < first) {
      this.first++;
      if ((this.first & (chunkLength - 1)) === 0) {
        this.chunks[(this.first >>> chunkBits) - 1] = undefined;
      }
    }
  }

  /** Position of the first fault raised after `timeNs`; `count` when there is none. */
  firstAfter(timeNs: number, faults: FaultTimes): number {
    let chunk = this.first >>> chunkBits;
    for (let end = this.chunks.length; end - chunk > 1;) {
      const middle = (chunk + end) >>> 1;
      if (this.startsNs[middle]! > timeNs) {
        end = middle;
      } else {
        chunk = middle;
      }
    }
    let low = Math.max(this.first, chunk << chunkBits);
    let high = Math.min(this.count, (chunk + 1) << chunkBits);
    // Faults often come evenly, so the search begins where the time says: what it looks at lies together.
    const startNs = this.startsNs[chunk]!;
    const lengthNs = (this.startsNs[chunk + 1] ?? timeNs) - startNs;
    const share = Math.max(0, Math.min(1, (timeNs - startNs) / Math.max(1, lengthNs)));
    let middle = Math.floor(low + share * (high - low - 1));
    for (let reach = 8; low < high; reach *= 4) {
      if (faults.raisedNs(this.at(middle)) > timeNs) {
        high = middle;
        middle = Math.max(middle - reach, (low + high) >>> 1);
      } else {
        low = middle + 1;
        middle = Math.min(middle + reach, (low + high) >>> 1);
      }
    }
    return low;
  }

  /** Calls `visit` with each fault that is over, shorter than `shortBelowNs`, and touches the stretch. */
  forEachShort(
    startNs: number,
    endNs: number,
    faults: FaultTimes,
    visit: (i: number, raisedNs: number, endNs: number) => void,
  ): void {
    // One that was raised at the start itself touches it, too.
    const afterNs = startNs - this.longestShortNs - 1;
    for (let at = this.firstAfter(afterNs, faults); at < this.count; at++) {
      const i = this.at(at);
      const raisedNs = faults.raisedNs(i);
      if (raisedNs >= endNs) {
        return;
      }
      const toNs = faults.endNs(i);
      if (toNs - raisedNs < shortBelowNs && (toNs > startNs || raisedNs >= startNs)) {
        visit(i, raisedNs, toNs);
      }
    }
  }

  /** Calls `visit` with each fault that is kept, over, and touches the stretch. */
  forEachTouching(startNs: number, endNs: number, faults: FaultTable, visit: (i: number) => void): void {
    this.forEachShort(startNs, endNs, faults, visit);
    this.levels.forEachLong(0, startNs, endNs, (i) => {
      if (faults.isKnown(i)) {
        visit(i);
      }
    });
  }

  /** The worst fault that is over and touches the stretch, -1 for none. */
  worstIn(startNs: number, endNs: number, faults: FaultTimes): number {
    return this.levels.worstIn(startNs, endNs, (fromNs, untilNs, visit) =>
      this.forEachShort(fromNs, untilNs, faults, (i, raisedNs, toNs) => visit(i, toNs - raisedNs)),
    );
  }
}
