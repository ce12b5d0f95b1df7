/**
 * Resolving and waking by hand: checks everything first, then acts, and logs every answer.
 */
import { errnoName, ioctlResultText } from '../abi/errnoText.ts';
import { badRange, noSuchFault } from '../helperErrors.ts';
import type { OpenFault } from '../log/openFaults.ts';
import type { IoctlResultDto, ResolveActionDto, ResolveParams, WakeParams } from '../protocol.ts';
import { NativeBuffer } from '../syscalls/nativeMemory.ts';
import type { EventLog } from './eventLog.ts';
import { sourceBytes } from './pageSource.ts';
import type { TargetRanges } from './targetRanges.ts';
import type { UffdIoctl } from './uffdIoctl.ts';

const MODE_DONTWAKE = 1;
/** Page size assumed where the ranges cannot be seen. */
const basePageBytes = 4096;

/** Most one ioctl is asked to provide: its source bytes are held in memory twice. */
const maxLengthBytes = 2 ** 30;

interface Span {
  readonly start: number;
  readonly lengthBytes: number;
}

export class Resolver {
  private readonly log: EventLog;
  private readonly ioctls: UffdIoctl;
  private readonly ranges: TargetRanges;
  private readonly isStopping: () => boolean;

  /** @param isStopping tells, between two ioctls, that the session must end without waiting for more */
  constructor(log: EventLog, ioctls: UffdIoctl, ranges: TargetRanges, isStopping: () => boolean) {
    this.isStopping = isStopping;
    this.log = log;
    this.ioctls = ioctls;
    this.ranges = ranges;
  }

  /**
   * Resolves faults in the order given, one ioctl each.
   * @throws HelperError noSuchFault or badRange, before anything was done
   */
  resolve(params: Pick<ResolveParams, 'faultIds' | 'action' | 'lengthPages'>): IoctlResultDto[] {
    this.ranges.refresh();
    const { action } = params;
    const plan = params.faultIds.map((id) => {
      const fault = this.openFault(id);
      return { fault, span: this.pagesFrom(fault, params.lengthPages) };
    });
    const sources = action.ioctl === 'copy' ? sourcesFor(action, plan) : undefined;
    try {
      return plan.map(({ fault, span }) => {
        const undone = this.endedMeanwhile(fault, action.ioctl, span);
        return undone ?? this.provide(fault, span, action, sources?.get(span.lengthBytes)?.address ?? 0);
      });
    } finally {
      sources?.forEach((source) => source.free());
    }
  }

  /**
   * Wakes the threads of faults, or of all faults in a range.
   * @throws HelperError noSuchFault or badRange, before anything was done
   */
  wake(what: WakeParams['what']): IoctlResultDto[] {
    this.ranges.refresh();
    if ('start' in what) {
      const span = this.checkedSpan(BigInt(what.start), what.lengthBytes);
      return [this.wakeSpan(0, span)];
    }
    const plan = what.faultIds.map((id) => {
      const fault = this.openFault(id);
      return { fault, span: this.pageOf(fault) };
    });
    return plan.map(({ fault, span }) => {
      return this.endedMeanwhile(fault, 'wake', span) ?? this.wakeSpan(fault.id, span);
    });
  }

  private provide(fault: OpenFault, span: Span, action: ResolveActionDto, source: number): IoctlResultDto {
    const mode = action.dontWake ? MODE_DONTWAKE : 0;
    const errno =
      action.ioctl === 'copy'
        ? this.ioctls.copy(span.start, source, span.lengthBytes, mode)
        : this.ioctls.zeropage(span.start, span.lengthBytes, mode);
    return this.logged(action.ioctl, fault.id, span, mode, errno);
  }

  private wakeSpan(faultId: number, span: Span): IoctlResultDto {
    return this.logged('wake', faultId, span, 0, this.ioctls.wake(span.start, span.lengthBytes));
  }

  private logged(
    ioctl: 'copy' | 'zeropage' | 'wake',
    faultId: number,
    span: Span,
    mode: number,
    errno: number,
  ): IoctlResultDto {
    const { out } = this.ioctls;
    this.log.append({
      kind: ioctl,
      actor: 'user',
      timeNs: this.log.nowNs(),
      faultId,
      address: BigInt(span.start),
      lengthBytes: span.lengthBytes,
      tid: this.log.openFaults.get(faultId)?.tid ?? 0,
      flags: BigInt(mode),
      errno,
      out,
    });
    return {
      ...resultHead(faultId, ioctl, span),
      ...(errno === 0 ? {} : { errno: errnoName(errno) }),
      ...(ioctl === 'wake' ? {} : { out: String(out) }),
      text: ioctlResultText(ioctl, errno, out, span.lengthBytes),
    };
  }

