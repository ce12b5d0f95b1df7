/** What a rule does about one fault: the ioctls, each with its row. */
import { Errno } from '../abi/errnoText.ts';
import {
  basePageBytes,
  PAGEFAULT_FLAG_MINOR,
  PAGEFAULT_FLAG_WP,
  PAGEFAULT_FLAG_WRITE,
} from '../abi/uffdAbi.ts';
import type { RuleDto, ServingActionDto } from '../protocol/rules.ts';
import { leavesAsleep, modeOf } from './actionMode.ts';
import type { ActionRows } from './actionRows.ts';
import { openSource, type PageBytes, type SourceContext } from './pageSource.ts';
import type { TargetRanges } from './targetRanges.ts';
import type { UffdIoctl } from './uffdIoctl.ts';

/** Most that is provided for one fault: the loop stands still meanwhile. Matters for huge pages only. */
const mostBytes = 4 * 2 ** 20;

/**
 * done = nothing more is to be done; mapChanging = the kernel refuses for as long as a
 * non-fault event is unread or its thread has not run; asked = the client was asked for bytes.
 */
export type Outcome =
  | 'done'
  | 'mapChanging'
  | 'asked'
  /** The last row tells the errno. */
  | 'refused'
  /** There are no bytes: why, in a sentence. */
  | { readonly failure: string };

/** What acting needs. */
export interface ActionContext extends SourceContext {
  readonly ioctls: UffdIoctl;
  readonly ranges: TargetRanges;
  readonly nowNs: () => number;
}

interface Span {
  start: number;
  end: number;
}

export class RuleAction {
  readonly do: RuleDto['action']['do'];
  readonly delayNs: number;
  private readonly context: ActionContext;
  private readonly ioctl: ServingActionDto | undefined;
  private readonly source: PageBytes | undefined;
  private readonly mode: number;
  private readonly leavesAsleep: boolean;
  private readonly lengthPages: number;
  private readonly around: boolean;
  private readonly span: Span = { start: 0, end: 0 };

  /** @throws HelperError badRange when the bytes are more than the pages */
  constructor({ action, delayMs }: RuleDto, context: ActionContext) {
    this.context = context;
    this.do = action.do;
    this.delayNs = delayMs * 1e6;
    const isResolving = action.do === 'resolve';
    this.ioctl = isResolving ? action.action : undefined;
    this.lengthPages = isResolving ? action.lengthPages : 1;
    this.around = isResolving && action.around;
    this.mode = this.ioctl === undefined ? 0 : modeOf(this.ioctl);
    this.leavesAsleep = this.ioctl !== undefined && leavesAsleep(this.ioctl);
    this.source = this.ioctl?.ioctl === 'copy' ? openSource(this.ioctl.source, context) : undefined;
    if (this.ioctl?.ioctl === 'copy' && this.ioctl.source.kind === 'bytes') {
      this.source!.check(0, this.lengthPages * basePageBytes);
    }
  }

  /**
   * Acts on the fault at `address` and adds a row for each ioctl.
   * @param flags UFFD_PAGEFAULT_FLAG_*, low word
   */
  perform(address: number, flags: number, rows: ActionRows): Outcome {
    const range = this.context.ranges.containingNow(address);
    const pageBytes = range?.pageBytes ?? basePageBytes;
    // Page sizes are powers of two below 2^31, so the low word tells the offset in the page.
    const page = address - (address & (pageBytes - 1));
    if (this.ioctl === undefined) {
      return this.wake(page, pageBytes, rows) === 0 ? 'done' : 'refused';
    }
    const isWpFault = (flags & PAGEFAULT_FLAG_WP) !== 0;
    if (this.ioctl.ioctl === 'writeprotect' && !this.ioctl.protect && !isWpFault) {
      // The kernel would wake the thread without a page: it would fault again, for ever.
      return { failure: 'WRITEPROTECT off resolves WP faults only, and this is none.' };
    }
    const span = this.spanOf(page, pageBytes, range ?? { start: page, end: page + pageBytes });
    let source = 0;
    if (this.source !== undefined) {
      const found = this.source.find(span.start, 0, span.end - span.start);
      if (typeof found !== 'number') {
        return found;
      }
      source = found;
    }
    // A page that is there lets a thread go on that missed it, and no other.
    const isMissed =
      (flags & ~PAGEFAULT_FLAG_WRITE) === 0 ||
      (this.ioctl.ioctl === 'continue' && (flags & PAGEFAULT_FLAG_MINOR) !== 0);
    return this.provide(page, pageBytes, span, source, isMissed, rows);
  }

