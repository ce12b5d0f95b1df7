/**
 * Contract between the timeline page and its host, the extension.
 *
 * JSON-RPC messages over postMessage. Log rows cross as ArrayBuffers in the packed
 * form of native-helper/log/eventRows.ts; no bare bigint ever crosses.
 */
import { NotificationType, NotificationType0, ProgressType, RequestType, RequestType0 } from 'vscode-jsonrpc';
import type { Hex } from '../native-helper/protocol/conventions.ts';
import type { BytesDto } from '../native-helper/protocol/files.ts';
import type { PreviewParams, ReadMemoryParams } from '../native-helper/protocol/hexPreview.ts';
import type {
  BatchResultDto,
  IoctlResultDto,
  RegisterParams,
  ResolveParams,
} from '../native-helper/protocol/ioctls.ts';
import type { PreflightDto, PreflightParams } from '../native-helper/protocol/preflight.ts';
import type {
  MapChangeDto,
  SessionDidEndParams,
  SessionDto,
  ThreadDto,
} from '../native-helper/protocol/session.ts';
import type { ViewCommand } from './viewCommands.ts';

// ---- host → page -------------------------------------------------------------

/** An instruction that has raised faults. */
export interface CodeDto {
  /** As in rows `code`. */
  readonly address: Hex;
  /** `function+0x12`, else `file+0x12` with the offset in the file; empty where there is neither. */
  readonly name: string;
  /** Null without debug information, and until it has been looked up. */
  readonly source: { readonly path: string; readonly line: number } | null;
}

/** A session as the page shows it. */
export interface SessionViewDto {
  /** Its ranges are those of now. Its id is unique in this window, and is the number people see. */
  readonly session: SessionDto;
  /** Which of the timeline's colours it has, from 0. */
  readonly colour: number;
  /** Set while the memory map is changing, when every resolution answers EAGAIN. */
  readonly mapChange: MapChangeDto | null;
  /** Threads that have faulted, with their names. */
  readonly threads: readonly ThreadDto[];
  /** Instructions that have raised faults, as far as such are known. */
  readonly codes: readonly CodeDto[];
  /** Set once the session is over; the trace stays readable but nothing can be resolved. */
  readonly endText: string | null;
  /** Why it is over, or that it is a recording; null exactly when `endText` is. */
  readonly endReason: SessionDidEndParams['reason'] | 'helperFailed' | 'recording' | null;
  /** The session's clock now, in nanoseconds since its start; stands still after its end. */
  readonly nowNs: number;
  /** Sequence number of the newest row there is: of a file that is being read, of its last one. */
  readonly revision: number;
}

/** All sessions of the window, oldest first, and the id of the one that details and commands are about. */
export interface SessionsDto<Session> {
  readonly sessions: readonly Session[];
  /** Null exactly when there is no session. */
  readonly currentId: number | null;
}

/** A session with the beginning of its history; what does not fit into one answer follows as appended rows. */
export interface SessionHistoryDto {
  readonly view: SessionViewDto;
  /** Packed batches, oldest first; rows of faults still open come even when older than the history. */
  readonly batches: readonly ArrayBuffer[];
  /** Packed LatencyOverviews by thread, 0 for the unknown ones; none when all rows there are come at once. */
  readonly overview: readonly { readonly tid: number; readonly bytes: ArrayBuffer }[];
  /** Rows the bounded history has dropped. */
  readonly droppedRows: number;
}
export type HydrateDto = SessionsDto<SessionHistoryDto>;

export interface RowsDidAppendParams {
  readonly sessionId: number;
  readonly batch: ArrayBuffer;
  /** The batch follows on this row: the page must know it, else rows are missing and it hydrates. */
  readonly afterSequence: number;
  readonly nowNs: number;
}
/**
 * The rows that follow on those the page has. Only sent between `HydrateRequest` and the page being
 * hidden, and only so many as `RowsTakenNotification` lets.
 */
export const RowsDidAppendNotification = new NotificationType<RowsDidAppendParams>('rows/didAppend');

