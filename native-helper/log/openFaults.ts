/**
 * Fold over the event log that knows which faults are open: raised and not yet woken.
 *
 * The kernel reports only the fault itself; what an ioctl did to which fault follows from its
 * range and its mode (ioctl_userfaultfd(2), fs/userfaultfd.c), and events move or drop the
 * memory below it. Helper, extension host and webview all use this one fold, so they cannot
 * disagree. Pure: no Node, no DOM.
 */
import { isWakeSuppressed, isWriteProtecting, PAGEFAULT_FLAG_WP } from '../abi/uffdAbi.ts';
import { kindCode, rowKinds, rowsFrom, type EventRows, type RowKind } from './eventRows.ts';
import { expanded, firstPageOf, isServed, pageOf, servedMark } from './servedRows.ts';

const wpFlag = BigInt(PAGEFAULT_FLAG_WP);

/** 4 KiB: the unit faults are indexed by, whatever the range's own page size. */
const indexPageBytes = 4096;

/** Up to this many pages an ioctl's range is looked up page by page, above it fault by fault. */
const pageWalkLimit = 64;

const kindFlags = 6n;
/** UFFDIO_REGISTER_MODE_MISSING. */
const MODE_MISSING = 1n;

/**
 * What has become of the memory a fault waits for:
 * removed = its page was dropped (madvise(2)), so nobody needs the old content; unmapped =
 * there is nothing at the address any more, and its thread, once woken, gets a SIGSEGV.
 */
export type FaultStaleness = 'removed' | 'unmapped';

/** A fault whose thread has not been woken yet. */
export interface OpenFault {
  readonly id: number;
  /** As reported; page-aligned unless the ctx has EXACT_ADDRESS. */
  readonly address: bigint;
  /** 4 KiB page number of the address: the kernel finds the thread by it, so a WAKE must cover it. */
  readonly reportedPage: number;
  /** 4 KiB page number of the memory now: another one after a remap. There the page is provided. */
  page: number;
  /** 0 when unknown. */
  readonly tid: number;
  /** The kernel did not report the thread; it was inferred from the threads asleep. */
  readonly isTidInferred: boolean;
  /** UFFD_PAGEFAULT_FLAG_*. */
  readonly flags: bigint;
  readonly raisedNs: number;
  /** When it was read; NaN while it waits in the kernel's queue. */
  readNs: number;
  /** When its page was provided; NaN while it is unresolved, or again, once the page is gone. */
  resolvedNs: number;
  /** Null while the memory is what it was. */
  stale: FaultStaleness | null;
}

/**
 * How a fault stopped being open:
 * woken = resolved (or its range unregistered), then released; handedBack = released
 * unresolved, so its thread faults again; superseded = its thread raised another fault, so a
 * signal had taken it out of this one (userfaultfd(2): the sleep is interruptible).
 */
export type FaultEnd = 'woken' | 'handedBack' | 'superseded';

/** Told of every change, in log order. */
export interface OpenFaultsListener {
  /**
   * A fault that began and ended with the served row `i` of `rows`, and concerned no other. Without
   * this one, the others are called: raised, read, ioctl, resolved, ended.
   */
  onServed?(rows: EventRows, i: number): void;
  /** The fault with this id, which is raised next, was raised by the instruction at this address. */
  onCode?(faultId: number, address: bigint): void;
  onRaised?(fault: OpenFault): void;
  onRead?(fault: OpenFault): void;
  /**
   * An ioctl, failed ones included, whose range holds the fault's memory or its reported
   * address: row `i` of `rows`. Before what it does to the fault.
   */
  onIoctl?(fault: OpenFault, rows: EventRows, i: number): void;
  onResolved?(fault: OpenFault): void;
  /** Its page, provided before, is write-protected again. */
  onUnresolved?(fault: OpenFault): void;
  /** Its memory was removed or unmapped. */
  onStale?(fault: OpenFault, timeNs: number): void;
  /** Its memory was remapped: `page` is another one. */
  onMoved?(fault: OpenFault, timeNs: number): void;
  onEnded?(fault: OpenFault, timeNs: number, end: FaultEnd): void;
}

const noListener: OpenFaultsListener = {};

export class OpenFaults {
  private readonly byId = new Map<number, OpenFault>();
  private readonly byReportedPage = new Map<number, OpenFault[]>();
  private readonly byTid = new Map<number, OpenFault>();
  /** Those whose memory is not where it was reported. */
  private readonly moved = new Set<OpenFault>();
  private readonly listener: OpenFaultsListener;

  /** @param open faults that are open from before, oldest id first; copies of them are taken */
  constructor(listener: OpenFaultsListener = noListener, open: Iterable<OpenFault> = []) {
    this.listener = listener;
    for (const fault of open) {
      this.add({ ...fault });
    }
  }

  get size(): number {
    return this.byId.size;
  }

  get(id: number): OpenFault | undefined {
    return this.byId.get(id);
  }

  /** Open faults, oldest id first. */
  values(): IterableIterator<OpenFault> {
    return this.byId.values();
  }

