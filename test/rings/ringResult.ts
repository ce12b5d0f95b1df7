/** What one ring, or all of them, came to. */
export interface RingResult {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What failed, in words: the full titles of tests, or why a ring broke. */
  readonly failures: readonly string[];
}

/** A ring that broke: it counts as one failure. */
export function broken(reason: string): RingResult {
  console.log(`Failed: ${reason}`);
  return { passed: 0, failed: 1, skipped: 0, failures: [reason] };
}

/** A ring that cannot run here. Nobody knows its tests without running it, so it counts as one. */
export function skipped(reason: string): RingResult {
  console.log(`Skipped: ${reason}`);
  return { passed: 0, failed: 0, skipped: 1, failures: [] };
}

export function total(results: readonly RingResult[]): RingResult {
  const sum = (part: (result: RingResult) => number) => results.reduce((count, one) => count + part(one), 0);
  return {
    passed: sum((result) => result.passed),
    failed: sum((result) => result.failed),
    skipped: sum((result) => result.skipped),
    failures: results.flatMap((result) => result.failures),
  };
}

/** The form of each ring's last line, and of the last line of all. */
export function counts({ passed, failed, skipped }: RingResult): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
