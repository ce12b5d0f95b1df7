import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** Absolute path of a command, as a shell would find it; null when there is none. */
export function findOnPath(command: string): string | null {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => path.join(folder, command)).find(isExecutable) ?? null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
