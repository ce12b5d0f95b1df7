/**
 * What is done to one span of pages: an ioctl, and further ones where the one before had
 * stopped early, until the span is done or cannot be. Each is logged.
 */
import { Errno, errnoName, hasOut, ioctlResultText } from '../abi/errnoText.ts';
import { basePageBytes } from '../abi/uffdAbi.ts';
import type { RowActor } from '../log/eventRows.ts';
import type { IoctlResultDto, ResolveActionDto } from '../protocol/ioctls.ts';
import { leavesAsleep, modeOf } from './actionMode.ts';
import type { EventLog } from './eventLog.ts';
import type { PageSpan } from './pagePlan.ts';
import type { PageBytes } from './pageSource.ts';
import type { MoveAnswer } from './readerProtocol.ts';
import type { TargetMoves } from './targetMoves.ts';
import type { UffdIoctl } from './uffdIoctl.ts';

/** One ioctl works on no more than this, unless a single page is larger: others have to come between. */
const maxPieceBytes = 4 * 2 ** 20;

export type PageAction = ResolveActionDto | { readonly ioctl: 'wake' };

/** What acting needs. */
export interface ActingContext {
  readonly log: EventLog;
  readonly ioctls: UffdIoctl;
  readonly moves: TargetMoves;
}

/**
 * again = there is more to do at once; mapChanging = the kernel refuses until the map has
 * changed; asked = the client has been asked for bytes.
 */
export type StepOutcome = 'done' | 'again' | 'mapChanging' | 'asked';

export class PageWork {
  /** The span, where its memory is now. */
  private readonly start: number;
  private readonly span: PageSpan;
  private readonly action: PageAction;
  private readonly mode: number;
  private readonly bytes: PageBytes | undefined;
  private readonly context: ActingContext;
  /** Bytes of the span that are behind us. */
  private doneBytes = 0;
  private passedOverPages = 0;
  private errno = 0;
  private out = 0n;
  /** A WAKE of the address under which the kernel knows the thread is still to be done. */
  private wakeStart: number | undefined;
  private ownPageIsThere = false;

  /** Why there are no bytes, or nobody to move pages: a sentence. */
  failure: string | undefined;

  /** @param bytes the source of a COPY */
  constructor(context: ActingContext, action: PageAction, bytes: PageBytes | undefined, span: PageSpan) {
    this.context = context;
    this.action = action;
    this.bytes = bytes;
    this.mode = action.ioctl === 'wake' ? 0 : modeOf(action);
    this.span = span;
    const fault = context.log.openFaults.get(span.faultId);
    const isWake = action.ioctl === 'wake';
    const movedPages = fault === undefined || isWake ? 0 : fault.page - span.page;
    this.start = span.start + movedPages * basePageBytes;
    const reported = (fault?.reportedPage ?? span.page) * basePageBytes;
    const isReached = reported >= this.start && reported < this.start + span.lengthBytes;
    if (fault !== undefined && !isReached && !isWake && !leavesAsleep(action)) {
      this.wakeStart = reported;
    }
  }

  get hasFailed(): boolean {
    return this.errno !== 0 || this.failure !== undefined;
  }

  /** Whether anything has been done about the span. */
  get hasBegun(): boolean {
    return this.doneBytes > 0;
  }

  /** Pages behind us. */
  get donePages(): number {
    return this.doneBytes / this.span.pageBytes;
  }

  /** Does one ioctl. */
  step(): StepOutcome {
    this.errno = 0;
    if (this.doneBytes === this.span.lengthBytes) {
      return this.finish();
    }
    const start = this.start + this.doneBytes;
    const lengthBytes = this.pieceBytes();
    let source = 0;
    if (this.bytes !== undefined) {
      const found = this.bytes.find(this.start, this.doneBytes, lengthBytes);
      if (found === 'asked') {
        return 'asked';
      }
      if (typeof found !== 'number') {
        this.failure = found.failure;
        return 'done';
      }
      source = found;
    }
    const answer = this.call(start, lengthBytes, source);
    if ('refusal' in answer) {
      this.failure = answer.refusal;
      return 'done';
    }
    this.errno = answer.errno;
    this.out = answer.out;
    this.append(this.action.ioctl, start, lengthBytes, this.mode, this.errno, this.out);
    return this.follow(lengthBytes);
  }

  /** What the ioctls have answered, as one. */
  result(): IoctlResultDto {
    const { action, span, errno } = this;
    const { ioctl } = action;
    return {
      faultId: span.faultId,
      ioctl,
      start: `0x${this.start.toString(16)}`,
      lengthBytes: span.lengthBytes,
      doneBytes: this.doneBytes,
      ...(errno === 0 ? {} : { errno: errnoName(errno) }),
      ...(hasOut(ioctl) && this.failure === undefined ? { out: String(this.out) } : {}),
      text: this.text(),
      offersWake: errno === Errno.EEXIST || (ioctl !== 'wake' && this.doneBytes > 0 && leavesAsleep(action)),
    };
  }