  /** Wakes who sleeps at `address`, unless the action leaves its threads asleep. */
  wakeAt(address: number, rows: ActionRows): void {
    if (!this.leavesAsleep) {
      this.wake(address, basePageBytes, rows);
    }
  }

  /** Gives its native memory back. */
  free(): void {
    this.source?.free();
  }

  /**
   * The fault's page and those behind it with one ioctl. For the others around it, further
   * ones pass over what is there.
   */
  private provide(
    page: number,
    pageBytes: number,
    span: Readonly<Span>,
    source: number,
    isMissed: boolean,
    rows: ActionRows,
  ): Outcome {
    const lengthBytes = span.end - page;
    const errno = this.call(page, lengthBytes, source + (page - span.start), rows, lengthBytes === pageBytes);
    let behind = span.end;
    if (errno !== 0) {
      const doneBytes = Math.max(0, Number(this.context.ioctls.out));
      if (errno === Errno.EAGAIN && doneBytes === 0) {
        return 'mapChanging';
      }
      if (errno === Errno.EEXIST && isMissed) {
        if (!this.leavesAsleep) {
          // So that nobody sleeps on a page that is there.
          this.wake(page, pageBytes, rows);
        }
      } else if (errno !== Errno.EAGAIN) {
        return 'refused';
      }
      behind = page + Math.max(doneBytes, pageBytes);
    }
    if (this.around) {
      this.fill(span.start, page, pageBytes, source, rows);
      this.fill(behind, span.end, pageBytes, source + (behind - span.start), rows);
    }
    return 'done';
  }

  /** Prefetches: a page that is there, or not in the page cache, is passed over without a row. */
  private fill(from: number, end: number, pageBytes: number, source: number, rows: ActionRows): void {
    for (let start = from; start < end;) {
      const errno = this.call(start, end - start, source + (start - from), rows);
      const doneBytes = errno === 0 ? end - start : Math.max(0, Number(this.context.ioctls.out));
      if (doneBytes === 0) {
        const isPassable =
          errno === Errno.EEXIST || (errno === Errno.EFAULT && this.ioctl!.ioctl === 'continue');
        if (!isPassable) {
          return;
        }
        rows.count--;
      }
      // An ioctl that stopped early met a page to pass over.
      start += doneBytes + (errno === 0 ? 0 : pageBytes);
    }
  }

  private wake(page: number, pageBytes: number, rows: ActionRows): number {
    const errno = this.context.ioctls.wake(page, pageBytes);
    rows.add('wake', page, pageBytes, 0, errno, 0, this.context.nowNs());
    return errno;
  }

  private call(
    start: number,
    lengthBytes: number,
    source: number,
    rows: ActionRows,
    isOnePage = false,
  ): number {
    const { ioctls } = this.context;
    const { ioctl } = this.ioctl!;
    const errno =
      ioctl === 'copy'
        ? ioctls.copy(start, source, lengthBytes, this.mode)
        : ioctls[ioctl](start, lengthBytes, this.mode);
    const done = ioctl === 'writeprotect' ? 0 : lengthBytes;
    const out = errno === 0 ? done : Number(ioctls.out);
    rows.add(ioctl, start, lengthBytes, this.mode, errno, out, this.context.nowNs(), isOnePage);
    return errno;
  }

  /** The pages to provide, inside the range and not more than one turn of the reader loop should take. */
  private spanOf(page: number, pageBytes: number, range: Readonly<Span>): Span {
    const { span } = this;
    const lengthPages = Math.min(this.lengthPages, Math.max(1, mostBytes / pageBytes));
    const before = this.around ? Math.floor((lengthPages - 1) / 2) : 0;
    span.start = Math.max(range.start, page - before * pageBytes);
    span.end = Math.min(range.end, page + (lengthPages - before) * pageBytes);
    return span;
  }
}
