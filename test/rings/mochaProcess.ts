/**
 * Runs mocha on the test files named on the command line, prints them in mocha's `spec` form, and leaves
 * the counts in the file named by UFFD_TEST_RESULTS.
 */
import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';
import { resultsVariable } from './resultsFile.ts';
import type { RingResult } from './ringResult.ts';
import { timeFactor } from './timeFactor.ts';

const mocha = new Mocha({
  ui: 'bdd',
  reporter: 'spec',
  timeout: 60_000 * timeFactor,
  color: process.stdout.isTTY,
});
for (const file of process.argv.slice(2)) {
  mocha.addFile(file);
}
await mocha.loadFilesAsync();
const failures: string[] = [];
const runner = mocha.run((failed) => {
  const { passes, pending } = runner.stats!;
  const result: RingResult = { passed: passes, failed, skipped: pending, failures };
  writeFileSync(process.env[resultsVariable]!, JSON.stringify(result));
  // A failed test may have left something open that would keep this process running.
  process.exit(failed === 0 ? 0 : 1);
});
runner.on('fail', (test) => failures.push(test.fullTitle()));
