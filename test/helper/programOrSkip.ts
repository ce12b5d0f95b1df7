/** Tests with programs that nobody here wrote. */
import { readFileSync } from 'node:fs';
import { MissingProgram } from '../workbench/systemPackages.ts';

/** Path of a program; skips the tests, saying why, where it cannot be had. */
export async function programOrSkip(test: Mocha.Context, provide: () => Promise<string>): Promise<string> {
  try {
    return await provide();
  } catch (error) {
    if (error instanceof MissingProgram) {
      console.log(`    skipped: ${error.message}`);
      test.skip();
    }
    throw error;
  }
}

/** Skips the tests, saying why, where an ordinary user may not have a uffd that the kernel's own accesses fault on. */
export function needsFullUffd(test: Mocha.Context, program: string): void {
  if (
    process.getuid!() !== 0 &&
    readFileSync('/proc/sys/vm/unprivileged_userfaultfd', 'latin1').trim() === '0'
  ) {
    console.log(`    skipped: ${program} needs root where vm.unprivileged_userfaultfd is 0`);
    test.skip();
  }
}
