/** A made-up but lawful event log: several threads, think time, and every way a fault can end. */
import type { EventRow } from '../../../native-helper/log/eventRows.ts';
import type { SessionViewDto } from '../../../webview/protocol.ts';

const pageBytes = 4096;
const baseAddress = 0x7f3a5c000000n;
const tids = [4242, 4243, 4244, 4245, 4246];

export const liveView: SessionViewDto = {
  session: {
    sessionId: 1,
    pid: 4240,
    comm: 'postcopy',
    commandLine: './postcopy --pages 4096 --threads 5',
    uffd: {
      fd: 7,
      inode: 90210,
      pending: 0,
      total: 0,
      features: ['EVENT_FORK', 'EVENT_REMAP', 'EVENT_REMOVE', 'EVENT_UNMAP', 'THREAD_ID'],
      ioctls: ['REGISTER', 'UNREGISTER', 'WAKE', 'COPY', 'ZEROPAGE', 'WRITEPROTECT', 'POISON', 'API'],
      isApiDone: true,
      isBlocking: false,
    },
    startTimeNs: '0x1c2f3a4b5c6d',
    ranges: [
      {
        start: '0x7f3a5c000000',
        lengthBytes: 4096 * pageBytes,
        modes: ['MISSING', 'WP'],
        memory: 'anonymous',
        isShared: false,
        pageBytes,
        thpBytes: 0,
        backing: '',
      },
    ],
    notes: [],
    isCustody: false,
    frozen: [],
  },
  colour: 0,
  mapChange: null,
  codes: [],
  threads: tids.map((tid, n) => ({ tid, comm: n === 0 ? 'postcopy' : `worker-${n}` })),
  endText: null,
  endReason: null,
  nowNs: 0,
  revision: 0,
};

/** Rows of a log under construction; each call adds rows in time order of its own fault. */
export class SampleLog {
  private readonly unsorted: EventRow[] = [];
  private lastFaultId = 0;

  private add(row: Pick<EventRow, 'kind' | 'timeNs' | 'faultId' | 'address'> & Partial<EventRow>): void {
    this.unsorted.push({
      actor: 'kernel',
      lengthBytes: 0,
      tid: 0,
      flags: 0n,
      errno: 0,
      out: 0n,
      ...row,
    });
  }

  /** A fault; times of what follows are after the one before, left out = does not happen. */
  fault(given: {
    readonly tid: number;
    readonly raisedNs: number;
    readonly page: number;
    readonly isWrite?: boolean;
    /** Address of the instruction that raises it. */
    readonly code?: bigint;
    readonly readAfterNs?: number;
    readonly resolvedAfterNs?: number;
    readonly wokenAfterNs?: number;
    readonly wakesAtOnce?: boolean;
  }): number {
    const faultId = ++this.lastFaultId;
    const address = baseAddress + BigInt(given.page * pageBytes);
    const { tid } = given;
    let timeNs = given.raisedNs;
    if (given.code !== undefined) {
      this.add({ kind: 'code', timeNs, faultId, address: given.code, tid });
    }
    this.add({ kind: 'raised', timeNs, faultId, address, tid, flags: given.isWrite === true ? 1n : 0n });
    if (given.readAfterNs !== undefined) {
      timeNs += given.readAfterNs;
      this.add({ kind: 'read', timeNs, faultId, address, tid });
    }
    if (given.resolvedAfterNs !== undefined) {
      timeNs += given.resolvedAfterNs;
      const flags = given.wakesAtOnce === true ? 0n : 1n;
      const out = BigInt(pageBytes);
      this.add({ kind: 'copy', actor: 'user', timeNs, faultId, address, lengthBytes: pageBytes, flags, out });
    }
    if (given.wokenAfterNs !== undefined) {
      timeNs += given.wokenAfterNs;
      this.add({ kind: 'wake', actor: 'user', timeNs, faultId, address, lengthBytes: pageBytes });
    }
    return faultId;
  }

  rows(): EventRow[] {
    const sorted = this.unsorted.toSorted((a, b) => a.timeNs - b.timeNs);
    // A log numbers faults as they are raised.
    const ids = new Map(sorted.filter(({ kind }) => kind === 'raised').map((row, n) => [row.faultId, n + 1]));
    return sorted.map((row) => ({ ...row, faultId: ids.get(row.faultId) ?? row.faultId }));
  }
}

const ms = 1e6;

/** What the screenshots show: finished, held, sleeping, handed-back and superseded faults. */
export function showcaseRows(): { readonly rows: EventRow[]; readonly nowNs: number } {
  const log = new SampleLog();
  const nowNs = 9_400 * ms;
  tids.slice(0, 4).forEach((tid, n) => {
    let timeNs = (120 + 90 * n) * ms;
    for (let k = 0; timeNs < (6_200 - 500 * n) * ms; k++) {
      const heldNs = (60 + ((k * 137 + n * 61) % 420)) * ms;
      const wokenAfterNs = (10 + ((k * 53) % 90)) * ms;
      log.fault({
        tid,
        raisedNs: timeNs,
        page: 200 * n + k,
        isWrite: (k + n) % 3 === 0,
        readAfterNs: (20 + ((k * 29 + n * 13) % 80)) * ms,
        resolvedAfterNs: heldNs,
        wokenAfterNs,
      });
      timeNs += heldNs + wokenAfterNs + (160 + ((k * 71) % 300)) * ms;
    }
  });
  log.fault({ tid: 4242, raisedNs: 7_100 * ms, page: 11, isWrite: true, readAfterNs: 40 * ms });
  log.fault({ tid: 4243, raisedNs: 6_900 * ms, page: 12, readAfterNs: 60 * ms, resolvedAfterNs: 700 * ms });
  log.fault({ tid: 4244, raisedNs: 6_700 * ms, page: 13, readAfterNs: 50 * ms, wokenAfterNs: 600 * ms });
  log.fault({ tid: 4244, raisedNs: 7_600 * ms, page: 13, readAfterNs: 30 * ms });
  log.fault({ tid: 4245, raisedNs: 5_900 * ms, page: 14, readAfterNs: 20 * ms });
  log.fault({
    tid: 4245,
    raisedNs: 7_000 * ms,
    page: 15,
    readAfterNs: 90 * ms,
    resolvedAfterNs: 800 * ms,
    wokenAfterNs: 200 * ms,
  });
  for (let k = 0; k < 3000; k++) {
    const raisedNs = (300 + k * 2.4 + (k % 7) * 0.2) * ms;
    const resolvedAfterNs = (k % 97 === 0 ? 1.9 : 0.02 + (k % 11) * 0.03) * ms;
    log.fault({
      tid: 4246,
      raisedNs,
      page: 1000 + (k % 3000),
      readAfterNs: 0.01 * ms,
      resolvedAfterNs,
      wakesAtOnce: true,
    });
  }
  return { rows: inOrder(log.rows()), nowNs };
}

/** The same faults numbered as the log does it: in the order they were raised. */
function inOrder(rows: readonly EventRow[]): EventRow[] {
  const raised = rows.filter(({ kind }) => kind === 'raised').map(({ faultId }) => faultId);
  const ids = new Map(raised.map((faultId, n) => [faultId, n + 1]));
  return rows.map((row) => ({ ...row, faultId: ids.get(row.faultId) ?? row.faultId }));
}
