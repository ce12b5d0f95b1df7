/**
 * Files the user chose for page contents. The helper may run as root and opens none: it gets
 * their bytes from here, and only theirs. Pure: no VS Code.
 *
 * A file is opened for each read and closed again, so however many are chosen, no descriptor
 * stays open; it must be the file that was chosen, unchanged, or pages would get mixed contents.
 */
import { constants, type BigIntStats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { ReadFileParams } from '../../native-helper/protocol/files.ts';
import type { ChosenFileDto } from '../../webview/protocol.ts';

interface ChosenFile extends ChosenFileDto {
  readonly modifiedNs: bigint;
}

export class ChosenFiles {
  private readonly files = new Map<number, ChosenFile>();

  /**
   * Lets the helper ask for this file from now on. The same unchanged file keeps its number.
   * @throws Error whose message says why it cannot be used
   */
  async choose(path: string): Promise<ChosenFileDto> {
    const { size, mtimeNs } = await statFile(path);
    const known = [...this.files.values()].find(
      (file) => file.path === path && !hasChanged(file, { size, mtimeNs }),
    );
    if (known !== undefined) {
      return shown(known);
    }
    const fileId = this.files.size + 1;
    const file = { fileId, path, sizeBytes: Number(size), modifiedNs: mtimeNs };
    this.files.set(fileId, file);
    return shown(file);
  }

  /**
   * Bytes of a chosen file: fewer than asked for where it ends in between.
   * @throws Error whose message says why there are none, with the file's path
   */
  async read({ fileId, offsetBytes, lengthBytes }: ReadFileParams): Promise<Uint8Array> {
    const file = this.files.get(fileId);
    if (file === undefined) {
      throw new Error(`File ${fileId} was not chosen in this window. Choose the file again.`);
    }
    const { path, sizeBytes } = file;
    // Without O_NONBLOCK, opening a FIFO that has taken the file's place would wait for a writer.
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: unknown) => {
      throw unreadable(path, error);
    });
    try {
      const before = await handle.stat({ bigint: true });
      if (!before.isFile() || hasChanged(file, before)) {
        throw changed(path);
      }
      if (offsetBytes >= sizeBytes) {
        throw new Error(
          `${path} is too short: it has ${sizeBytes} bytes, and the page needs those from offset ${offsetBytes} on. Choose a longer file, or another offset or base address.`,
        );
      }
      const bytes = Buffer.alloc(Math.min(lengthBytes, sizeBytes - offsetBytes));
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, offsetBytes);
      if (bytesRead < bytes.length) {
        throw changed(path);
      }
      return bytes;
    } finally {
      await handle.close();
    }
  }
}

/** @throws Error when it is no file with contents of its own, such as a FIFO, which opening could block on */
async function statFile(path: string): Promise<BigIntStats> {
  const stats = await stat(path, { bigint: true }).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  if (!stats.isFile()) {
    throw new Error(`${path} is not a regular file. Choose a file that holds the page’s bytes.`);
  }
  if (stats.size === 0n) {
    throw new Error(`${path} is empty. Choose a file that holds the page’s bytes.`);
  }
  return stats;
}

function hasChanged(file: ChosenFile, now: Pick<BigIntStats, 'size' | 'mtimeNs'>): boolean {
  return BigInt(file.sizeBytes) !== now.size || file.modifiedNs !== now.mtimeNs;
}

function changed(path: string): Error {
  return new Error(
    `${path} has changed since it was chosen, so its bytes may not belong together any more. Choose it again to use it as it is now.`,
  );
}

function unreadable(path: string, error: unknown): Error {
  const { code } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new Error(`${path} is not there any more. Choose another file.`);
    case 'EACCES':
    case 'EPERM':
      return new Error(
        `${path} may not be read by this user. Change its permissions, or choose another file.`,
      );
    default:
      return new Error(`${path} cannot be read (${code ?? String(error)}). Choose another file.`);
  }
}

function shown({ fileId, path, sizeBytes }: ChosenFile): ChosenFileDto {
  return { fileId, path, sizeBytes };
}
