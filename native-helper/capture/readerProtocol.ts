/** Contract between the helper's main thread and a session's reader thread. */
import type {
  ErrorDto,
  IoctlResultDto,
  ResolveParams,
  SessionDidEndParams,
  SetRuleParams,
  WakeParams,
} from '../protocol.ts';

/** What the reader thread is started with. */
export interface ReaderData {
  readonly uffd: number;
  readonly pid: number;
  /** Descriptor number in that process, and the ctx's inode. */
  readonly fd: number;
  readonly inode: number;
  /** Readable when the target process has ended. */
  readonly pidfd: number;
  /** eventfd the main thread writes after each request. */
  readonly requestEvent: number;
  /** Read with RWF_NOWAIT; must be true for a blocking uffd. */
  readonly useNowait: boolean;
  readonly isBlocking: boolean;
  /** CLOCK_MONOTONIC of the session's time zero. */
  readonly startTimeNs: bigint;
  /** `controlWords` 32-bit words. */
  readonly control: SharedArrayBuffer;
}

/** Indexes of the shared control words. */
export const Control = {
  /** Not 0: stop reading at once and end. */
  stop: 0,
  /** Not 0: the thread reads no more and has handed back. */
  stopped: 1,
  /** Number of requests sent. */
  requests: 2,
  /** Not 0: reading has begun, so that there is something to hand back. */
  started: 3,
} as const;
export const controlWords = 4;

export type ReaderRequest = { readonly id: number } & (
  | { readonly do: 'start' }
  | ({ readonly do: 'resolve' } & Pick<ResolveParams, 'faultIds' | 'action' | 'lengthPages'>)
  | { readonly do: 'wake'; readonly what: WakeParams['what'] }
  | { readonly do: 'setRule'; readonly rule: SetRuleParams['rule'] }
);

export type ReaderMessage =
  /** Loaded and waiting for the `start` request; nothing has been read. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'batch'; readonly batch: ArrayBuffer }
  /** First fault of a thread. */
  | { readonly kind: 'thread'; readonly tid: number }
  | { readonly kind: 'reply'; readonly id: number; readonly results: IoctlResultDto[] }
  | { readonly kind: 'refusal'; readonly id: number; readonly message: string; readonly data: ErrorDto }
  /** The last message. */
  | {
      readonly kind: 'ended';
      readonly reason: SessionDidEndParams['reason'];
      readonly handedBack: number;
      /** What failed, for uffdFailed. */
      readonly detail: string;
    };
