import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onShutdown } from './shutdown.ts';

export interface TemporaryFolder {
  readonly path: string;
  remove(): Promise<void>;
}

/** Makes a fresh folder, which is removed with this process at the latest. `name` tells what it is for. */
export async function makeTemporaryFolder(name: string): Promise<TemporaryFolder> {
  const folder = await mkdtemp(path.join(tmpdir(), `uffd-${name}-`));
  const options = { recursive: true, force: true, maxRetries: 3 };
  const remove = async () => {
    await rm(folder, options);
    forget();
  };
  const forget = onShutdown({ stop: remove, kill: () => rmSync(folder, options) });
  return { path: folder, remove };
}