  private text(): string {
    const { span, doneBytes, action } = this;
    if (this.failure !== undefined) {
      const done =
        doneBytes > 0 ? `${doneBytes} of ${span.lengthBytes} bytes were done.` : 'Nothing was done.';
      return `${this.failure} ${done}`;
    }
    const isComplete = this.errno !== 0 || doneBytes === span.lengthBytes;
    const text = isComplete
      ? ioctlResultText(action.ioctl, this.errno, this.out, span.lengthBytes, doneBytes)
      : `UFFDIO_${action.ioctl.toUpperCase()} was stopped after ${doneBytes} of ${span.lengthBytes} bytes.`;
    const passedOver =
      this.passedOverPages > 0
        ? ` Passed over, because they were there or had nothing to map: ${this.passedOverPages} pages.`
        : '';
    const isAsleep = action.ioctl !== 'wake' && leavesAsleep(action) && doneBytes > 0;
    return `${text}${passedOver}${isAsleep ? ' DONTWAKE: threads stay asleep until a wake.' : ''}`;
  }

  private pieceBytes(): number {
    const { span, doneBytes } = this;
    const leftBytes = span.lengthBytes - doneBytes;
    return this.action.ioctl === 'wake'
      ? leftBytes
      : Math.min(leftBytes, Math.max(span.pageBytes, maxPieceBytes));
  }

  private call(start: number, lengthBytes: number, source: number): MoveAnswer {
    const { action, mode } = this;
    if (action.ioctl === 'move') {
      return this.move(start, lengthBytes, Number(BigInt(action.source)) + this.doneBytes);
    }
    const { ioctls } = this.context;
    const errno =
      action.ioctl === 'copy'
        ? ioctls.copy(start, source, lengthBytes, mode)
        : action.ioctl === 'wake'
          ? ioctls.wake(start, lengthBytes)
          : ioctls[action.ioctl](start, lengthBytes, mode);
    return { errno, out: ioctls.out };
  }

  private move(destination: number, lengthBytes: number, source: number): MoveAnswer {
    const { ioctls, moves } = this.context;
    const answer = moves.move({ destination, source, lengthBytes, mode: this.mode });
    if ('errno' in answer && answer.errno === Errno.EAGAIN && answer.out <= 0n) {
      ioctls.hasMetMapChange = true;
    }
    return answer;
  }

  /** What follows from the ioctl's answer. */
  private follow(lengthBytes: number): StepOutcome {
    const { errno, span } = this;
    if (errno === 0) {
      this.doneBytes += lengthBytes;
      return this.doneBytes === span.lengthBytes ? this.finish() : 'again';
    }
    if (errno === Errno.EAGAIN) {
      if (this.out <= 0n) {
        return 'mapChanging';
      }
      this.doneBytes += Number(this.out);
      return 'again';
    }
    if (span.isPrefetch && this.isPassable(errno)) {
      this.doneBytes += span.pageBytes;
      return 'again';
    }
    return 'done';
  }

  /** Whether the page that refused is one that prefetching passes over. */
  private isPassable(errno: number): boolean {
    const pageStart = this.start + this.doneBytes;
    const own = this.span.page * basePageBytes + (this.start - this.span.start);
    const isOwn = own >= pageStart && own < pageStart + this.span.pageBytes;
    if (errno === Errno.EEXIST) {
      this.ownPageIsThere ||= isOwn;
    } else if (isOwn || errno !== Errno.EFAULT || this.action.ioctl !== 'continue') {
      return false;
    }
    this.passedOverPages += isOwn ? 0 : 1;
    return true;
  }

  /** All pages are behind us: what is left is a WAKE where the memory was moved, and what the fault's own page said. */
  private finish(): StepOutcome {
    if (this.wakeStart !== undefined) {
      const errno = this.context.ioctls.wake(this.wakeStart, basePageBytes);
      this.append('wake', this.wakeStart, basePageBytes, 0, errno, 0n);
      this.wakeStart = undefined;
    }
    this.errno = this.ownPageIsThere ? Errno.EEXIST : 0;
    return 'done';
  }

  private append(
    kind: PageAction['ioctl'],
    start: number,
    lengthBytes: number,
    mode: number,
    errno: number,
    out: bigint,
  ): void {
    const { log } = this.context;
    const actor: RowActor = 'user';
    log.append({
      kind,
      actor,
      timeNs: log.nowNs(),
      faultId: this.span.faultId,
      address: BigInt(start),
      lengthBytes,
      tid: log.openFaults.get(this.span.faultId)?.tid ?? 0,
      flags: BigInt(mode),
      errno,
      out,
    });
  }
}
