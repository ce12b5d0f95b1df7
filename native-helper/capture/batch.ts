/** Resolving or waking many spans of pages, one after the other, in slices. */
import { moveRefused } from '../helperErrors.ts';
import type { BatchResultDto, IoctlResultDto } from '../protocol/ioctls.ts';
import { BatchResults } from './batchResults.ts';
import type { Job, JobState } from './jobs.ts';
import type { PageSpan } from './pagePlan.ts';
import { unreadable, type PageBytes } from './pageSource.ts';
import { PageWork, type ActingContext, type PageAction } from './pageWork.ts';

/** While the map is changing, ioctls are tried again for this long. */
const mapChangeLimitNs = 250e6;
const firstRetryNs = 1e6;
/** Progress is told at most this often. */
const progressIntervalNs = 100e6;

/** Who is told what becomes of a batch. */
export interface BatchListener {
  onProgress(id: number, done: number, total: number): void;
  onFinished(id: number, result: BatchResultDto): void;
  /** Nothing could be done, and `error` says why. */
  onRefused(id: number, error: Error): void;
}

export class Batch implements Job {
  readonly id: number;
  private readonly context: ActingContext;
  private readonly action: PageAction;
  private readonly bytes: PageBytes | undefined;
  private readonly plan: readonly PageSpan[];
  private readonly listener: BatchListener;
  private readonly results = new BatchResults();
  private readonly isRange: boolean;
  /** Pages of all spans of a range, or the number of faults. */
  private readonly total: number;
  private next = 0;
  private donePages = 0;
  private current: PageWork | undefined;
  /** Since when every ioctl has been refused because the map is changing. */
  private refusedSinceNs: number | undefined;
  private retryNs = firstRetryNs;
  private progressNs: number;

  /** @param bytes the source of a COPY; the batch frees it */
  constructor(
    id: number,
    context: ActingContext,
    action: PageAction,
    bytes: PageBytes | undefined,
    plan: readonly PageSpan[],
    listener: BatchListener,
  ) {
    this.id = id;
    this.context = context;
    this.action = action;
    this.bytes = bytes;
    this.plan = plan;
    this.listener = listener;
    this.isRange = plan[0]?.faultId === 0;
    this.total = this.isRange ? pagesOf(plan) : plan.length;
    this.progressNs = context.log.nowNs();
  }

  work(deadlineNs: number): JobState {
    const { log, ioctls } = this.context;
    while (this.current !== undefined || this.next < this.plan.length) {
      const state = this.step(log.nowNs());
      if (state !== 'ready') {
        return state;
      }
      const nowNs = log.nowNs();
      this.tellProgress(nowNs);
      // The session will end in this turn of the loop, and with it the batch.
      if (nowNs >= deadlineNs || ioctls.isMemoryGone) {
        return this.isDone ? this.finish() : 'ready';
      }
    }
    return this.finish();
  }

  stop(): void {
    if (this.current?.hasBegun === true) {
      this.results.addFailure(this.current.result(), true);
    }
    this.finish();
  }

  private get isDone(): boolean {
    return this.current === undefined && this.next === this.plan.length;
  }

  /** One ioctl, or the answer for a span that needs none. */
  private step(nowNs: number): JobState {
    this.current ??= this.begin();
    if (this.current === undefined) {
      return 'ready';
    }
    const outcome = this.current.step();
    switch (outcome) {
      case 'asked':
        return 'asked';
      case 'mapChanging':
        this.refusedSinceNs ??= nowNs;
        if (nowNs - this.refusedSinceNs < mapChangeLimitNs) {
          // Each try takes twice as long: the log is to tell what happened, not to be flooded.
          const atNs = nowNs + this.retryNs;
          this.retryNs *= 2;
          return { atNs };
        }
        break;
      case 'again':
      case 'done':
        this.refusedSinceNs = undefined;
        this.retryNs = firstRetryNs;
        if (outcome === 'again') {
          return 'ready';
        }
    }
    const { failure, hasBegun } = this.current;
    if (failure !== undefined && this.plan.length === 1 && !hasBegun) {
      this.bytes?.free();
      const refused =
        this.action.ioctl === 'copy'
          ? unreadable(this.action.source, `${failure} Nothing was done.`)
          : moveRefused(failure);
      this.listener.onRefused(this.id, refused);
      return 'finished';
    }
    this.take(this.current);
    return 'ready';
  }

  /** Begins with the next span; undefined when its fault is not open any more, which is answered. */
  private begin(): PageWork | undefined {
    const span = this.plan[this.next]!;
    if (span.faultId === 0 || this.context.log.openFaults.get(span.faultId) !== undefined) {
      return new PageWork(this.context, this.action, this.bytes, span);
    }
    this.next++;
    this.results.addSuccess(endedMeanwhile(this.action.ioctl, span));
    return undefined;
  }

  private take(work: PageWork): void {
    if (work.hasFailed) {
      this.results.addFailure(work.result());
    } else {
      this.results.addSuccess(work.result());
    }
    this.donePages += work.donePages;
    this.current = undefined;
    this.next++;
  }

  private tellProgress(nowNs: number): void {
    if (nowNs - this.progressNs >= progressIntervalNs) {
      this.progressNs = nowNs;
      const pages = this.donePages + (this.current?.donePages ?? 0);
      this.listener.onProgress(this.id, this.isRange ? pages : this.next, this.total);
    }
  }

  private finish(): 'finished' {
    this.bytes?.free();
    this.listener.onFinished(this.id, this.results.dto(this.plan.length));
    return 'finished';
  }
}

function pagesOf(plan: readonly PageSpan[]): number {
  return plan.reduce((pages, { lengthBytes, pageBytes }) => pages + lengthBytes / pageBytes, 0);
}

/** The answer for a fault that needs, or gets, no ioctl of its own. */
function endedMeanwhile(ioctl: string, { faultId, start, lengthBytes }: PageSpan): IoctlResultDto {
  return {
    faultId,
    ioctl,
    start: `0x${start.toString(16)}`,
    lengthBytes,
    doneBytes: 0,
    text: `Fault ${faultId} needed no ioctl of its own: one before it covered its page, or its thread has gone on.`,
    offersWake: false,
  };
}
