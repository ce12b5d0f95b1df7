/**
 * A set of 4 KiB page numbers, in a bit for each page of a stretch that has any: pages that are faulted on lie close
 * together, and there may be tens of millions. Pure: no VS Code.
 */

/** A stretch has a page's worth of bits: 32,768 pages, 128 MiB of memory. */
const stretchBits = 15;
const stretchPages = 2 ** stretchBits;

export class PageSet {
  size = 0;
  private readonly stretches = new Map<number, Uint32Array>();

  add(page: number): void {
    const stretch = Math.floor(page / stretchPages);
    let bits = this.stretches.get(stretch);
    if (bits === undefined) {
      bits = new Uint32Array(stretchPages / 32);
      this.stretches.set(stretch, bits);
    }
    const word = (page % stretchPages) >>> 5;
    const bit = 1 << (page & 31);
    if ((bits[word]! & bit) === 0) {
      bits[word]! |= bit;
      this.size++;
    }
  }

  has(page: number): boolean {
    const bits = this.stretches.get(Math.floor(page / stretchPages));
    return bits !== undefined && (bits[(page % stretchPages) >>> 5]! & (1 << (page & 31))) !== 0;
  }

  /** Calls `act` for each page from `start` (inclusive) to `end` (exclusive), in no order. */
  forEachIn(start: number, end: number, act: (page: number) => void): void {
    for (const [stretch, bits] of this.stretches) {
      const first = stretch * stretchPages;
      if (first >= end || first + stretchPages <= start) {
        continue;
      }
      bits.forEach((word, n) => {
        for (let left = word; left !== 0; left &= left - 1) {
          const page = first + 32 * n + 31 - Math.clz32(left & -left);
          if (page >= start && page < end) {
            act(page);
          }
        }
      });
    }
  }
}
