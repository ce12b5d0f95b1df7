/**
 * Count, percentiles and maximum of latencies, whatever their number, in memory that does not grow
 * with it: counted in bins of an eighth of an octave first, then the two bins that hold the
 * percentiles once more, finely. A percentile is exact to 0.003 %, more than is ever shown.
 */

export interface LatencyStatistics {
  /** Faults counted, those whose threads still sleep among them. */
  readonly count: number;
  /** Those whose threads still sleep: the latencies are without them. */
  readonly asleepCount: number;
  /** NaN when all still sleep. */
  readonly p50Ns: number;
  readonly p95Ns: number;
  readonly maxNs: number;
}

/** Latencies in any order, NaN for a fault whose thread still sleeps; the same each time it is asked for. */
export type Latencies = () => Iterable<number>;

const binsPerOctave = 8;
const octaves = 64;
const fineBins = 4096;
/** Latencies counted between two yields. */
const sliceLength = 4096;

/** A generator: between its yields the page may do something else. */
export function* latencyStatistics(latencies: Latencies): Generator<undefined, LatencyStatistics, undefined> {
  const bins = new Uint32Array(binsPerOctave * octaves);
  let count = 0;
  let asleepCount = 0;
  let maxNs = NaN;
  for (const ns of latencies()) {
    if (++count % sliceLength === 0) {
      yield;
    }
    if (Number.isNaN(ns)) {
      asleepCount++;
      continue;
    }
    bins[binOf(ns)]!++;
    maxNs = ns > maxNs || Number.isNaN(maxNs) ? ns : maxNs;
  }
  const ended = count - asleepCount;
  if (ended === 0) {
    return { count, asleepCount, p50Ns: NaN, p95Ns: NaN, maxNs: NaN };
  }
  const sought = [rankIn(bins, nearestRank(0.5, ended)), rankIn(bins, nearestRank(0.95, ended))] as const;
  const fine = sought.map(() => new Uint32Array(fineBins));
  let seen = 0;
  for (const ns of latencies()) {
    if (++seen % sliceLength === 0) {
      yield;
    }
    if (!Number.isNaN(ns)) {
      const bin = binOf(ns);
      sought.forEach((place, n) => {
        if (place.bin === bin) {
          fine[n]![fineBinOf(ns, bin)]!++;
        }
      });
    }
  }
  const [p50Ns, p95Ns] = sought.map(({ bin, rank }, n) => middleOf(bin, rankIn(fine[n]!, rank).bin));
  return { count, asleepCount, p50Ns: p50Ns!, p95Ns: p95Ns!, maxNs };
}

/** The smallest rank, from 1, at which a share of `count` values is reached. */
function nearestRank(share: number, count: number): number {
  return Math.max(1, Math.ceil(share * count));
}

/** The bin that holds the value of this rank, and its rank within that bin. */
function rankIn(bins: Uint32Array, rank: number): { readonly bin: number; readonly rank: number } {
  let left = rank;
  let bin = 0;
  while (bin < bins.length - 1 && left > bins[bin]!) {
    left -= bins[bin++]!;
  }
  return { bin, rank: left };
}

function binOf(ns: number): number {
  return ns <= 1 ? 0 : Math.min(binsPerOctave * octaves - 1, Math.floor(Math.log2(ns) * binsPerOctave));
}

/** Lower edge of a bin, and how wide it is. */
function lowerNs(bin: number): number {
  return bin === 0 ? 0 : 2 ** (bin / binsPerOctave);
}

function widthNs(bin: number): number {
  return 2 ** ((bin + 1) / binsPerOctave) - lowerNs(bin);
}

function fineBinOf(ns: number, bin: number): number {
  const share = (ns - lowerNs(bin)) / widthNs(bin);
  return Math.max(0, Math.min(fineBins - 1, Math.floor(share * fineBins)));
}

function middleOf(bin: number, fineBin: number): number {
  return lowerNs(bin) + ((fineBin + 0.5) / fineBins) * widthNs(bin);
}
