/** `npm run test:kernels`: the core of the helper ring under other kernels, in emulated machines. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { chosenNames } from '../rings/chosenNames.ts';
import { broken, counts, skipped, total, type RingResult } from '../rings/ringResult.ts';
import { compileTargets } from '../workbench/compileTargets.ts';
import { MissingProgram, provideEmulator } from '../workbench/systemPackages.ts';
import { makeTemporaryFolder } from '../workbench/temporaryFolder.ts';
import { provideBusybox, provideKernel } from './debianKernel.ts';
import { runGuest } from './guest.ts';
import { packGuestImage } from './guestImage.ts';

/** Releases of Debian by their kernels: 6.1, 6.12, and the newest. */
const releases = ['bookworm', 'trixie', 'trixie-backports'];

/** The core: what every kernel must do, or must be refused in words. */
const files = [
  'processList',
  'takeOver',
  'refusals',
  'handBack',
  'events',
  'forkedChildren',
  'kernelDifferences',
  'uffdbg',
].map((name) => `test/helper/${name}.test.ts`);

const help = `Usage: npm run test:kernels [-- RELEASE…]
Runs the core of the helper tests under the kernels of these Debian releases, or only those named:
${releases.join(', ')}.
The last line is the sum of all: N passed, N failed, N skipped.`;

/** Runs the core under each release's kernel. A kernel that cannot be had counts as skipped. */
async function runKernels(names: readonly string[]): Promise<RingResult> {
  if (process.arch !== 'x64') {
    return skipped(`the guests are x86-64 and take over this machine's programs, which are ${process.arch}.`);
  }
  const emulator = await provideEmulator();
  await compileTargets();
  const folder = await makeTemporaryFolder('kernels');
  try {
    const image = await packGuestImage(folder.path, await provideBusybox());
    const results: RingResult[] = [];
    for (const release of names) {
      console.log(`\n== Debian ${release}`);
      const guestFolder = path.join(folder.path, release);
      await mkdir(guestFolder);
      const result = await inWords(async () => {
        const kernel = await provideKernel(release);
        return runGuest({ emulator, kernel, image, files, folder: guestFolder });
      });
      console.log(`Debian ${release}: ${counts(result)}`);
      results.push(result);
    }
    return total(results);
  } finally {
    await folder.remove();
  }
}

/** What cannot be had is skipped; everything else that goes wrong has failed. */
async function inWords(run: () => Promise<RingResult>): Promise<RingResult> {
  return run().catch((error: unknown) =>
    error instanceof MissingProgram ? skipped(error.message) : broken(String(error)),
  );
}

async function main(): Promise<number> {
  const chosen = chosenNames(releases, 'release', help);
  if (typeof chosen === 'number') {
    return chosen;
  }
  const result = await inWords(() => runKernels(chosen));
  console.log(`\n${counts(result)}`);
  return result.failed === 0 ? 0 : 1;
}

process.exitCode = await main();