  /** Whether the thread of an open fault is not known. */
  get hasUnknownThread(): boolean {
    return this.byTid.size < this.byId.size;
  }

  /** The open fault that a thread sleeps in. */
  ofThread(tid: number): OpenFault | undefined {
    return this.byTid.get(tid);
  }

  /** Folds rows `from` (inclusive) to `to` (exclusive) of a batch. */
  fold(rows: EventRows, from = 0, to = rows.count): void {
    for (let i = from; i < to; i++) {
      switch (rows.kind[i]!) {
        case kindCode.code:
          this.listener.onCode?.(rows.faultId[i]!, rows.address[i]!);
          break;
        case kindCode.raised:
          this.raise(rows, i);
          break;
        case kindCode.read:
          this.read(rows.faultId[i]!, rows.timeNs[i]!);
          break;
        case kindCode.copy:
        case kindCode.zeropage:
        case kindCode.continue:
        case kindCode.poison:
        case kindCode.move:
        case kindCode.writeprotect:
        case kindCode.wake:
        case kindCode.register:
        case kindCode.unregister:
          if (isServed(rows, i)) {
            this.foldServed(rows, i);
          } else {
            this.foldIoctl(rows, i);
          }
          break;
        case kindCode.remap:
          this.remap(rows, i);
          break;
        case kindCode.remove:
          this.makeStale(rows, i, 'removed');
          break;
        case kindCode.unmap:
          this.makeStale(rows, i, 'unmapped');
          break;
      }
    }
  }

  /**
   * Whether a fault of this thread, or an ioctl on these pages, would concern an open fault.
   * @param firstPage number of a 4 KiB page
   */
  areConcerned(firstPage: number, pages: number, tid: number): boolean {
    if (this.byId.size === 0) {
      return false;
    }
    let isAny = this.byTid.has(tid);
    if (!isAny) {
      this.forEachIn(firstPage, firstPage + pages, () => {
        isAny = true;
      });
    }
    return isAny;
  }

  private foldServed(rows: EventRows, i: number): void {
    const pages = rows.lengthBytes[i]! / indexPageBytes;
    if (this.areConcerned(firstPageOf(rows, i), pages, rows.tid[i]!)) {
      this.fold(rowsFrom(rows.firstSequence + i, expanded(rows, i)));
    } else if (this.listener.onServed !== undefined) {
      this.listener.onServed(rows, i);
    } else if (this.listener !== noListener) {
      this.tellServed(rows, i);
    }
  }

  private tellServed(rows: EventRows, i: number): void {
    const timeNs = rows.timeNs[i]!;
    const page = pageOf(rows, i);
    const fault: OpenFault = {
      id: rows.faultId[i]!,
      address: rows.address[i]!,
      reportedPage: page,
      page,
      tid: rows.tid[i]!,
      isTidInferred: false,
      flags: BigInt(rows.faultFlags[i]! & ~servedMark),
      raisedNs: timeNs - rows.raisedBeforeNs[i]!,
      readNs: NaN,
      resolvedNs: NaN,
      stale: null,
    };
    this.listener.onRaised?.(fault);
    fault.readNs = timeNs - rows.readBeforeNs[i]!;
    this.listener.onRead?.(fault);
    this.listener.onIoctl?.(fault, rows, i);
    fault.resolvedNs = timeNs;
    this.listener.onResolved?.(fault);
    this.listener.onEnded?.(fault, timeNs, 'woken');
  }

  private raise(rows: EventRows, i: number): void {
    const tid = rows.tid[i]!;
    const timeNs = rows.timeNs[i]!;
    const earlier = tid === 0 ? undefined : this.byTid.get(tid);
    if (earlier !== undefined) {
      this.end(earlier, timeNs, 'superseded');
    }
    const fault = openFault(rows, i);
    this.add(fault);
    this.listener.onRaised?.(fault);
  }

  private add(fault: OpenFault): void {
    this.byId.set(fault.id, fault);
    const samePage = this.byReportedPage.get(fault.reportedPage);
    if (samePage === undefined) {
      this.byReportedPage.set(fault.reportedPage, [fault]);
    } else {
      samePage.push(fault);
    }
    if (fault.tid !== 0) {
      this.byTid.set(fault.tid, fault);
    }
    if (fault.page !== fault.reportedPage) {
      this.moved.add(fault);
    }
  }

  private read(id: number, timeNs: number): void {
    const fault = this.byId.get(id);
    if (fault !== undefined) {
      fault.readNs = timeNs;
      this.listener.onRead?.(fault);
    }
  }

