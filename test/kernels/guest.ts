/** One run of tests under another kernel, in an emulated machine. */
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { startProcess } from '../workbench/childProcess.ts';
import { readResults } from '../rings/resultsFile.ts';
import { broken, type RingResult } from '../rings/ringResult.ts';
import { timeFactorVariable } from '../rings/timeFactor.ts';

/** A guest that has not turned itself off by then hangs. */
const longestRunMs = 40 * 60_000;
/** How much slower than the real machine, also when that is busy. */
const timeFactor = 8;

export interface GuestOptions {
  /** The emulator's program. */
  readonly emulator: string;
  readonly kernel: string;
  /** The root file system, a cpio archive. */
  readonly image: string;
  /** Test files, relative to the checkout. */
  readonly files: readonly string[];
  /** An existing folder for the results. */
  readonly folder: string;
}

/**
 * Boots the kernel, prints its serial console, and reads the tests' result from a second serial port.
 * The processor is emulated (TCG): on a machine that is virtual itself, /dev/kvm may not boot other kernels.
 */
export async function runGuest({
  emulator,
  kernel,
  image,
  files,
  folder,
}: GuestOptions): Promise<RingResult> {
  const results = path.join(folder, 'results.json');
  const settings = {
    console: 'ttyS0',
    // -1: a panic resets the machine, which ends the emulator.
    panic: '-1',
    // What the kernel does not know becomes the environment of /init.
    TEST_FILES: `"${files.join(' ')}"`,
    [timeFactorVariable]: `${timeFactor}`,
  };
  const append = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  const machine = ['-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '2', '-m', '3G'];
  const devices = ['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none'];
  const serials = ['-serial', 'stdio', '-serial', `file:${results}`];
  const boot = ['-kernel', kernel, '-initrd', image, '-append', `quiet ${append.join(' ')}`];
  const running = await startProcess(emulator, [...machine, ...devices, ...serials, ...boot], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const limit = new AbortController();
  const exitCode = await Promise.race([
    running.exited,
    setTimeout(longestRunMs, undefined, { signal: limit.signal }),
  ]);
  limit.abort();
  await running.stop();
  return exitCode === undefined
    ? broken(`the guest was still running after ${longestRunMs / 60_000} minutes and was stopped.`)
    : readResults(results, exitCode);
}
