import { readFile } from 'node:fs/promises';
import { broken, type RingResult } from './ringResult.ts';

/** Environment variable that names the file where a test process leaves its `RingResult` as JSON. */
export const resultsVariable = 'UFFD_TEST_RESULTS';

/**
 * Reads what a test process left behind. A process that left nothing, ran nothing,
 * or failed without naming a failed test is a failure.
 */
export async function readResults(file: string, exitCode: number): Promise<RingResult> {
  let result: RingResult;
  try {
    result = JSON.parse(await readFile(file, 'utf8')) as RingResult;
  } catch {
    return broken(`the tests ended with exit code ${exitCode} and without a result.`);
  }
  if (result.passed + result.failed + result.skipped === 0) {
    return broken('there was no test to run.');
  }
  if (exitCode !== 0 && result.failed === 0) {
    return {
      ...broken(`the tests passed, but ended with exit code ${exitCode}.`),
      passed: result.passed,
      skipped: result.skipped,
    };
  }
  return result;
}
