/**
 * Fold over the event log that knows which faults are open: raised and not yet woken.
 *
 * The kernel reports only the fault itself; what an ioctl did to which fault follows
 * from its range and its DONTWAKE bit (ioctl_userfaultfd(2)). Helper, extension host
 * and webview all use this one fold, so they cannot disagree. Pure: no Node, no DOM.
 */
import { isWakeSuppressed, isWriteProtecting } from '../abi/uffdAbi.ts';
import { kindCode, rowKinds, type EventRows } from './eventRows.ts';

/** 4 KiB: the unit faults are indexed by, whatever the range's own page size. */
const indexPageBytes = 4096;

/** Up to this many pages an ioctl's range is looked up page by page, above it fault by fault. */
const pageWalkLimit = 64;

/** A fault whose thread has not been woken yet. */
export interface OpenFault {
  readonly id: number;
  /** As reported; page-aligned unless the ctx has EXACT_ADDRESS. */
  readonly address: bigint;
  /** 4 KiB page number of the address. */
  readonly page: number;
  readonly tid: number;
  /** UFFD_PAGEFAULT_FLAG_*. */
  readonly flags: bigint;
  readonly raisedNs: number;
  /** When it was read; NaN while it waits in the kernel's queue. */
  readNs: number;
  /** When its page was provided; NaN while it is unresolved. */
  resolvedNs: number;
}

/**
 * How a fault stopped being open:
 * woken = resolved, then released; handedBack = released unresolved, so its thread
 * faults again; superseded = its thread raised another fault, so a signal had taken
 * it out of this one (userfaultfd(2): the sleep is interruptible).
 */
export type FaultEnd = 'woken' | 'handedBack' | 'superseded';

/** Told of every change, in log order. */
export interface OpenFaultsListener {
  onRaised?(fault: OpenFault): void;
  onRead?(fault: OpenFault): void;
  onResolved?(fault: OpenFault): void;
  onEnded?(fault: OpenFault, timeNs: number, end: FaultEnd): void;
}

const noListener: OpenFaultsListener = {};

export class OpenFaults {
  private readonly byId = new Map<number, OpenFault>();
  private readonly byPage = new Map<number, OpenFault[]>();
  private readonly byTid = new Map<number, OpenFault>();
  private readonly listener: OpenFaultsListener;

