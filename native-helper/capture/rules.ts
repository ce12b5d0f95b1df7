/**
 * What the reader thread does with a fault by itself. One rule for all faults: an action
 * to resolve each with, or none to hold it.
 */
import { Errno } from '../abi/errnoText.ts';
import type { ResolveActionDto } from '../protocol.ts';
import { NativeBuffer } from '../syscalls/nativeMemory.ts';
import type { EventLog } from './eventLog.ts';
import { sourceBytes } from './pageSource.ts';
import type { TargetRanges } from './targetRanges.ts';
import type { IoctlAnswer, UffdIoctl } from './uffdIoctl.ts';

const basePageBytes = 4096;

/** What was done about one fault. */
export interface RuleAnswer {
  readonly kind: ResolveActionDto['ioctl'];
  readonly mode: number;
  readonly start: number;
  readonly pageBytes: number;
  readonly answer: IoctlAnswer;
  /** The wake that an EEXIST needs. */
  readonly wake: IoctlAnswer | undefined;
  readonly timeNs: number;
}

export class RuleEngine {
  private readonly log: EventLog;
  private readonly ioctls: UffdIoctl;
  private readonly ranges: TargetRanges;
  private action: ResolveActionDto | null = null;
  /** The action's bytes, by page size. */
  private sources = new Map<number, NativeBuffer>();

  constructor(log: EventLog, ioctls: UffdIoctl, ranges: TargetRanges) {
    this.log = log;
    this.ioctls = ioctls;
    this.ranges = ranges;
  }

  /** Whether faults are served as they come, so that the next one is worth waiting for awake. */
  get isServing(): boolean {
    return this.action !== null;
  }

  /**
   * Replaces the rule; null holds every fault.
   * @throws HelperError badRange when the action's bytes do not fit a base page; the rule stays as it was
   */
  setAction(action: ResolveActionDto | null): void {
    const sources = new Map<number, NativeBuffer>();
    if (action?.ioctl === 'copy') {
      sources.set(basePageBytes, nativeSource(action, basePageBytes));
    }
    this.sources = sources;
    this.action = action;
  }

  /**
   * Answers a fault at once. Logging comes later, in `logAnswer`, while its thread runs again.
   * A page that turns out to be there already is woken, so that nobody sleeps on it.
   */
  answer(faultAddress: number): RuleAnswer {
    const action = this.action!;
    const pageBytes = this.ranges.containingNow(faultAddress)?.pageBytes ?? basePageBytes;
    const start = faultAddress - (faultAddress % pageBytes);
    const mode = action.dontWake ? 1 : 0;
    const answer =
      action.ioctl === 'copy'
        ? this.ioctls.copy(start, this.sourceAddress(action, pageBytes), pageBytes, mode)
        : this.ioctls.zeropage(start, pageBytes, mode);
    const wake =
      answer.errno === Errno.EEXIST && !action.dontWake ? this.ioctls.wake(start, pageBytes) : undefined;
    return { kind: action.ioctl, mode, start, pageBytes, answer, wake, timeNs: this.log.nowNs() };
  }

  /** Appends the rows of an answer, after those of its fault. */
  logAnswer(faultId: number, tid: number, given: RuleAnswer): void {
    const row = {
      actor: 'rule',
      timeNs: given.timeNs,
      faultId,
      address: BigInt(given.start),
      lengthBytes: given.pageBytes,
      tid,
    } as const;
    const { answer, wake } = given;
    this.log.append({
      ...row,
      kind: given.kind,
      flags: given.mode === 0 ? 0n : 1n,
      errno: answer.errno,
      out: answer.out,
    });
    if (wake !== undefined) {
      this.log.append({ ...row, kind: 'wake', flags: 0n, errno: wake.errno, out: 0n });
    }
  }

  private sourceAddress(action: ResolveActionDto & { ioctl: 'copy' }, pageBytes: number): number {
    let source = this.sources.get(pageBytes);
    if (source === undefined) {
      source = nativeSource(action, pageBytes);
      this.sources.set(pageBytes, source);
    }
    return source.address;
  }
}

function nativeSource(action: ResolveActionDto & { ioctl: 'copy' }, pageBytes: number): NativeBuffer {
  const buffer = new NativeBuffer();
  buffer.fill(sourceBytes(action.source, pageBytes));
  return buffer;
}
