/** Which ioctls can work on pages, before one is tried. */
import { RequestType } from 'vscode-jsonrpc';
import type { ErrorDto } from './errors.ts';
import type { PagesDto } from './ioctls.ts';

export type OfferId =
  | 'copy'
  | 'zeropage'
  | 'continue'
  /** WRITEPROTECT off, which resolves WP faults. */
  | 'unprotect'
  /** WRITEPROTECT on. */
  | 'protect'
  | 'poison'
  | 'move'
  | 'wake'
  | 'unregister';

/** Whether an action makes sense now. */
export interface OfferDto {
  readonly id: OfferId;
  /** Why it is not offered, in a few words; empty when it is. */
  readonly obstacle: string;
  /** For copy and continue: why mode WP is not to be had; empty when it is. */
  readonly wpObstacle?: string;
}
export interface PreflightDto {
  /** Every `OfferId` once, in that order. */
  readonly offers: readonly OfferDto[];
  /** What was found, in a few words each: `anonymous, 4 KiB pages`, `page present`, `page in the page cache`. */
  readonly facts: readonly string[];
  /** What resolving by hand may break, a sentence each. */
  readonly warnings: readonly string[];
}
export interface PreflightParams {
  readonly sessionId: number;
  readonly what: PagesDto;
}
/** Which actions can work on these pages, and why others cannot. Changes nothing. */
export const PreflightRequest = new RequestType<PreflightParams, PreflightDto, ErrorDto>('fault/preflight');
