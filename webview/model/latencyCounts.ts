/**
 * How many faults had which latency: bins of a quarter octave, kept per block of faults, so that
 * those of any stretch of time are added up from whole blocks and the faults of a few.
 */
import { latencyBin, latencyBins, type LatencyHistogram } from '../../native-helper/log/latencyBins.ts';
import { endOpen, type FaultTable } from './faultTable.ts';

/** Faults in a block: a power of two. */
export const blockBits = 12;
const blockLength = 1 << blockBits;

/** Faults that are counted, by index. */
export interface Counted {
  has(i: number): boolean;
}

export class LatencyCounts {
  private blocks = 0;
  private bins = new Uint32Array(16 * latencyBins);
  private firstRaisedNs = new Float64Array(16);
  private lastRaisedNs = new Float64Array(16);
  private longestNs = new Float64Array(16);

  /** Counts fault `i`, which is over. */
  add(i: number, raisedNs: number, latencyNs: number): void {
    const block = i >>> blockBits;
    this.growTo(block);
    this.bins[block * latencyBins + latencyBin(latencyNs)]!++;
    this.firstRaisedNs[block] = Math.min(this.firstRaisedNs[block]!, raisedNs);
    this.lastRaisedNs[block] = Math.max(this.lastRaisedNs[block]!, raisedNs);
    this.longestNs[block] = Math.max(this.longestNs[block]!, latencyNs);
  }

  /** Of the faults raised from `startNs` on and before `endNs`. */
  within(startNs: number, endNs: number, faults: FaultTable, counted: Counted): LatencyHistogram {
    const bins = new Uint32Array(latencyBins);
    let maxNs = 0;
    for (let block = 0; block < this.blocks; block++) {
      const isOutside = this.lastRaisedNs[block]! < startNs || this.firstRaisedNs[block]! >= endNs;
      if (isOutside) {
        continue;
      }
      if (this.firstRaisedNs[block]! >= startNs && this.lastRaisedNs[block]! < endNs) {
        const from = block * latencyBins;
        for (let bin = 0; bin < latencyBins; bin++) {
          bins[bin]! += this.bins[from + bin]!;
        }
        maxNs = Math.max(maxNs, this.longestNs[block]!);
        continue;
      }
      const until = Math.min(faults.count, (block + 1) * blockLength);
      for (let i = Math.max(faults.first, block * blockLength); i < until; i++) {
        const raisedNs = faults.raisedNs(i);
        if (raisedNs >= startNs && raisedNs < endNs && faults.end(i) !== endOpen && counted.has(i)) {
          const latencyNs = faults.endNs(i) - raisedNs;
          bins[latencyBin(latencyNs)]!++;
          maxNs = Math.max(maxNs, latencyNs);
        }
      }
    }
    return { bins, count: bins.reduce((sum, n) => sum + n, 0), maxNs };
  }

  private growTo(block: number): void {
    if (block < this.blocks) {
      return;
    }
    if (block >= this.longestNs.length) {
      const length = 2 * Math.max(block, this.longestNs.length);
      this.bins = grown(this.bins, new Uint32Array(length * latencyBins));
      this.firstRaisedNs = grown(this.firstRaisedNs, new Float64Array(length));
      this.lastRaisedNs = grown(this.lastRaisedNs, new Float64Array(length));
      this.longestNs = grown(this.longestNs, new Float64Array(length));
    }
    this.firstRaisedNs.fill(Infinity, this.blocks, block + 1);
    this.lastRaisedNs.fill(-Infinity, this.blocks, block + 1);
    this.blocks = block + 1;
  }
}

function grown<Column extends Uint32Array | Float64Array>(old: Column, column: Column): Column {
  column.set(old);
  return column;
}
