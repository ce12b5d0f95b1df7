/** Contract between the extension host and the live strip: small summaries, never rows. */
import { NotificationType, NotificationType0 } from 'vscode-jsonrpc';

/** Length of a bucket of the sparkline, and how many there are: the last minute. */
export const stripBucketNs = 250e6;
export const stripBuckets = 240;

/** A fault of the strip's list. */
export interface StripFaultDto {
  readonly faultId: number;
  readonly thread: string;
  readonly address: string;
  /** From raised to woken. */
  readonly latencyNs: number;
}

/** One bucket; latencies are null where no fault ended. */
export interface StripBucketDto {
  readonly p50Ns: number | null;
  readonly p95Ns: number | null;
  readonly maxNs: number | null;
  /** Threads asleep at its end, and how many of them in held faults. */
  readonly open: number;
  readonly held: number;
}

export interface StripDto {
  readonly sessionId: number;
  /** The session's name. */
  readonly title: string;
  readonly isLive: boolean;
  /** Oldest first; the last one is still going on. */
  readonly buckets: readonly StripBucketDto[];
  readonly open: number;
  readonly held: number;
  /** Faults of the last second. */
  readonly perSecond: number;
  /** Faults that ended last, the latest first. */
  readonly last: readonly StripFaultDto[];
}

/** What there is to show; null when nothing is attached. Only sent while the strip is visible and follows. */
export const StripDidChangeNotification = new NotificationType<{ readonly strip: StripDto | null }>(
  'strip/didChange',
);

/** The page has loaded, or follows again. */
export const StripFollowNotification = new NotificationType0('strip/follow');
export const StripPauseNotification = new NotificationType0('strip/pause');
/** Show a fault in the timeline; null = only the timeline. */
export const StripShowNotification = new NotificationType<{
  readonly sessionId: number;
  readonly faultId: number | null;
}>('strip/show');
/** The buttons shown while nothing is attached. */
export const StripAttachNotification = new NotificationType0('strip/attach');
export const StripDemoNotification = new NotificationType0('strip/demo');
export const StripRecordingNotification = new NotificationType0('strip/recording');
