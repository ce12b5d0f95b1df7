import { mkdir, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { readCommand } from './childProcess.ts';
import { rootFolder, targetFolder } from './paths.ts';
import { provideCompiler } from './systemPackages.ts';

/** Compiles every changed test/fixtures/targets/NAME.c to dist/test/targets/NAME. Throws what the compiler says. */
export async function compileTargets(): Promise<void> {
  const compiler = await provideCompiler();
  const sourceFolder = path.join(rootFolder, 'test/fixtures/targets');
  const files = await readdir(sourceFolder);
  const sources = files.filter((file) => file.endsWith('.c'));
  const headers = files.filter((file) => file.endsWith('.h'));
  await mkdir(targetFolder, { recursive: true });
  await Promise.all(
    sources.map(async (source) => {
      const executable = path.join(targetFolder, path.basename(source, '.c'));
      const needed = [source, ...headers].map((file) => path.join(sourceFolder, file));
      // The flags below are in this file.
      if (await isNewer(executable, [...needed, import.meta.filename])) {
        return;
      }
      const flags = ['-O1', '-g', '-Wall', '-Werror', '-pthread', '-o', executable];
      const { exitCode, output } = await readCommand(compiler, [...flags, path.join(sourceFolder, source)]);
      if (exitCode !== 0) {
        throw new Error(`${source} does not compile:\n${output}`);
      }
    }),
  );
}

async function isNewer(file: string, sources: readonly string[]): Promise<boolean> {
  const made = await stat(file).catch(() => null);
  const changed = await Promise.all(sources.map(async (source) => (await stat(source)).mtimeMs));
  return made !== null && changed.every((mtimeMs) => made.mtimeMs > mtimeMs);
}