  constructor(listener: OpenFaultsListener = noListener) {
    this.listener = listener;
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

  /** Folds rows `from` (inclusive) to `to` (exclusive) of a batch. */
  fold(rows: EventRows, from = 0, to = rows.count): void {
    for (let i = from; i < to; i++) {
      switch (rows.kind[i]!) {
        case kindCode.raised:
          if (i + 2 < to && this.isServedAtOnce(rows, i)) {
            this.foldServed(rows, i);
            i += 2;
          } else {
            this.raise(rows, i);
          }
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
          this.foldResolution(rows, i);
          break;
        case kindCode.wake:
          if (rows.errno[i] === 0) {
            this.forEachInRange(rows, i, rows.lengthBytes[i]!, (fault) => {
              this.end(fault, rows.timeNs[i]!, Number.isNaN(fault.resolvedNs) ? 'handedBack' : 'woken');
            });
          }
          break;
      }
    }
  }

  /**
   * Whether rows i to i + 2 are one fault raised, read, and resolved and woken by an ioctl on
   * its page alone, with no other open fault concerned. That is nearly all there is when
   * faults are served by the hundred thousand, and it leaves the indexes as they were.
   */
  private isServedAtOnce(rows: EventRows, i: number): boolean {
    const id = rows.faultId[i]!;
    const kind = rows.kind[i + 2]!;
    return (
      rows.faultId[i + 1] === id &&
      rows.faultId[i + 2] === id &&
      rows.kind[i + 1] === kindCode.read &&
      (kind === kindCode.copy || kind === kindCode.zeropage) &&
      rows.errno[i + 2] === 0 &&
      rows.flags[i + 2] === 0n &&
      rows.lengthBytes[i + 2] === indexPageBytes &&
      pageOf(rows, i + 2) === pageOf(rows, i) &&
      !this.byPage.has(pageOf(rows, i)) &&
      !this.byTid.has(rows.tid[i]!)
    );
  }

  private foldServed(rows: EventRows, i: number): void {
    if (this.listener === noListener) {
      return;
    }
    const fault = openFault(rows, i);
    this.listener.onRaised?.(fault);
    fault.readNs = rows.timeNs[i + 1]!;
    this.listener.onRead?.(fault);
    fault.resolvedNs = rows.timeNs[i + 2]!;
    this.listener.onResolved?.(fault);
    this.listener.onEnded?.(fault, fault.resolvedNs, 'woken');
  }

  private raise(rows: EventRows, i: number): void {
    const tid = rows.tid[i]!;
    const timeNs = rows.timeNs[i]!;
    const earlier = tid === 0 ? undefined : this.byTid.get(tid);
    if (earlier !== undefined) {
      this.end(earlier, timeNs, 'superseded');
    }
    const fault = openFault(rows, i);
    const { page } = fault;
    this.byId.set(fault.id, fault);
    const samePage = this.byPage.get(page);
    if (samePage === undefined) {
      this.byPage.set(page, [fault]);
    } else {
      samePage.push(fault);
    }
    if (tid !== 0) {
      this.byTid.set(tid, fault);
    }
    this.listener.onRaised?.(fault);
  }

  private read(id: number, timeNs: number): void {
    const fault = this.byId.get(id);
    if (fault !== undefined) {
      fault.readNs = timeNs;
      this.listener.onRead?.(fault);
    }
  }

  private foldResolution(rows: EventRows, i: number): void {
    const kind = rowKinds[rows.kind[i]!]!;
    const mode = rows.flags[i]!;
    if (kind === 'writeprotect' && isWriteProtecting(mode)) {
      return;
    }
    const doneBytes = rows.errno[i] === 0 ? rows.lengthBytes[i]! : Math.max(0, Number(rows.out[i]!));
    const timeNs = rows.timeNs[i]!;
    const staysAsleep = isWakeSuppressed(kind, mode);
    this.forEachInRange(rows, i, doneBytes, (fault) => {
      if (Number.isNaN(fault.resolvedNs)) {
        fault.resolvedNs = timeNs;
        this.listener.onResolved?.(fault);
      }
      if (!staysAsleep) {
        this.end(fault, timeNs, 'woken');
      }
    });
  }

  /** Calls `act` for each open fault in `lengthBytes` from row i's address; `act` may end it. */
  private forEachInRange(
    rows: EventRows,
    i: number,
    lengthBytes: number,
    act: (fault: OpenFault) => void,
  ): void {
    const pages = lengthBytes / indexPageBytes;
    const firstPage = pageOf(rows, i);
    if (pages <= pageWalkLimit) {
      for (let page = firstPage; page < firstPage + pages; page++) {
        const faults = this.byPage.get(page);
        if (faults?.length === 1) {
          act(faults[0]!);
        } else if (faults !== undefined) {
          [...faults].forEach(act);
        }
      }
      return;
    }
    for (const [page, faults] of [...this.byPage]) {
      if (page >= firstPage && page < firstPage + pages) {
        [...faults].forEach(act);
      }
    }
  }

  private end(fault: OpenFault, timeNs: number, how: FaultEnd): void {
    this.byId.delete(fault.id);
    const samePage = this.byPage.get(fault.page);
    if (samePage !== undefined && samePage.length > 1) {
      samePage.splice(samePage.indexOf(fault), 1);
    } else {
      this.byPage.delete(fault.page);
    }
    if (fault.tid !== 0) {
      this.byTid.delete(fault.tid);
    }
    this.listener.onEnded?.(fault, timeNs, how);
  }
}

/** The fault that row i raises. */
function openFault(rows: EventRows, i: number): OpenFault {
  return {
    id: rows.faultId[i]!,
    address: rows.address[i]!,
    page: pageOf(rows, i),
    tid: rows.tid[i]!,
    flags: rows.flags[i]!,
    raisedNs: rows.timeNs[i]!,
    readNs: NaN,
    resolvedNs: NaN,
  };
}

/** 4 KiB page number of row i's address, without a bigint; 57-bit addresses make 45-bit numbers. */
function pageOf(rows: EventRows, i: number): number {
  return rows.addressWords[2 * i + 1]! * 0x100000 + (rows.addressWords[2 * i]! >>> 12);
}