/** Sessions began, ended or were closed, or another one is the current one. A new one has no rows yet. */
export const SessionsDidChangeNotification = new NotificationType<SessionsDto<SessionViewDto>>(
  'sessions/didChange',
);
/** Threads, ranges or the map change of one session are others. */
export const SessionDidChangeNotification = new NotificationType<{ readonly view: SessionViewDto }>(
  'session/didChange',
);

/** Commands of the palette and of menus that act inside the page. */
export type { ViewCommand };
export const ViewCommandNotification = new NotificationType<{
  readonly command: ViewCommand;
  /** What the menu was about that the command was chosen from, where that is no fault. */
  readonly lane?: LaneDto;
}>('view/command');

/** A lane by what its faults have in common; the page gives it to its menus as `uffdLane`. */
export type LaneDto =
  | { readonly by: 'thread'; readonly tid: number }
  /** Address of an instruction; null for faults of which it is not known. */
  | { readonly by: 'code'; readonly code: Hex | null }
  /** The first 4 KiB page of the range; null for faults in none. */
  | { readonly by: 'range'; readonly range: { readonly page: number; readonly lengthBytes: number } | null };

/** Select a fault and move to it. */
export const FaultShowNotification = new NotificationType<{
  readonly sessionId: number;
  readonly faultId: number;
}>('fault/show');

// ---- page → host -------------------------------------------------------------

/** Sent when the page has loaded, and each time it becomes visible again. */
export const HydrateRequest = new RequestType<null, HydrateDto, void>('view/hydrate');

/** The page has taken up all rows of a session up to this one, and has room for more. */
export const RowsTakenNotification = new NotificationType<{
  readonly sessionId: number;
  readonly sequence: number;
}>('rows/taken');

/**
 * Requests about an attached session, the current one or another. What cannot be done is refused:
 * the error's message is a sentence to show beside the form.
 */
export const PageResolveRequest = new RequestType<ResolveParams, BatchResultDto, void>('fault/resolve');
/** As in the helper's protocol; faults are woken in this order. */
export interface PageWakeParams {
  readonly sessionId: number;
  readonly faultIds: readonly number[];
  readonly progressToken?: string;
}
export const PageWakeRequest = new RequestType<PageWakeParams, BatchResultDto, void>('fault/wake');
/** Progress of both, by their token. Cancelling either request stops between two ioctls. */
export const PageBatchProgress = new ProgressType<{ readonly done: number; readonly total: number }>();
export const PagePreflightRequest = new RequestType<PreflightParams, PreflightDto, void>('fault/preflight');
export const PagePreviewRequest = new RequestType<PreviewParams, BytesDto, void>('source/preview');
export const PageReadMemoryRequest = new RequestType<ReadMemoryParams, BytesDto, void>('memory/read');
/** The host asks the user to confirm first; null when they did not. */
export const PageRegisterRequest = new RequestType<RegisterParams, IoctlResultDto | null, void>(
  'range/register',
);

/** A file whose bytes pages may be given. */
export interface ChosenFileDto {
  readonly fileId: number;
  readonly path: string;
  readonly sizeBytes: number;
}
/** Shows the dialog to choose a file; null when none was chosen. */
export const ChooseFileRequest = new RequestType0<ChosenFileDto | null, void>('file/choose');

/**
 * The faults of a session that the user selected, so that palette commands act on them, in the
 * order of selection; `faultId` is the one whose details show, null for none.
 */
export const SelectionDidChangeNotification = new NotificationType<{
  readonly sessionId: number;
  readonly faultId: number | null;
  readonly faultIds: readonly number[];
}>('selection/didChange');

/** Another session is the current one from now on: the page has gone ahead. */
export const SessionChosenNotification = new NotificationType<{ readonly sessionId: number }>(
  'session/chosen',
);
/** Detach from this session, or close its trace when it is over; the host asks first where that loses something. */
export const LeaveAskedNotification = new NotificationType<{ readonly sessionId: number }>(
  'session/leaveAsked',
);
/** Make a rule for faults like this one. */
export const RuleAskedNotification = new NotificationType<{
  readonly sessionId: number;
  readonly faultId: number;
}>('rule/asked');

/** The empty page's buttons. */
export const AttachAskedNotification = new NotificationType0('attach/asked');
export const DemoAskedNotification = new NotificationType0('demo/asked');
export const RecordingAskedNotification = new NotificationType0('recording/asked');
