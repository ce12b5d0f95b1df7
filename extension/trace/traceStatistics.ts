/** What two traces are compared by: latencies by kind of fault, and the pages that were faulted on. Pure: no VS Code. */
import { PAGEFAULT_FLAG_MINOR, PAGEFAULT_FLAG_WP } from '../../native-helper/abi/uffdAbi.ts';
import type { EventRows } from '../../native-helper/log/eventRows.ts';
import { OpenFaults } from '../../native-helper/log/openFaults.ts';
import { pageOf } from '../../native-helper/log/servedRows.ts';
import type { RangeDto } from '../../native-helper/protocol/ranges.ts';
import { PageSet } from './pageSet.ts';

export const faultKinds = ['missing', 'minor', 'write-protect'] as const;
export type FaultKind = (typeof faultKinds)[number];

const stepsPerOctave = 4;
/** A finer histogram gives percentiles to about one percent. */
const finePerStep = 16;
const finePerOctave = stepsPerOctave * finePerStep;
/** Up to 2^48 ns, three days. */
const octaves = 48;

/** Latencies, from raised to woken. */
export class LatencyHistogram {
  count = 0;
  maxNs = 0;
  private readonly fine = new Float64Array(octaves * finePerOctave + 1);

  add(latencyNs: number): void {
    const octave = Math.log2(Math.max(1, latencyNs));
    this.fine[Math.min(this.fine.length - 1, Math.floor(octave * finePerOctave))]! += 1;
    this.count++;
    this.maxNs = Math.max(this.maxNs, latencyNs);
  }

  /** NaN when there are none. @param share from 0 to 1 */
  percentileNs(share: number): number {
    let left = Math.max(1, Math.ceil(share * this.count));
    for (let i = 0; i < this.fine.length && this.count > 0; i++) {
      left -= this.fine[i]!;
      if (left <= 0) {
        // The middle of the bucket, but nothing is slower than the slowest.
        return Math.min(this.maxNs, 2 ** ((i + 0.5) / finePerOctave));
      }
    }
    return NaN;
  }

  /** Counts per quarter of an octave; the bucket `i` begins at 2^(i/4) ns. */
  steps(): number[] {
    const steps = Array.from({ length: octaves * stepsPerOctave + 1 }, () => 0);
    this.fine.forEach((count, i) => {
      steps[Math.floor(i / finePerStep)]! += count;
    });
    return steps;
  }
}

export class TraceStatistics {
  readonly latencies: Readonly<Record<FaultKind, LatencyHistogram>> = {
    missing: new LatencyHistogram(),
    minor: new LatencyHistogram(),
    'write-protect': new LatencyHistogram(),
  };
  /** 4 KiB page numbers that were faulted on. */
  readonly pages = new PageSet();
  private readonly fold = new OpenFaults({
    onServed: (rows, i) => {
      this.pages.add(pageOf(rows, i));
      this.latencies[kindOf(rows.faultFlags[i]!)].add(rows.raisedBeforeNs[i]!);
    },
    onRaised: ({ reportedPage }) => this.pages.add(reportedPage),
    onEnded: ({ flags, raisedNs }, timeNs, end) => {
      // A fault that was handed back or left by a signal has no latency: it was not served.
      if (end === 'woken') {
        this.latencies[kindOf(Number(flags & 0xffn))].add(timeNs - raisedNs);
      }
    },
  });

  add(rows: EventRows): void {
    this.fold.fold(rows);
  }
}

function kindOf(flags: number): FaultKind {
  return (flags & PAGEFAULT_FLAG_WP) !== 0
    ? 'write-protect'
    : (flags & PAGEFAULT_FLAG_MINOR) !== 0
      ? 'minor'
      : 'missing';
}

/** Distinct pages of a range, in both traces. */
export interface WorkingSets {
  /** Null for pages outside of the ranges that both have. */
  readonly range: RangeDto | null;
  readonly first: number;
  readonly second: number;
  readonly common: number;
}

/**
 * Pages by range. Ranges of two processes lie at different addresses, so those of the same place or else of
 * the same length are taken for the same, in their order, and their pages compared by their offset.
 */
export function workingSets(
  first: { readonly pages: PageSet; readonly ranges: readonly RangeDto[] },
  second: { readonly pages: PageSet; readonly ranges: readonly RangeDto[] },
): WorkingSets[] {
  const inFirst = new PageSet();
  const inSecond = new PageSet();
  const sets = pairRanges(first.ranges, second.ranges).map(([a, b]): WorkingSets => {
    const [startA, pagesA] = placeOf(a);
    const [startB, pagesB] = placeOf(b);
    const counts = { first: 0, second: 0, common: 0 };
    first.pages.forEachIn(startA, startA + pagesA, (page) => {
      inFirst.add(page);
      counts.first++;
    });
    second.pages.forEachIn(startB, startB + pagesB, (page) => {
      inSecond.add(page);
      counts.second++;
      const offset = page - startB;
      counts.common += offset < pagesA && first.pages.has(startA + offset) ? 1 : 0;
    });
    return { range: a, ...counts };
  });
  let common = 0;
  second.pages.forEachIn(0, Infinity, (page) => {
    const isOutside = !inSecond.has(page) && first.pages.has(page) && !inFirst.has(page);
    common += isOutside ? 1 : 0;
  });
  const rest = {
    first: first.pages.size - inFirst.size,
    second: second.pages.size - inSecond.size,
    common,
  };
  return rest.first + rest.second === 0 ? sets : [...sets, { range: null, ...rest }];
}

/** Number of its first page, and of how many it consists. */
function placeOf({ start, lengthBytes }: RangeDto): [number, number] {
  return [Number(BigInt(start) >> 12n), lengthBytes / 4096];
}

function pairRanges(first: readonly RangeDto[], second: readonly RangeDto[]): [RangeDto, RangeDto][] {
  const left = [...second];
  const take = (isSame: (range: RangeDto) => boolean): RangeDto | undefined => {
    const at = left.findIndex(isSame);
    return at === -1 ? undefined : left.splice(at, 1)[0];
  };
  const atPlace = new Map(
    first.map((a) => [a, take((b) => b.start === a.start && b.lengthBytes === a.lengthBytes)]),
  );
  return first.flatMap((a): [RangeDto, RangeDto][] => {
    const b = atPlace.get(a) ?? take(({ lengthBytes }) => lengthBytes === a.lengthBytes);
    return b === undefined ? [] : [[a, b]];
  });
}
