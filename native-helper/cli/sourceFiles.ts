/** Files that rules take page contents from, opened once and read as their user. */
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import type { ReadFileParams } from '../protocol/files.ts';

interface SourceFile {
  readonly path: string;
  readonly handle: FileHandle;
  readonly sizeBytes: bigint;
  readonly modifiedNs: bigint;
}

export class SourceFiles {
  private readonly files: SourceFile[] = [];

  /**
   * Opens a file; it stays open until the process ends.
   * @returns its number, for `read`
   * @throws Error whose message says why it cannot be used
   */
  async open(path: string): Promise<number> {
    const known = this.files.findIndex((file) => file.path === path);
    if (known !== -1) {
      return known + 1;
    }
    // Without O_NONBLOCK, opening a FIFO would wait for a writer.
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: unknown) => {
      throw new Error(`${path} ${whyUnreadable((error as NodeJS.ErrnoException).code)}.`);
    });
    const stats = await handle.stat({ bigint: true });
    if (!stats.isFile() || stats.size === 0n) {
      await handle.close();
      throw new Error(`${path} ${stats.isFile() ? 'is empty' : 'is not a regular file'}.`);
    }
    this.files.push({ path, handle, sizeBytes: stats.size, modifiedNs: stats.mtimeNs });
    return this.files.length;
  }

  /**
   * Bytes of an opened file, fewer at its end.
   * @throws Error whose message says why there are none: pages would get mixed contents
   */
  async read({ fileId, offsetBytes, lengthBytes }: ReadFileParams): Promise<Uint8Array> {
    const file = this.files[fileId - 1];
    if (file === undefined) {
      throw new Error(`File ${fileId} was never opened.`);
    }
    const bytes = Buffer.alloc(Math.max(0, Math.min(lengthBytes, Number(file.sizeBytes) - offsetBytes)));
    const { bytesRead } = await file.handle.read(bytes, 0, bytes.length, offsetBytes);
    const { size, mtimeNs } = await file.handle.stat({ bigint: true });
    if (bytesRead < bytes.length || size !== file.sizeBytes || mtimeNs !== file.modifiedNs) {
      throw new Error(
        `${file.path} has changed since it was opened, so its bytes may not belong together any more. Start uffdbg again to use it as it is now.`,
      );
    }
    return bytes;
  }
}

function whyUnreadable(code: string | undefined): string {
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'is not there';
    case 'EACCES':
    case 'EPERM':
      return 'may not be read by this user';
    default:
      return `cannot be read (${code ?? 'unknown error'})`;
  }
}
