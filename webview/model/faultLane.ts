/** When each fault was raised. */
export interface RaisedTimes {
  raisedNs(i: number): number;
}

/**
 * The faults of one thread, in tracks: rows in which no two faults overlap. A thread
 * sleeps in one fault at a time, so a known thread needs one track; the lane of the
 * unknown threads (tid 0) gets as many as it ever had sleepers at once.
 */
export class FaultLane {
  /** Thread id as the kernel reported it; 0 when unknown. */
  readonly tid: number;
  readonly tracks: FaultTrack[] = [];
  /** Whether the kernel did not name the thread of some fault here: it was matched from /proc. */
  isInferred = false;
  /** The faults of all tracks together; here they may overlap. */
  readonly all = new FaultTrack();
  private readonly isBusy: boolean[] = [];

  constructor(tid: number) {
    this.tid = tid;
  }

  /** Puts fault `index` on the first free track and returns that track's number. */
  add(index: number, faults: RaisedTimes): number {
    let track = this.isBusy.indexOf(false);
    if (track === -1) {
      track = this.tracks.length;
      this.tracks.push(new FaultTrack());
    }
    this.isBusy[track] = true;
    this.tracks[track]!.add(index, faults);
    this.all.add(index, faults);
    return track;
  }

  /** The fault on this track is over: the next one may use it. */
  release(track: number): void {
    this.isBusy[track] = false;
  }
}

/** Indexes of faults, sorted by the time they were raised. */
export class FaultTrack {
  count = 0;
  faults = new Uint32Array(64);

  /** Adds a fault; nearly always the latest one, so the search for its place starts at the end. */
  add(index: number, faults: RaisedTimes): void {
    if (this.count === this.faults.length) {
      const grown = new Uint32Array(2 * this.count);
      grown.set(this.faults);
      this.faults = grown;
    }
    let at = this.count++;
    while (at > 0 && faults.raisedNs(this.faults[at - 1]!) > faults.raisedNs(index)) {
      this.faults[at] = this.faults[at - 1]!;
      at--;
    }
    this.faults[at] = index;
  }

  /** Position of the first fault raised after `timeNs`; `count` when there is none. */
  firstAfter(timeNs: number, faults: RaisedTimes): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (faults.raisedNs(this.faults[middle]!) > timeNs) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  /** Where no faults overlap: position of the first that can reach `timeNs`, the one under it or the next. */
  firstTouching(timeNs: number, faults: RaisedTimes): number {
    return Math.max(0, this.firstAfter(timeNs, faults) - 1);
  }
}
