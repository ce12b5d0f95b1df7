/**
 * The columns of up to 65,536 faults. They are never copied when a session grows, and an old
 * chunk goes as a whole. A fault takes 37 bytes; what few faults have (an address within a page,
 * a retry, an instruction, a time far off) takes room only in the chunks that have it.
 */

export const chunkBits = 16;
export const chunkFaults = 1 << chunkBits;
/** Mask of a fault's place in its chunk. */
export const within = chunkFaults - 1;

/** The times of a fault that are kept as nanoseconds after its raise. */
export const readColumn = 0;
export const resolvedColumn = 1;
export const endColumn = 2;

/** A fault is rarely further than this from where it would be if ids were in order. */
const nearby = 64;

/** Values of those columns with a meaning of their own: has not happened; is kept in `far`. */
const notYet = 0xffffffff;
export const isFar = 0xfffffffe;
/** Values of 16-bit and 8-bit columns when the number is kept in `far`. */
const isFar16 = 0xffff;
const isFar8 = 0xff;

// Bits of the `state` column.
const endBits = 3;
export const staleShift = 2;
export const staleBits = 3 << staleShift;
export const inferredBit = 1 << 4;
export const movedBit = 1 << 5;
export const unknownFlagsBit = 1 << 6;
export const flagsShift = 8;
const phaseShift = 11;
const phaseBits = 3 << phaseShift;
/** WRITE, WP and MINOR; the others are kept apart. */
export const knownFlags = 7;

// Places in `far`, after those of the three times.
const threadPlace = 3;
const storyPlace = 4;
const movedPlace = 5;
const servedPlace = 6;
const placeCount = 8;

export class FaultChunk {
  readonly raisedNs = new Float64Array(chunkFaults);
  private readonly afterNs: readonly Uint32Array[] = [0, 1, 2].map(() =>
    new Uint32Array(chunkFaults).fill(notYet),
  );
  private readonly pageLow = new Uint32Array(chunkFaults);
  private readonly pageHigh = new Uint16Array(chunkFaults);
  private readonly threads = new Uint16Array(chunkFaults);
  private readonly stories = new Uint16Array(chunkFaults);
  /** What a fault is, as bits. */
  readonly state = new Uint16Array(chunkFaults);
  /** Faults of the chunk whose threads sleep: while there are any, it is kept. */
  openCount = 0;
  private readonly ids = new Uint32Array(chunkFaults);
  private count = 0;
  private leastId = Infinity;
  private greatestId = 0;
  /** How the faults that were served at once were served; 0 are the others. */
  private readonly served = new Uint8Array(chunkFaults);
  private offsets: Uint16Array | null = null;
  private retries: Uint16Array | null = null;
  private codes: Uint16Array | null = null;
  private far: Map<number, number> | null = null;
  private readonly flagsByFault = new Map<number, bigint>();

  id(k: number): number {
    return this.ids[k]!;
  }

  setId(k: number, id: number): void {
    this.ids[k] = id;
    this.count = k + 1;
    this.leastId = Math.min(this.leastId, id);
    this.greatestId = Math.max(this.greatestId, id);
  }

  /** Place of the fault with this id, -1 when it is not here. Ids are only nearly in order. */
  placeOf(id: number): number {
    if (id < this.leastId || id > this.greatestId) {
      return -1;
    }
    const guess = id - this.leastId;
    const nearEnd = Math.min(this.count, guess + nearby);
    for (let k = Math.max(0, guess - nearby); k < nearEnd; k++) {
      if (this.ids[k] === id) {
        return k;
      }
    }
    const place = this.ids.indexOf(id);
    return place < this.count ? place : -1;
  }

  /** Nanoseconds from each fault's raise to its end; from `isFar` on they are none, and `latencyNs` knows. */
  get latenciesNs(): Uint32Array {
    return this.afterNs[endColumn]!;
  }

  /** A time of fault `k`; NaN when it has not happened. */
  time(k: number, column: number): number {
    const afterNs = this.afterNs[column]![k]!;
    return afterNs < isFar
      ? this.raisedNs[k]! + afterNs
      : afterNs === notYet
        ? NaN
        : this.far!.get(k * placeCount + column)!;
  }

  /** The same from the raise on. */
  private sinceRaise(k: number, column: number): number {
    const afterNs = this.afterNs[column]![k]!;
    return afterNs < isFar ? afterNs : this.time(k, column) - this.raisedNs[k]!;
  }

  setTime(k: number, column: number, timeNs: number): void {
    const afterNs = timeNs - this.raisedNs[k]!;
    if (afterNs >= 0 && afterNs < isFar && afterNs === Math.trunc(afterNs)) {
      this.afterNs[column]![k] = afterNs;
    } else if (Number.isNaN(timeNs)) {
      this.afterNs[column]![k] = notYet;
    } else {
      this.afterNs[column]![k] = isFar;
      this.setFar(k, column, timeNs);
    }
  }

  /** How long the fault has lasted, or lasted until `nowNs` while its thread sleeps. */
  latencyNs(k: number, nowNs: number): number {
    const lastedNs = this.sinceRaise(k, endColumn);
    return Number.isNaN(lastedNs) ? Math.max(0, nowNs - this.raisedNs[k]!) : lastedNs;
  }

