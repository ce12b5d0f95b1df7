/**
 * What the reader thread does with a fault by itself. One rule for all faults: an action
 * to resolve each with, or none to hold it.
 */
import { Errno } from '../abi/errnoText.ts';
import { decodeUffdMessage, pagefaultAddress, type UffdMessage } from '../abi/uffdMessage.ts';
import type { ResolveActionDto } from '../protocol.ts';
import { NativeBuffer } from '../syscalls/nativeMemory.ts';
import type { EventLog } from './eventLog.ts';
import { batchMessages } from './messageReader.ts';
import { appendMessage } from './messageRows.ts';
import { sourceBytes } from './pageSource.ts';
import type { TargetRanges } from './targetRanges.ts';
import type { UffdIoctl } from './uffdIoctl.ts';

const basePageBytes = 4096;

/** What was done about the faults of one read, by message index, in columns: no object per fault. */
interface Answers {
  readonly isAnswered: Uint8Array;
  readonly start: Float64Array;
  readonly pageBytes: Float64Array;
  readonly errno: Uint16Array;
  readonly out: BigInt64Array;
  /** errno of the wake that an EEXIST needs; -1 when there was none. */
  readonly wakeErrno: Int16Array;
  readonly timeNs: Float64Array;
}

export class RuleEngine {
  private readonly log: EventLog;
  private readonly ioctls: UffdIoctl;
  private readonly ranges: TargetRanges;
  private action: ResolveActionDto | null = null;
  /** The action's bytes, by page size. */
  private sources = new Map<number, NativeBuffer>();

  private readonly answers: Answers = {
    isAnswered: new Uint8Array(batchMessages),
    start: new Float64Array(batchMessages),
    pageBytes: new Float64Array(batchMessages),
    errno: new Uint16Array(batchMessages),
    out: new BigInt64Array(batchMessages),
    wakeErrno: new Int16Array(batchMessages),
    timeNs: new Float64Array(batchMessages),
  };

  constructor(log: EventLog, ioctls: UffdIoctl, ranges: TargetRanges) {
    this.log = log;
    this.ioctls = ioctls;
    this.ranges = ranges;
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
   * Answers the faults among `count` messages at once. Logging comes later, in `logAnswered`,
   * while their threads run again. A page that turns out to be there already is woken, so
   * that nobody sleeps on it.
   */
  answer(messages: DataView, count: number): void {
    const { action, answers } = this;
    if (action === null) {
      answers.isAnswered.fill(0);
      return;
    }
    const mode = action.dontWake ? 1 : 0;
    for (let i = 0; i < count; i++) {
      const address = pagefaultAddress(messages, i);
      answers.isAnswered[i] = address === undefined ? 0 : 1;
      if (address === undefined) {
        continue;
      }
      const pageBytes = this.ranges.containingNow(address)?.pageBytes ?? basePageBytes;
      const start = address - (address % pageBytes);
      const errno =
        action.ioctl === 'copy'
          ? this.ioctls.copy(start, this.sourceAddress(action, pageBytes), pageBytes, mode)
          : this.ioctls.zeropage(start, pageBytes, mode);
      answers.start[i] = start;
      answers.pageBytes[i] = pageBytes;
      answers.errno[i] = errno;
      if (errno !== 0) {
        answers.out[i] = this.ioctls.out;
      }
      answers.wakeErrno[i] =
        errno === Errno.EEXIST && !action.dontWake ? this.ioctls.wake(start, pageBytes) : -1;
      answers.timeNs[i] = this.log.nowNs();
    }
  }

  /**
   * Logs message `i` with its answer, if it was answered.
   * @returns false when it was not: then nothing has been logged
   */
  logAnswered(messages: DataView, i: number, raisedNs: number, readNs: number): boolean {
    const { action, answers } = this;
    if (action === null || answers.isAnswered[i] === 0) {
      return false;
    }
    const ioctl = action.ioctl;
    const pageBytes = answers.pageBytes[i]!;
    const timeNs = answers.timeNs[i]!;
    const errno = answers.errno[i]!;
    if (errno === 0 && !action.dontWake && pageBytes === basePageBytes && this.log.openFaults.size === 0) {
      this.log.appendServedFault(messages, i, ioctl, raisedNs, readNs, timeNs);
      return true;
    }
    const message = decodeUffdMessage(messages, i) as UffdMessage & { event: 'pagefault' };
    const faultId = appendMessage(this.log, message, raisedNs, readNs);
    const row = {
      actor: 'rule',
      timeNs,
      faultId,
      address: BigInt(answers.start[i]!),
      lengthBytes: pageBytes,
      tid: message.ptid,
    } as const;
    const out = errno === 0 ? BigInt(pageBytes) : answers.out[i]!;
    this.log.append({ ...row, kind: ioctl, flags: action.dontWake ? 1n : 0n, errno, out });
    const wakeErrno = answers.wakeErrno[i]!;
    if (wakeErrno >= 0) {
      this.log.append({ ...row, kind: 'wake', flags: 0n, errno: wakeErrno, out: 0n });
    }
    return true;
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
