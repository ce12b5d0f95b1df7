/** Kernels of Debian's releases, and the shell for their guests, in a cache that survives runs. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { cacheFolder } from '../workbench/paths.ts';
import { DebianRelease } from './debianPackages.ts';

/** Remove it to get newer kernels. */
const kernelsFolder = path.join(cacheFolder, 'kernels');
/** Debian's smallest: the drivers that it lacks are none of ours. */
const metaPackage = 'linux-image-cloud-amd64';

/**
 * Path of a release's kernel, downloaded once.
 * @param release such as `bookworm`
 * @throws MissingProgram why it cannot be had
 */
export async function provideKernel(release: string): Promise<string> {
  return provide(path.join(kernelsFolder, release, 'vmlinuz'), async (unpacked) => {
    const debian = new DebianRelease(release, path.join(kernelsFolder, release, 'apt'));
    await debian.unpack(await kernelPackages(debian), unpacked);
    return findFile(unpacked, /\/vmlinuz[^/]*$/);
  });
}

/** Path of a busybox without shared libraries, likewise. */
export async function provideBusybox(): Promise<string> {
  return provide(path.join(kernelsFolder, 'busybox'), async (unpacked) => {
    const debian = new DebianRelease('bookworm', path.join(kernelsFolder, 'bookworm', 'apt'));
    await debian.unpack(['busybox-static'], unpacked);
    return findFile(unpacked, /\/bin\/busybox$/);
  });
}

/** `file`, made by `unpack` in a fresh folder when it is not there yet. */
async function provide(file: string, unpack: (folder: string) => Promise<string>): Promise<string> {
  const folder = path.dirname(file);
  if (!existsSync(file)) {
    const unpacked = path.join(folder, 'unpacked');
    await rm(unpacked, { recursive: true, force: true });
    await mkdir(unpacked, { recursive: true });
    await rename(await unpack(unpacked), file);
    await rm(unpacked, { recursive: true });
  }
  return file;
}

/** The packages among which the kernel is: newer releases split it off from linux-image-*. */
async function kernelPackages(debian: DebianRelease): Promise<string[]> {
  const packages = [metaPackage];
  for (const name of packages) {
    const needed = await debian.dependenciesOf(name);
    packages.push(...needed.filter((other) => /^linux-(image|binary)-\d/.test(other)));
  }
  return packages.slice(1);
}

async function findFile(folder: string, where: RegExp): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const found = files.map((file) => path.join(file.parentPath, file.name)).find((file) => where.test(file));
  if (found === undefined) {
    throw new Error(`Debian's packages hold no file ${where.source} any more.`);
  }
  return found;
}