  /** Notes how the fault ended and what it mostly was, an index into the table's `mainPhases`; its times are there. */
  setEnd(k: number, end: number, mainPhase: number): void {
    this.state[k] = (this.state[k]! & ~(endBits | phaseBits)) | end | (mainPhase << phaseShift);
  }

  /** What a fault that is over mostly was: an index into the table's `mainPhases`. */
  mainPhase(k: number): number {
    return (this.state[k]! & phaseBits) >>> phaseShift;
  }

  /** Which phase of a fault that has its end was the longest: 0 = waiting, 1 = held, 2 = asleep. */
  longestPhase(k: number): number {
    const endNs = this.sinceRaise(k, endColumn);
    const readNs = this.sinceRaise(k, readColumn);
    const resolvedNs = this.sinceRaise(k, resolvedColumn);
    const waitingNs = Number.isNaN(readNs) ? endNs : readNs;
    const asleepFromNs = Number.isNaN(resolvedNs) ? endNs : resolvedNs;
    const heldNs = asleepFromNs - waitingNs;
    const asleepNs = endNs - asleepFromNs;
    return waitingNs > heldNs && waitingNs > asleepNs ? 0 : heldNs >= asleepNs ? 1 : 2;
  }

  /** Whether the fault is over, its memory is what it was, and its thread had not faulted there before. */
  isPlain(k: number): boolean {
    const state = this.state[k]!;
    return (state & endBits) !== 0 && (state & staleBits) === 0 && this.retry(k) === 0;
  }

  /** Index into the table's `faultEnds`; 0 while its thread sleeps. */
  end(k: number): number {
    return this.state[k]! & endBits;
  }

  /** The flags as a number where all of them are known: WRITE, WP and MINOR. */
  knownFlags(k: number): number {
    return (this.state[k]! >>> flagsShift) & knownFlags;
  }

  /** 1 where a remap has moved the memory, so that its page is not the reported one. */
  isMoved(k: number): number {
    return (this.state[k]! & movedBit) === 0 ? 0 : 1;
  }

  /** 4 KiB page number, as reported. */
  page(k: number): number {
    return this.pageHigh[k]! * 0x100000000 + this.pageLow[k]!;
  }

  setPage(k: number, page: number): void {
    this.pageLow[k] = page % 0x100000000;
    this.pageHigh[k] = page / 0x100000000;
  }

  /** Bytes from the page's start to the reported address. */
  offset(k: number): number {
    return this.offsets === null ? 0 : this.offsets[k]!;
  }

  setOffset(k: number, offset: number): void {
    if (offset !== 0) {
      this.offsets ??= new Uint16Array(chunkFaults);
      this.offsets[k] = offset;
    }
  }

  retry(k: number): number {
    return this.retries === null ? 0 : this.retries[k]!;
  }

  /** Above 65,535 it stays there. */
  setRetry(k: number, retry: number): void {
    if (retry !== 0) {
      this.retries ??= new Uint16Array(chunkFaults);
      this.retries[k] = Math.min(0xffff, retry);
    }
  }

  /** Index into the table's `codes`; 0 when it is not known. */
  code(k: number): number {
    return this.codes === null ? 0 : this.codes[k]!;
  }

  /** Those past 65,535 are not kept. */
  setCode(k: number, code: number): void {
    if (code !== 0 && code <= 0xffff) {
      this.codes ??= new Uint16Array(chunkFaults);
      this.codes[k] = code;
    }
  }

  thread(k: number): number {
    return this.threads[k] === isFar16 ? this.far!.get(k * placeCount + threadPlace)! : this.threads[k]!;
  }

  setThread(k: number, thread: number): void {
    this.threads[k] = this.narrow(k, threadPlace, thread);
  }

  story(k: number): number {
    return this.stories[k] === isFar16 ? this.far!.get(k * placeCount + storyPlace)! : this.stories[k]!;
  }

  setStory(k: number, story: number): void {
    this.stories[k] = this.narrow(k, storyPlace, story);
  }

  servedAs(k: number): number {
    return this.served[k] === isFar8 ? this.far!.get(k * placeCount + servedPlace)! : this.served[k]!;
  }

  setServedAs(k: number, how: number): void {
    if (how < isFar8) {
      this.served[k] = how;
    } else {
      this.served[k] = isFar8;
      this.setFar(k, servedPlace, how);
    }
  }

  /** 4 KiB page number of the memory as it is now. */
  memoryPage(k: number): number {
    return this.isMoved(k) === 1 ? this.far!.get(k * placeCount + movedPlace)! : this.page(k);
  }

  setMovedPage(k: number, page: number): void {
    this.setFar(k, movedPlace, page);
  }

  /** The flags of a fault that has unknown ones. */
  unknownFlags(k: number): bigint {
    return this.flagsByFault.get(k)!;
  }

  setUnknownFlags(k: number, flags: bigint): void {
    this.flagsByFault.set(k, flags);
  }

  private narrow(k: number, place: number, value: number): number {
    if (value < isFar16) {
      return value;
    }
    this.setFar(k, place, value);
    return isFar16;
  }

  private setFar(k: number, place: number, value: number): void {
    this.far ??= new Map();
    this.far.set(k * placeCount + place, value);
  }
}