  private foldIoctl(rows: EventRows, i: number): void {
    const kind = rowKinds[rows.kind[i]!]!;
    const timeNs = rows.timeNs[i]!;
    const start = pageOf(rows, i);
    const end = start + rows.lengthBytes[i]! / indexPageBytes;
    const doneEnd = rows.errno[i] === 0 ? end : start + Math.max(0, Number(rows.out[i]!)) / indexPageBytes;
    const mode = rows.flags[i]!;
    this.forEachIn(start, end, (fault) => {
      this.listener.onIoctl?.(fault, rows, i);
      if (isWithin(fault.page, start, doneEnd)) {
        this.changePage(fault, kind, mode, timeNs);
      }
      if (isWithin(fault.reportedPage, start, doneEnd) && wakes(kind, mode, fault)) {
        this.end(fault, timeNs, Number.isNaN(fault.resolvedNs) ? 'handedBack' : 'woken');
      }
    });
  }

  /** What an ioctl that succeeded on the fault's memory means for the fault. */
  private changePage(fault: OpenFault, kind: RowKind, mode: bigint, timeNs: number): void {
    const isWp = (fault.flags & wpFlag) !== 0n;
    if (kind === 'wake' || kind === 'register' || (kind === 'writeprotect' && !isWp)) {
      return;
    }
    if (kind === 'writeprotect' && isWriteProtecting(mode)) {
      // Protected again: what had been resolved is to be resolved anew.
      fault.resolvedNs = NaN;
      this.listener.onUnresolved?.(fault);
    } else if (Number.isNaN(fault.resolvedNs)) {
      fault.resolvedNs = timeNs;
      this.listener.onResolved?.(fault);
    }
  }

  private remap(rows: EventRows, i: number): void {
    const from = pageOf(rows, i);
    const to = Number(BigInt.asUintN(64, rows.out[i]!) / BigInt(indexPageBytes));
    const end = from + rows.lengthBytes[i]! / indexPageBytes;
    this.forEachIn(from, end, (fault) => {
      if (!isWithin(fault.page, from, end)) {
        return;
      }
      fault.page += to - from;
      if (fault.page === fault.reportedPage) {
        this.moved.delete(fault);
      } else {
        this.moved.add(fault);
      }
      this.listener.onMoved?.(fault, rows.timeNs[i]!);
    });
  }

  private makeStale(rows: EventRows, i: number, how: FaultStaleness): void {
    const start = pageOf(rows, i);
    this.forEachIn(start, start + rows.lengthBytes[i]! / indexPageBytes, (fault) => {
      fault.stale = fault.stale === 'unmapped' ? fault.stale : how;
      fault.resolvedNs = NaN;
      this.listener.onStale?.(fault, rows.timeNs[i]!);
    });
  }

  /**
   * Calls `act` for each open fault whose memory or reported page is one of `start` (inclusive)
   * to `end` (exclusive); `act` may end it.
   */
  private forEachIn(start: number, end: number, act: (fault: OpenFault) => void): void {
    if (this.moved.size > 0) {
      for (const fault of [...this.moved]) {
        if (isWithin(fault.page, start, end) && !isWithin(fault.reportedPage, start, end)) {
          act(fault);
        }
      }
    }
    if (end - start <= pageWalkLimit) {
      for (let page = start; page < end; page++) {
        const faults = this.byReportedPage.get(page);
        if (faults?.length === 1) {
          act(faults[0]!);
        } else if (faults !== undefined) {
          [...faults].forEach(act);
        }
      }
      return;
    }
    for (const [page, faults] of [...this.byReportedPage]) {
      if (isWithin(page, start, end)) {
        [...faults].forEach(act);
      }
    }
  }

  private end(fault: OpenFault, timeNs: number, how: FaultEnd): void {
    this.byId.delete(fault.id);
    const samePage = this.byReportedPage.get(fault.reportedPage);
    if (samePage !== undefined && samePage.length > 1) {
      samePage.splice(samePage.indexOf(fault), 1);
    } else {
      this.byReportedPage.delete(fault.reportedPage);
    }
    if (fault.tid !== 0) {
      this.byTid.delete(fault.tid);
    }
    this.moved.delete(fault);
    this.listener.onEnded?.(fault, timeNs, how);
  }
}

/** Whether an ioctl that succeeded on a fault's reported address wakes its thread. */
function wakes(kind: RowKind, mode: bigint, fault: OpenFault): boolean {
  switch (kind) {
    case 'register':
      return false;
    case 'unregister':
      // Only where the range had mode MISSING (userfaultfd_unregister in fs/userfaultfd.c).
      return mode === 0n ? (fault.flags & kindFlags) === 0n : (mode & MODE_MISSING) !== 0n;
    case 'wake':
      return true;
    default:
      return !isWakeSuppressed(kind, mode) && !(kind === 'writeprotect' && isWriteProtecting(mode));
  }
}

function isWithin(page: number, start: number, end: number): boolean {
  return page >= start && page < end;
}

/** The fault that row i raises. */
function openFault(rows: EventRows, i: number): OpenFault {
  const page = pageOf(rows, i);
  return {
    id: rows.faultId[i]!,
    address: rows.address[i]!,
    reportedPage: page,
    page,
    tid: rows.tid[i]!,
    isTidInferred: rows.out[i] !== 0n,
    flags: rows.flags[i]!,
    raisedNs: rows.timeNs[i]!,
    readNs: NaN,
    resolvedNs: NaN,
    stale: null,
  };
}