  /** The result for a fault that needs, or gets, no ioctl of its own. */
  private endedMeanwhile(fault: OpenFault, ioctl: string, span: Span): IoctlResultDto | undefined {
    if (this.isStopping()) {
      return {
        ...resultHead(fault.id, ioctl, span),
        text: `Nothing was done about fault ${fault.id}: the session is ending, which hands it back.`,
      };
    }
    if (this.log.openFaults.get(fault.id) !== undefined) {
      return undefined;
    }
    return {
      ...resultHead(fault.id, ioctl, span),
      text: `Fault ${fault.id} needed no ioctl of its own: the one before it covered its page and woke its thread.`,
    };
  }

  private openFault(id: number): OpenFault {
    const fault = this.log.openFaults.get(id);
    if (fault === undefined) {
      throw noSuchFault(id);
    }
    return fault;
  }

  /** The fault's page, whether or not it is still registered: a WAKE reaches its thread either way. */
  private pageOf(fault: OpenFault): Span {
    const address = fault.page * basePageBytes;
    const pageBytes = this.ranges.containing(address)?.pageBytes ?? basePageBytes;
    return { start: address - (address % pageBytes), lengthBytes: pageBytes };
  }

  /** `lengthPages` pages of the fault's range from its page on, inside that range. */
  private pagesFrom(fault: OpenFault, lengthPages: number): Span {
    const address = fault.page * basePageBytes;
    const range = this.ranges.containing(address);
    if (range === undefined && this.ranges.isKnown) {
      throw badRange(
        'faultIds',
        `The page of fault ${fault.id} (${hex(address)}) is in no registered range any more: it was unmapped or unregistered. Wake the fault to let its thread go on.`,
      );
    }
    const { start, lengthBytes: pageBytes } = this.pageOf(fault);
    const lengthBytes = lengthPages * pageBytes;
    if (range !== undefined && start + lengthBytes > range.end) {
      const most = (range.end - start) / pageBytes;
      throw badRange(
        'lengthPages',
        `${lengthPages} pages from ${hex(start)} reach beyond the end of the range at ${hex(range.end)}: at most ${most}.`,
      );
    }
    if (lengthBytes > maxLengthBytes) {
      throw badRange(
        'lengthPages',
        `${lengthPages} pages are ${lengthBytes} bytes; one request provides at most ${maxLengthBytes}.`,
      );
    }
    return { start, lengthBytes };
  }

  private checkedSpan(address: bigint, lengthBytes: number): Span {
    if (address % BigInt(basePageBytes) !== 0n) {
      throw badRange('what.start', `0x${address.toString(16)} is not page-aligned (4096 bytes).`);
    }
    const start = Number(address);
    if (lengthBytes === 0 || lengthBytes % basePageBytes !== 0) {
      throw badRange(
        'what.lengthBytes',
        `A length of ${lengthBytes} bytes is not a whole number of pages of 4096.`,
      );
    }
    const end = start + lengthBytes;
    const hasFault = [...this.log.openFaults.values()].some(
      ({ page }) => page * basePageBytes >= start && page * basePageBytes < end,
    );
    if (this.ranges.isKnown && !hasFault && !this.ranges.overlaps(start, end)) {
      throw badRange(
        'what.start',
        `There is no registered range and no open fault in ${hex(start)}–${hex(end)}.`,
      );
    }
    return { start, lengthBytes };
  }
}

/**
 * The bytes of a COPY in native memory, once for each length there is.
 * @throws HelperError badRange
 */
function sourcesFor(
  action: ResolveActionDto & { ioctl: 'copy' },
  plan: readonly { readonly span: Span }[],
): Map<number, NativeBuffer> {
  const sources = new Map<number, NativeBuffer>();
  for (const lengthBytes of new Set(plan.map(({ span }) => span.lengthBytes))) {
    const source = new NativeBuffer();
    source.fill(sourceBytes(action.source, lengthBytes));
    sources.set(lengthBytes, source);
  }
  return sources;
}

function resultHead(faultId: number, ioctl: string, span: Span): Omit<IoctlResultDto, 'text'> {
  return { faultId, ioctl, start: hex(span.start), lengthBytes: span.lengthBytes };
}

function hex(address: number): string {
  return `0x${address.toString(16)}`;
}
