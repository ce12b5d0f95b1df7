/** Latencies in bins of a quarter octave: what histograms and percentiles are made of. */

/** Where a bin without an end ends; not Infinity, because that is no number in JSON. */
export const endless = Number.MAX_VALUE;

const stepsPerOctave = 4;
/** Shorter latencies are in the first bin: 2^8 = 256 ns. */
const firstOctave = 8;
const octaves = 32;
export const latencyBins = octaves * stepsPerOctave;

const float = new Float64Array(1);
const floatBits = new Uint32Array(float.buffer);
/** Bits of a double above the two that quarter an octave, of 256 ns. */
const firstBin = (1023 + firstOctave) * stepsPerOctave;

/** The bin of a latency: exponent and two bits of the mantissa, so a bin is 14 to 25 % wide. */
export function latencyBin(ns: number): number {
  float[0] = ns;
  return Math.max(0, Math.min(latencyBins - 1, (floatBits[1]! >>> 18) - firstBin));
}

/** The least latency of a bin, in nanoseconds; 0 of the first. */
export function binStartNs(bin: number): number {
  return bin <= 0
    ? 0
    : 2 ** (firstOctave + Math.floor(bin / stepsPerOctave)) * (1 + (bin % stepsPerOctave) / stepsPerOctave);
}

/** Where the latencies of a bin end; the last has no end. */
export function binEndNs(bin: number): number {
  return bin >= latencyBins - 1 ? endless : binStartNs(bin + 1);
}

export interface LatencyHistogram {
  readonly bins: Uint32Array;
  /** Faults in all bins. */
  readonly count: number;
  readonly maxNs: number;
}

/** A latency that no more than `share` (0 to 1) of the faults exceed: the end of its bin, at most the longest. */
export function percentileNs({ bins, count, maxNs }: LatencyHistogram, share: number): number {
  let left = share * count;
  for (let bin = 0; bin < bins.length; bin++) {
    left -= bins[bin]!;
    if (bins[bin]! > 0 && left <= 0) {
      return Math.min(maxNs, binEndNs(bin));
    }
  }
  return maxNs;
}
