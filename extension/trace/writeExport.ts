/**
 * Writes an export piece by piece under a name of its own, and gives it its name once it is whole: what is
 * cancelled or fails leaves nothing. Pure: no VS Code.
 */
import { open, rename, rm } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import type { ExportPiece } from './exportSource.ts';

export interface ExportControl {
  /** @param rows that have been used up since the last call */
  onProgress(rows: number): void;
  isCancelled(): boolean;
}

/**
 * @returns how many events were written; null when it was cancelled
 * @throws what open(2), write(2) and rename(2) answer
 */
export async function writeExport(
  path: string,
  pieces: Iterable<ExportPiece>,
  control: ExportControl,
): Promise<number | null> {
  const partial = `${path}.${process.pid}.partial`;
  const file = await open(partial, 'w');
  let total: number | null = 0;
  try {
    try {
      for (const { text, rows, events } of pieces) {
        if (control.isCancelled()) {
          total = null;
          break;
        }
        await file.appendFile(text);
        total += events;
        control.onProgress(rows);
        // Writing may not have waited for anything; others have their turn.
        await setImmediate();
      }
    } finally {
      await file.close();
    }
    if (total !== null) {
      await rename(partial, path);
    }
    return total;
  } finally {
    await rm(partial, { force: true });
  }
}
