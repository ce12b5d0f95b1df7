/** The guest's root file system: a cpio archive with all that the helper's tests need. */
import { chmod, cp, mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { readCommand } from '../workbench/childProcess.ts';
import { rootFolder } from '../workbench/paths.ts';
import { nodeProgram } from '../rings/mochaRing.ts';
import { neededPackages } from './neededPackages.ts';

/** Where init.sh looks for the checkout. */
const checkout = 'checkout';
/** Parts of the checkout: tests run from their sources, the helper from its bundles. */
const parts = ['package.json', 'native-helper', 'test', 'dist', nodeProgram];
/** What the bundles and the tests import. */
const packages = ['koffi', 'mocha', 'vscode-jsonrpc'];
const mountPoints = ['proc', 'sys', 'dev', 'tmp'];

/**
 * Packs the image.
 * @param folder an empty folder to work in
 * @param busybox without shared libraries
 * @returns path of the archive, inside the folder
 */
export async function packGuestImage(folder: string, busybox: string): Promise<string> {
  const root = path.join(folder, 'root');
  for (const mountPoint of mountPoints) {
    await mkdir(path.join(root, mountPoint), { recursive: true });
  }
  for (const part of [...parts, ...neededPackages(packages)]) {
    await cp(path.join(rootFolder, part), path.join(root, checkout, part), { recursive: true });
  }
  for (const library of await sharedLibraries(path.join(rootFolder, nodeProgram))) {
    await cp(library, path.join(root, library), { dereference: true });
  }
  await cp(busybox, path.join(root, 'bin/busybox'));
  for (const command of (await output(busybox, ['--list'])).split('\n').filter((name) => name !== '')) {
    if (command !== 'busybox') {
      await symlink('busybox', path.join(root, 'bin', command));
    }
  }
  // Where scripts look for env(1).
  await mkdir(path.join(root, 'usr'));
  await symlink('../bin', path.join(root, 'usr/bin'));
  await cp(path.join(import.meta.dirname, 'init.sh'), path.join(root, 'init'));
  await chmod(path.join(root, 'init'), 0o755);
  const archive = path.join(folder, 'root.cpio');
  const pack = 'cd "$1" && find . | "$2" cpio -o -H newc >"$3"';
  await output('sh', ['-c', pack, 'sh', root, busybox, archive]);
  return archive;
}

/** The libraries that a program loads, its loader included. */
async function sharedLibraries(program: string): Promise<string[]> {
  const listed = await output('ldd', [program]);
  return [...listed.matchAll(/^\t(?:\S+ => )?(\/\S+)/gm)].map((match) => match[1]!);
}

async function output(command: string, args: readonly string[]): Promise<string> {
  const result = await readCommand(command, args);
  if (result.exitCode !== 0) {
    throw new Error(`${command} failed: ${result.output}`);
  }
  return result.output;
}
