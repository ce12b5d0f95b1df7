/** Bytes of files that only the client may open: the one request that the helper makes. */
import { RequestType } from 'vscode-jsonrpc';
import type { PageSource } from '../rules/faultRule.ts';

/** A file that only the client may open, by the number it gave it. */
export interface FileIdDto {
  readonly fileId: number;
}
export type PageSourceDto = PageSource<FileIdDto>;

export interface BytesDto {
  /** Base64. */
  readonly bytes: string;
}

export interface ReadFileParams {
  readonly fileId: number;
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}
/**
 * Bytes of a file that the user chose: the helper, which may run as root, opens none. Fewer
 * bytes than asked for mean the end of the file. An error's message is a sentence for people.
 */
export const ReadFileRequest = new RequestType<ReadFileParams, BytesDto, void>('file/read');
