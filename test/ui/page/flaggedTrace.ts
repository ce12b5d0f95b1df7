/** A made-up but lawful event log with everything that the ledger flags, and events of the memory map. */
import type { EventRow } from '../../../native-helper/log/eventRows.ts';

const pageBytes = 4096;
const ms = 1e6;
const eexist = 17;

export const flaggedBase = 0x7f3a5c000000n;

/** Ids of the faults, by what is the matter with them. */
export const flagged = {
  fine: 1,
  exists: 2,
  notWoken: 3,
  nothingDone: 4,
  removed: 5,
  unmapped: 6,
  moved: 7,
  livelock: [8, 9, 10, 11],
  inferred: 12,
  unknownThread: 13,
} as const;

/** Time of the log's end. */
export const flaggedNowNs = 4000 * ms;

export function flaggedRows(): EventRow[] {
  const rows: EventRow[] = [];
  const row = (kind: EventRow['kind'], atMs: number, more: Partial<EventRow>): void => {
    rows.push({
      kind,
      actor: 'kernel',
      timeNs: atMs * ms,
      faultId: 0,
      address: 0n,
      lengthBytes: 0,
      tid: 0,
      flags: 0n,
      errno: 0,
      out: 0n,
      ...more,
    });
  };
  const at = (page: number): bigint => flaggedBase + BigInt(page * pageBytes);
  const raise = (faultId: number, atMs: number, tid: number, page: number, more: Partial<EventRow> = {}) => {
    row('raised', atMs, { faultId, tid, address: at(page), ...more });
    row('read', atMs + 2, { faultId, tid, address: at(page) });
  };
  const onPage = (page: number, pages = 1) => ({ address: at(page), lengthBytes: pages * pageBytes });
  const byUser = { actor: 'user' } as const;

  row('register', 5, { ...byUser, ...onPage(0, 4096), flags: 1n });
  raise(flagged.fine, 100, 4242, 1, { flags: 1n });
  row('copy', 180, { ...byUser, ...onPage(1), faultId: flagged.fine, out: BigInt(pageBytes) });
  raise(flagged.exists, 300, 4242, 2);
  row('copy', 500, { ...byUser, ...onPage(2), faultId: flagged.exists, errno: eexist, out: -17n });
  raise(flagged.notWoken, 400, 4243, 3);
  row('copy', 700, { ...byUser, ...onPage(3), faultId: flagged.notWoken, flags: 1n, out: BigInt(pageBytes) });
  raise(flagged.nothingDone, 600, 4244, 4, { flags: 1n });
  raise(flagged.removed, 800, 4245, 5);
  row('remove', 1000, onPage(5, 4));
  raise(flagged.unmapped, 1100, 4246, 12);
  row('unmap', 1300, onPage(12, 2));
  raise(flagged.moved, 1400, 4247, 20);
  row('remap', 1500, { ...onPage(20, 4), out: at(200) });
  flagged.livelock.forEach((faultId, n) => {
    raise(faultId, 1600 + 300 * n, 4248, 30);
    if (n < 3) {
      row('wake', 1800 + 300 * n, { ...byUser, ...onPage(30), faultId });
    }
  });
  raise(flagged.inferred, 3000, 4249, 40, { out: 1n });
  raise(flagged.unknownThread, 3100, 0, 41);
  row('fork', 3300, { out: 9n });
  return rows.toSorted((a, b) => a.timeNs - b.timeNs);
}
