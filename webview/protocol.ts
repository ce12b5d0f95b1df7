/**
 * Contract between the timeline page and its host, the extension.
 *
 * JSON-RPC messages over postMessage. Log rows cross as ArrayBuffers in the packed
 * form of native-helper/log/eventRows.ts; no bare bigint ever crosses.
 */
import { NotificationType, NotificationType0, RequestType } from 'vscode-jsonrpc';
import type {
  IoctlResultDto,
  ResolveActionDto,
  SessionDidEndParams,
  SessionDto,
  ThreadDto,
} from '../native-helper/protocol.ts';

// ---- host → page -------------------------------------------------------------

/** The session as the page shows it. */
export interface SessionViewDto {
  readonly session: SessionDto;
  /** Threads that have faulted, with their names. */
  readonly threads: readonly ThreadDto[];
  /** Set once the session is over; the trace stays readable but nothing can be resolved. */
  readonly endText: string | null;
  /** Why it is over; null exactly when `endText` is. */
  readonly endReason: SessionDidEndParams['reason'] | 'helperFailed' | null;
}

export interface HydrateDto {
  /** Null when nothing has been attached since the window opened. */
  readonly view: SessionViewDto | null;
  /** Packed batches, oldest first; rows of faults still open come even when older than the history. */
  readonly batches: readonly ArrayBuffer[];
  /** Rows the bounded history has dropped. */
  readonly droppedRows: number;
  /** The session's clock now, in nanoseconds since its start. */
  readonly nowNs: number;
}

export interface RowsDidAppendParams {
  readonly sessionId: number;
  readonly batch: ArrayBuffer;
  readonly nowNs: number;
}
/** New rows. Only sent between `HydrateRequest` and the page being hidden. */
export const RowsDidAppendNotification = new NotificationType<RowsDidAppendParams>('rows/didAppend');

/** The session began, changed or ended. A new session id means: forget all rows. */
export const SessionDidChangeNotification = new NotificationType<{ readonly view: SessionViewDto | null }>(
  'session/didChange',
);

/** Commands of the palette and the editor title that act inside the page. */
export type ViewCommand = 'fit' | 'toggleFollow' | 'focusResolveForm';
export const ViewCommandNotification = new NotificationType<{ readonly command: ViewCommand }>(
  'view/command',
);

// ---- page → host -------------------------------------------------------------

/** Sent when the page has loaded, and each time it becomes visible again. */
export const HydrateRequest = new RequestType<null, HydrateDto, void>('view/hydrate');

export interface PageResolveParams {
  /** The session the faults are of; another one than the current is refused. */
  readonly sessionId: number;
  readonly faultIds: readonly number[];
  readonly action: ResolveActionDto;
  readonly lengthPages: number;
}
/** The error's message is a sentence to show beside the form. */
export const PageResolveRequest = new RequestType<PageResolveParams, readonly IoctlResultDto[], void>(
  'fault/resolve',
);

export interface PageWakeParams {
  /** As in `PageResolveParams`. */
  readonly sessionId: number;
  readonly faultIds: readonly number[];
}
export const PageWakeRequest = new RequestType<PageWakeParams, readonly IoctlResultDto[], void>('fault/wake');

/** The fault the user selected, so that palette commands act on it; null for none. */
export const SelectionDidChangeNotification = new NotificationType<{ readonly faultId: number | null }>(
  'selection/didChange',
);

/** The empty page's two buttons. */
export const AttachAskedNotification = new NotificationType0('attach/asked');
export const DemoAskedNotification = new NotificationType0('demo/asked');
