import { readFileSync } from 'node:fs';
import path from 'node:path';
import { rootFolder } from '../workbench/paths.ts';

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** Folders below node_modules that these packages need, themselves included, relative to the checkout. */
export function neededPackages(names: readonly string[]): string[] {
  const found = new Set<string>();
  for (const name of names) {
    collect(name, '', found);
  }
  return [...found];
}

function collect(name: string, from: string, found: Set<string>): void {
  const folder = resolve(name, from);
  if (folder === undefined || found.has(folder)) {
    return;
  }
  found.add(folder);
  const { dependencies, optionalDependencies } = manifestOf(folder)!;
  for (const needed of Object.keys({ ...dependencies, ...optionalDependencies })) {
    collect(needed, folder, found);
  }
}

/** As Node finds it: the nearest node_modules upwards. Undefined for an optional one of other systems. */
function resolve(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = path.dirname(folder)) {
    const candidate = path.join(folder, 'node_modules', name);
    if (manifestOf(candidate) !== undefined) {
      return candidate;
    }
    if (folder === '' || folder === '.') {
      return undefined;
    }
  }
}

function manifestOf(folder: string): Manifest | undefined {
  try {
    return JSON.parse(readFileSync(path.join(rootFolder, folder, 'package.json'), 'utf8')) as Manifest;
  } catch {
    return undefined;
  }
}
