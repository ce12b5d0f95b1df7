/** A trace file's bytes. Pure: no VS Code. */
import { open } from 'node:fs/promises';
import type { ByteSource } from './format/traceMessages.ts';

/**
 * Opens a file for as long as `use` takes.
 * @throws what open(2) and read(2) answer
 */
export async function withTraceFile<T>(path: string, use: (source: ByteSource) => Promise<T>): Promise<T> {
  const file = await open(path, 'r');
  try {
    const { size: sizeBytes } = await file.stat();
    return await use({
      sizeBytes,
      read: async (position, lengthBytes) => {
        const buffer = new Uint8Array(Math.max(0, Math.min(lengthBytes, sizeBytes - position)));
        const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
        return bytesRead === buffer.length ? buffer : buffer.slice(0, bytesRead);
      },
    });
  } finally {
    await file.close();
  }
}
