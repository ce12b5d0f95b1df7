import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { readCommand, runCommand } from './childProcess.ts';
import { findOnPath } from './findOnPath.ts';

/** A program of the system is missing and was not installed; the message says how to get it. */
export class MissingProgram extends Error {}

/** Path of Chromium or Chrome; installed when missing, where that is possible. Throws `MissingProgram`. */
export function provideChromium(): Promise<string> {
  // Ubuntu's package `chromium` only points to a snap, which cannot use our profile folders.
  return systemId() === 'ubuntu'
    ? provide('Chromium', findChromium, 'npx playwright-core install --with-deps chromium')
    : provide('Chromium', findChromium, 'apt-get update && apt-get install -y chromium fonts-liberation');
}

/** Path of a C compiler with the kernel's headers; installed and thrown likewise. */
export function provideCompiler(): Promise<string> {
  return provide('A C compiler', findCompiler, 'apt-get update && apt-get install -y gcc libc6-dev');
}

/** Path of stress-ng, a load generator with a userfaultfd handler of its own; likewise. */
export function provideStressNg(): Promise<string> {
  const find = () => Promise.resolve(findOnPath('stress-ng'));
  return provide('stress-ng', find, 'apt-get update && apt-get install -y stress-ng');
}

/** Path of a debugger that attaches to processes, gdb or strace; likewise. */
export function provideDebugger(name: 'gdb' | 'strace'): Promise<string> {
  const find = () => Promise.resolve(findOnPath(name));
  return provide(name, find, `apt-get update && apt-get install -y --no-install-recommends ${name}`);
}

/** Path of sudo; likewise. */
export function provideSudo(): Promise<string> {
  const find = () => Promise.resolve(findOnPath('sudo'));
  return provide('sudo', find, 'apt-get update && apt-get install -y --no-install-recommends sudo');
}

/** Path of pkexec, with polkit's daemon and the bus that it is asked over; likewise. */
export function providePkexec(): Promise<string> {
  const find = () => Promise.resolve(findOnPath('dbus-daemon') && findOnPath('pkexec'));
  const install = 'apt-get update && apt-get install -y --no-install-recommends pkexec polkitd dbus';
  return provide('pkexec', find, install);
}

/** Path of an emulator of x86-64 machines; likewise. */
export function provideEmulator(): Promise<string> {
  const find = () => Promise.resolve(findOnPath('qemu-system-x86_64'));
  const install = 'apt-get update && apt-get install -y --no-install-recommends qemu-system-x86';
  return provide('QEMU', find, install);
}

async function provide(
  name: string,
  find: () => Promise<string | null>,
  installCommand: string,
): Promise<string> {
  const found = await find();
  if (found !== null) {
    return found;
  }
  if (!['debian', 'ubuntu'].includes(systemId())) {
    throw new MissingProgram(`${name} is missing: install it with your system's package manager.`);
  }
  if (process.getuid?.() !== 0) {
    throw new MissingProgram(`${name} is missing: run  sudo sh -c '${installCommand}'`);
  }
  console.log(`${name} is missing; running: ${installCommand}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const exitCode = await runCommand('sh', ['-c', installCommand], { env });
  const installed = await find();
  if (installed === null) {
    throw new MissingProgram(`${name} is missing; this ended with exit code ${exitCode}: ${installCommand}`);
  }
  return installed;
}

/** The first candidate that runs: a stub that only points to a snap does not. */
async function findChromium(): Promise<string | null> {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  for (const candidate of [...names.map(findOnPath), chromium.executablePath()]) {
    if (candidate !== null && (await succeeds(candidate, ['--version']))) {
      return candidate;
    }
  }
  return null;
}

/** A compiler counts when the headers that the targets need are there too. */
async function findCompiler(): Promise<string | null> {
  const args = [
    '-fsyntax-only',
    '-include',
    'stdio.h',
    '-include',
    'linux/userfaultfd.h',
    '-xc',
    '/dev/null',
  ];
  for (const candidate of ['cc', 'gcc', 'clang']) {
    if (await succeeds(candidate, args)) {
      return candidate;
    }
  }
  return null;
}

async function succeeds(command: string, args: readonly string[]): Promise<boolean> {
  try {
    return (await readCommand(command, args)).exitCode === 0;
  } catch {
    // Not there, or not executable.
    return false;
  }
}

/** Debian for its derivatives too; Ubuntu for those of Ubuntu. */
function systemId(): string {
  const fields = new Map(
    readFileSync('/etc/os-release', 'utf8')
      .split('\n')
      .map((line) => line.split('=', 2) as [string, string | undefined])
      .map(([name, value]) => [name, (value ?? '').replaceAll('"', '')]),
  );
  const ids = [fields.get('ID') ?? '', ...(fields.get('ID_LIKE') ?? '').split(' ')];
  return ids.find((id) => id === 'ubuntu') ?? ids.find((id) => id === 'debian') ?? '';
}
