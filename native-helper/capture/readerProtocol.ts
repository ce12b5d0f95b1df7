/** Contract between the helper's main thread and a session's reader thread. */
import type { MessagePort } from 'node:worker_threads';
import type { ErrorDto } from '../protocol/errors.ts';
import type { PreviewParams } from '../protocol/hexPreview.ts';
import type {
  BatchResultDto,
  IoctlResultDto,
  RegisterParams,
  ResolveParams,
  WakeParams,
} from '../protocol/ioctls.ts';
import type { PreflightDto, PreflightParams } from '../protocol/preflight.ts';
import type { SetRulesParams } from '../protocol/rules.ts';
import type { MapChangeDto, SessionDidEndParams } from '../protocol/session.ts';
import type { PresentFacts } from './preflightFacts.ts';

/** What the reader thread is started with. */
export interface ReaderData {
  readonly uffd: number;
  /** 0 when it is not known whose memory it is. */
  readonly pid: number;
  /** Descriptor number in that process, and the ctx's inode. */
  readonly fd: number;
  readonly inode: number;
  /** Readable when the target process has ended; -1 without a known process. */
  readonly pidfd: number;
  /** Negotiated features in words. */
  readonly features: readonly string[];
  /** ioctls the kernel has, in words. */
  readonly ioctlNames: readonly string[];
  /** What resolving by hand may break, a sentence each. */
  readonly warnings: readonly string[];
  /** Nobody else has the ctx open: a forked child's. */
  readonly isCustody: boolean;
  /** eventfd the main thread writes after each request. */
  readonly requestEvent: number;
  /** Read with RWF_NOWAIT; must be true for a blocking uffd. */
  readonly useNowait: boolean;
  readonly isBlocking: boolean;
  /** CLOCK_MONOTONIC of the session's time zero. */
  readonly startTimeNs: bigint;
  /** Where the main thread puts the `MoveAnswer` to a `move` message. */
  readonly moveAnswers: MessagePort;
  /** `controlWords` 32-bit words. */
  readonly control: SharedArrayBuffer;
}

/** Indexes of the shared control words. */
export const Control = {
  /** Not 0: stop reading at once and end. */
  stop: 0,
  /** Not 0: the thread reads no more and has handed back. */
  stopped: 1,
  /** Number of orders sent. */
  orders: 2,
  /** Not 0: reading has begun, so that there is something to hand back. */
  started: 3,
  /** Not 0: the `move` message has been answered. */
  moved: 4,
  /** Low 32 bits of the sequence number of the last row that the main thread has taken. */
  taken: 5,
} as const;
export const controlWords = 6;

/** A UFFDIO_MOVE that a thread of the target is to do. */
export interface MoveOrder {
  readonly destination: number;
  readonly source: number;
  readonly lengthBytes: number;
  readonly mode: number;
}
/** What the kernel has answered, or why it was not asked: a sentence. */
export type MoveAnswer = { readonly errno: number; readonly out: bigint } | { readonly refusal: string };

/** What the reader thread is asked, and what it answers. */
export interface ReaderCalls {
  /** Begins to read. */
  start: { params: object; result: null };
  resolve: { params: Omit<ResolveParams, 'sessionId' | 'progressToken'>; result: BatchResultDto };
  wake: { params: Pick<WakeParams, 'what'>; result: BatchResultDto };
  register: { params: Omit<RegisterParams, 'sessionId'>; result: IoctlResultDto };
  preflight: {
    params: Pick<PreflightParams, 'what'> & Pick<PresentFacts, 'moveObstacle'>;
    result: PreflightDto;
  };
  preview: { params: Omit<PreviewParams, 'sessionId'>; result: Uint8Array };
  setRules: { params: Pick<SetRulesParams, 'rules'>; result: null };
}
export type ReaderCall = keyof ReaderCalls;

type Numbered<Call extends ReaderCall> = Call extends unknown
  ? { readonly id: number; readonly do: Call; readonly params: ReaderCalls[Call]['params'] }
  : never;
/** A call by its kind. */
export type ReaderRequest = Numbered<ReaderCall>;

/** What the main thread sends. Everything but calls is answered by nothing. */
export type ReaderOrder =
  | ReaderRequest
  /** Stops a batch between two ioctls; it is answered with what has been done. */
  | { readonly do: 'cancel'; readonly id: number }
  /** Answer to `readFile`. */
  | {
      readonly do: 'fileBytes';
      readonly chunk: FileChunk;
      /** The bytes, fewer at the end of the file; or why there are none, a sentence. */
      readonly bytes: Uint8Array | string;
    };

/** A piece of a file that only the client can open. */
export interface FileChunk {
  readonly fileId: number;
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

export type ReaderMessage =
  /** Loaded and waiting for the `start` request; nothing has been read. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'batch'; readonly batch: ArrayBuffer }
  /** First fault of a thread. */
  | { readonly kind: 'thread'; readonly tid: number }
  /** First fault of an instruction, as far as such are known. */
  | { readonly kind: 'code'; readonly address: bigint }
  | { readonly kind: 'reply'; readonly id: number; readonly result: ReaderCalls[ReaderCall]['result'] }
  | { readonly kind: 'refusal'; readonly id: number; readonly message: string; readonly data: ErrorDto }
  /** How far a batch has come. */
  | { readonly kind: 'progress'; readonly id: number; readonly done: number; readonly total: number }
  | { readonly kind: 'readFile'; readonly chunk: FileChunk }
  | { readonly kind: 'hits'; readonly hits: number[] }
  | { readonly kind: 'ruleFailed'; readonly rule: number; readonly faultId: number; readonly text: string }
  /** A fork event put the child's uffd into this process; its owner is now whoever gets this. */
  | { readonly kind: 'forked'; readonly uffd: number }
  /** Registered ranges may have changed. */
  | { readonly kind: 'rangesChanged' }
  /** Have a thread of the target do this, while the reader thread waits for the answer. */
  | { readonly kind: 'move'; readonly order: MoveOrder }
  | { readonly kind: 'mapChange'; readonly change: MapChangeDto | null }
  /** Nobody else has the ctx open any more. */
  | { readonly kind: 'lastHolder' }
  /** The last message. */
  | {
      readonly kind: 'ended';
      readonly reason: SessionDidEndParams['reason'];
      readonly handedBack: number;
      /** What failed, for uffdFailed. */
      readonly detail: string;
    };
