/** Bytes to be looked at before an ioctl. */
import { RequestType } from 'vscode-jsonrpc';
import type { Hex } from './conventions.ts';
import type { ErrorDto } from './errors.ts';
import type { BytesDto, PageSourceDto } from './files.ts';

export interface PreviewParams {
  readonly sessionId: number;
  readonly source: PageSourceDto;
  /** Where the bytes would go. */
  readonly address: Hex;
  /** At most 65,536. */
  readonly lengthBytes: number;
}
/** The bytes that a source gives to a place. */
export const PreviewRequest = new RequestType<PreviewParams, BytesDto, ErrorDto>('source/preview');

export interface ReadMemoryParams {
  readonly sessionId: number;
  readonly address: Hex;
  /** At most 65,536. */
  readonly lengthBytes: number;
}
/** The target's memory as it is, through /proc/PID/mem, which raises no fault: a missing page is refused. */
export const ReadMemoryRequest = new RequestType<ReadMemoryParams, BytesDto, ErrorDto>('memory/read');
