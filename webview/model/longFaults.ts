/** Faults that are too long for the buckets of a level of detail, and short enough for those of the next one. */
import { indexOfCode, phaseOfCode } from './faultCode.ts';

/** A long fault: its index, its index in `mainPhases`, and when it was. */
export type LongVisitor = (i: number, phase: number, startNs: number, endNs: number) => void;

/** Sorted by their start. */
export class LongFaults {
  count = 0;
  private times = new Float64Array(2 * 16);
  private codes = new Uint32Array(16);

  /** Nearly always the one that started last, so the search for its place starts at the end. */
  add(startNs: number, endNs: number, code: number): void {
    if (this.count === this.codes.length) {
      const times = new Float64Array(4 * this.count);
      const codes = new Uint32Array(2 * this.count);
      times.set(this.times);
      codes.set(this.codes);
      this.times = times;
      this.codes = codes;
    }
    let at = this.count++;
    while (at > 0 && this.times[2 * at - 2]! > startNs) {
      this.times[2 * at] = this.times[2 * at - 2]!;
      this.times[2 * at + 1] = this.times[2 * at - 1]!;
      this.codes[at] = this.codes[at - 1]!;
      at--;
    }
    this.times[2 * at] = startNs;
    this.times[2 * at + 1] = endNs;
    this.codes[at] = code;
  }

  /** Those that touch the stretch. @param longestNs none of them is longer */
  forEachTouching(startNs: number, endNs: number, longestNs: number, visit: LongVisitor): void {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.times[2 * middle]! < startNs - longestNs) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    for (let at = low; at < this.count && this.times[2 * at]! < endNs; at++) {
      const toNs = this.times[2 * at + 1]!;
      if (toNs > startNs) {
        const code = this.codes[at]!;
        visit(indexOfCode(code), phaseOfCode(code), this.times[2 * at]!, toNs);
      }
    }
  }
}
