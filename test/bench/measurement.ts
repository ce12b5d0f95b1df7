/** What a benchmark reports. */

export interface Measurement {
  readonly value: number;
  readonly unit: string;
  /** The same thing done by the reference, in the same run; or the goal where there is none. */
  readonly reference: number;
  readonly ratio: number;
  /** What was compared, in words. */
  readonly note: string;
}

export type Measure = () => Promise<Measurement[]>;

/** Rounds to three digits and adds the ratio. */
export function measurement(value: number, unit: string, reference: number, note: string): Measurement {
  const round = (number: number): number => Number(number.toPrecision(3));
  return {
    value: round(value),
    unit,
    reference: round(reference),
    ratio: round(value / reference),
    note,
  };
}

/** The value below which `share` (0 to 1) of the values lie. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
}
