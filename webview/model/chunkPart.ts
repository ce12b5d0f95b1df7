/**
 * Some faults of one chunk, by their places in it: what is tested and counted column by column, which
 * costs a few nanoseconds for a fault where a call for each costs many times that.
 */
import { chunkBits, chunkFaults, type FaultChunk } from './faultChunk.ts';
import { type FaultTable } from './faultTable.ts';

/** Most faults of a part. A chunk is divided evenly. */
export const partFaults = 4096;

const everyPlace = Uint16Array.from({ length: chunkFaults }, (_, k) => k);

export class ChunkPart {
  readonly chunk: FaultChunk;
  /** Index of the chunk's first fault. */
  readonly firstIndex: number;
  /** Ascending; the first `count` of them are meant. */
  readonly places: Uint16Array;
  count: number;

  /**
   * The faults from `from` on and before `until`, as far as they are in one part of a chunk.
   * @param places where the places are kept, at least `partFaults` long
   */
  constructor(faults: FaultTable, from: number, until: number, places: Uint16Array) {
    const k = from & (chunkFaults - 1);
    this.chunk = faults.chunk(from);
    this.firstIndex = from - k;
    this.places = places;
    this.count = Math.min(until - from, partFaults - (from & (partFaults - 1)));
    places.set(everyPlace.subarray(k, k + this.count));
  }
}

/** Calls `visit` with these faults, ascending ones of the same chunk together. */
export function forEachPartOf(
  faults: FaultTable,
  indexes: readonly number[],
  places: Uint16Array,
  visit: (part: ChunkPart) => void,
): void {
  for (let n = 0; n < indexes.length;) {
    const first = indexes[n]!;
    const part = new ChunkPart(faults, first, first + 1, places);
    for (n++; n < indexes.length && part.count < partFaults; n++) {
      const i = indexes[n]!;
      if (i >>> chunkBits !== first >>> chunkBits || i <= indexes[n - 1]!) {
        break;
      }
      places[part.count++] = i & (chunkFaults - 1);
    }
    visit(part);
  }
}
