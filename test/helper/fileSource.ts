/** The client's side of `file/read`: the files that a test has chosen, by their number. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { ResponseError } from 'vscode-jsonrpc';
import type { ReadFileParams } from '../../native-helper/protocol/files.ts';

/** Bytes in memory, the path of a file, or what answers a piece of it; a thrown Error is the refusal. */
export type ChosenFile = Uint8Array | string | ((params: ReadFileParams) => Uint8Array);

/** At most `lengthBytes` of a file from `offsetBytes` on; fewer at its end. */
function readPath(path: string, { offsetBytes, lengthBytes }: ReadFileParams): Uint8Array {
  const fd = openSync(path, 'r');
  try {
    const length = Math.min(lengthBytes, Math.max(0, fstatSync(fd).size - offsetBytes));
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(fd, bytes, 0, length, offsetBytes));
  } finally {
    closeSync(fd);
  }
}

/**
 * Answers `file/read`.
 * @throws ResponseError with a sentence for people
 */
export function readChosenFile(
  files: ReadonlyMap<number, ChosenFile>,
  params: ReadFileParams,
): { bytes: string } {
  const file = files.get(params.fileId);
  const { offsetBytes, lengthBytes } = params;
  try {
    if (file === undefined) {
      throw new Error(`File ${params.fileId} was never chosen.`);
    }
    const bytes =
      typeof file === 'string'
        ? readPath(file, params)
        : typeof file === 'function'
          ? file(params)
          : file.subarray(offsetBytes, offsetBytes + lengthBytes);
    return { bytes: Buffer.from(bytes).toString('base64') };
  } catch (error) {
    throw new ResponseError(-32000, (error as Error).message);
  }
}
