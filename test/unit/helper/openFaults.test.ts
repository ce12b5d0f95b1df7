import assert from 'node:assert/strict';
import { rowAt, rowsFrom, type EventRow, type RowKind } from '../../../native-helper/log/eventRows.ts';
import { OpenFaults } from '../../../native-helper/log/openFaults.ts';

const pageBytes = 4096;
const EAGAIN = 11;
const EEXIST = 17;
/** UFFD_PAGEFAULT_FLAG_WRITE and WP. */
const wpWrite = 3n;

const blank: EventRow = {
  kind: 'raised',
  actor: 'kernel',
  timeNs: 0,
  faultId: 0,
  address: 0n,
  lengthBytes: 0,
  tid: 0,
  flags: 0n,
  errno: 0,
  out: 0n,
};
const addressOf = (page: number): bigint => BigInt(page) * BigInt(pageBytes);

const raised = (faultId: number, page: number, tid = faultId): EventRow => {
  return { ...blank, timeNs: faultId, faultId, address: addressOf(page), tid };
};

/** An ioctl on `pages` pages from `page` on, at time 1000. */
const ioctl = (kind: RowKind, page: number, pages = 1, more: Partial<EventRow> = {}): EventRow => {
  return { ...blank, kind, timeNs: 1000, address: addressOf(page), lengthBytes: pages * pageBytes, ...more };
};

/** Folds rows, one batch each, and writes down what the listener was told. */
function folded(...list: EventRow[]): { open: OpenFaults; ids: number[]; told: string[] } {
  const told: string[] = [];
  const open = new OpenFaults({
    onRaised: ({ id }) => told.push(`raised ${id}`),
    onRead: ({ id, readNs }) => told.push(`read ${id} ${readNs}`),
    onResolved: ({ id, resolvedNs }) => told.push(`resolved ${id} ${resolvedNs}`),
    onStale: ({ id, stale }) => told.push(`stale ${id} ${stale}`),
    onMoved: ({ id, page }) => told.push(`moved ${id} ${page}`),
    onEnded: ({ id }, timeNs, end) => told.push(`${end} ${id} ${timeNs}`),
  });
  list.forEach((row, i) => open.fold(rowsFrom(i + 1, [row])));
  return { open, ids: [...open.values()].map(({ id }) => id), told };
}

const isResolved = (open: OpenFaults, id: number): boolean => !Number.isNaN(open.get(id)!.resolvedNs);

describe('OpenFaults', () => {
  it('tells the life of a fault in log order: raised, read, resolved, woken', () => {
    const { open, told } = folded(
      raised(1, 5),
      { ...blank, kind: 'read', timeNs: 20, faultId: 1 },
      ioctl('copy', 5, 1, { timeNs: 30, flags: 1n }),
      ioctl('wake', 5, 1, { timeNs: 40 }),
    );
    assert.deepEqual(told, ['raised 1', 'read 1 20', 'resolved 1 30', 'woken 1 40']);
    assert.equal(open.size, 0);
  });

  it('keeps what was reported of a fault, with its 4 KiB page', () => {
    const { open } = folded({ ...raised(9, 0, 77), address: 0x00ff_7f9c_2fb0_4123n, flags: 5n });
    const { address, page, tid, flags, raisedNs, readNs, resolvedNs } = open.get(9)!;
    assert.deepEqual(
      { address, page, tid, flags, raisedNs, readNs, resolvedNs },
      {
        address: 0x00ff_7f9c_2fb0_4123n,
        page: 0xff7f9c2fb04,
        tid: 77,
        flags: 5n,
        raisedNs: 9,
        readNs: NaN,
        resolvedNs: NaN,
      },
    );
  });

  for (const kind of ['copy', 'zeropage', 'continue', 'poison', 'move', 'writeprotect'] as const) {
    const dontWake = kind === 'writeprotect' ? 2n : 1n;
    const fault = { ...raised(1, 5), flags: kind === 'writeprotect' ? wpWrite : 0n };

    it(`${kind} resolves and wakes`, () => {
      assert.deepEqual(folded(fault, ioctl(kind, 5)).told, ['raised 1', 'resolved 1 1000', 'woken 1 1000']);
    });

    it(`${kind} with DONTWAKE resolves and leaves the thread asleep`, () => {
      const { open, told } = folded(fault, ioctl(kind, 5, 1, { flags: dontWake }));
      assert.deepEqual(told, ['raised 1', 'resolved 1 1000']);
      assert.ok(isResolved(open, 1));
    });

    it(`${kind} wakes whatever its other mode bits are`, () => {
      const otherBits = ~(kind === 'writeprotect' ? 3n : 1n) & (2n ** 64n - 1n);
      assert.deepEqual(folded(fault, ioctl(kind, 5, 1, { flags: otherBits })).ids, []);
    });
  }

  it('writeprotect off provides no missing page: its thread is only handed back', () => {
    assert.deepEqual(folded(raised(1, 5), ioctl('writeprotect', 5)).told, ['raised 1', 'handedBack 1 1000']);
  });

  it('a page that is protected again before its thread was woken is unresolved again', () => {
    const { told } = folded(
      { ...raised(1, 5), flags: wpWrite },
      ioctl('writeprotect', 5, 1, { flags: 2n }),
      ioctl('writeprotect', 5, 1, { flags: 1n }),
      ioctl('wake', 5),
    );
    assert.deepEqual(told, ['raised 1', 'resolved 1 1000', 'handedBack 1 1000']);
  });

  it('unregister ends faults of ranges with mode MISSING; those of WP and MINOR ranges stay until a wake', () => {
    const faults = [raised(1, 5), { ...raised(2, 5), flags: wpWrite }, { ...raised(3, 5), flags: 4n }];
    const ids = (flags: bigint) => folded(...faults, ioctl('unregister', 5, 1, { flags })).ids;
    assert.deepEqual(ids(1n), []);
    assert.deepEqual(ids(3n), []);
    assert.deepEqual(ids(6n), [1, 2, 3]);
    // Modes unknown: a missing fault is one of a MISSING range.
    assert.deepEqual(ids(0n), [2, 3]);
    const { told } = folded({ ...raised(1, 5), flags: wpWrite }, ioctl('unregister', 5), ioctl('wake', 5));
    assert.deepEqual(told, ['raised 1', 'resolved 1 1000', 'woken 1 1000']);
  });

  it('register changes no fault', () => {
    assert.deepEqual(folded(raised(1, 5), ioctl('register', 5, 1, { flags: 3n, out: 0x1ffn })).told, [
      'raised 1',
    ]);
  });

  describe('when the memory below a fault changes', () => {
    const remap = (from: number, to: number, pages = 1) =>
      ioctl('remap', from, pages, { timeNs: 500, out: addressOf(to) });

    it('a remap moves it: the page is provided at the new place, the wake needs the old one', () => {
      const moved = folded(raised(1, 5), raised(2, 8), remap(4, 104, 2));
      assert.deepEqual(moved.told.at(-1), 'moved 1 105');
      const { address, page, reportedPage } = moved.open.get(1)!;
      assert.deepEqual([address, page, reportedPage], [addressOf(5), 105, 5]);

      const resolved = folded(raised(1, 5), remap(4, 104, 2), ioctl('copy', 105));
      assert.deepEqual(resolved.told.slice(2), ['resolved 1 1000']);
      const woken = folded(raised(1, 5), remap(4, 104, 2), ioctl('copy', 105), ioctl('wake', 5));
      assert.deepEqual(woken.told.slice(2), ['resolved 1 1000', 'woken 1 1000']);
      const nobody = folded(raised(1, 5), remap(4, 104, 2), ioctl('wake', 105));
      assert.deepEqual(nobody.ids, [1]);
    });

    it('a fault raised at the old place after the remap stays there', () => {
      const { open } = folded(raised(1, 5), remap(5, 105), raised(2, 5));
      assert.deepEqual([open.get(1)!.page, open.get(2)!.page], [105, 5]);
    });

    it('a remap back makes it a fault like any other', () => {
      const { told } = folded(raised(1, 5), remap(5, 105), remap(105, 5), ioctl('copy', 5));
      assert.deepEqual(told.slice(1), ['moved 1 105', 'moved 1 5', 'resolved 1 1000', 'woken 1 1000']);
    });

    it('a batch of served faults does not miss that one of them resolves a moved fault', () => {
      const open = new OpenFaults();
      const copy = ioctl('copy', 105, 1, { faultId: 2 });
      open.fold(
        rowsFrom(1, [
          raised(1, 5),
          remap(5, 105),
          raised(2, 105),
          { ...blank, kind: 'read', faultId: 2 },
          copy,
        ]),
      );
      assert.ok(isResolved(open, 1));
      assert.equal(open.size, 1);
    });

    it('removed memory makes it stale, and what was provided is gone', () => {
      const { open, told } = folded(
        raised(1, 5),
        raised(2, 6),
        ioctl('copy', 5, 1, { flags: 1n }),
        ioctl('remove', 4, 2),
        ioctl('wake', 5),
      );
      assert.deepEqual(told.slice(2), ['resolved 1 1000', 'stale 1 removed', 'handedBack 1 1000']);
      assert.equal(open.get(2)!.stale, null);
    });

    it('unmapped memory makes it stale for good, at the place it was moved from as well', () => {
      assert.equal(
        folded(raised(1, 5), ioctl('unmap', 5), ioctl('remove', 5)).open.get(1)!.stale,
        'unmapped',
      );
      // mremap(2) sends REMAP and then UNMAP: the thread's address leads nowhere.
      assert.equal(folded(raised(1, 5), remap(5, 105), ioctl('unmap', 5)).open.get(1)!.stale, 'unmapped');
    });
  });

  it('reports every ioctl that concerns an open fault, failed ones and those at both its places included', () => {
    const told: string[] = [];
    const open = new OpenFaults({
      onIoctl: ({ id }, rows, i) => told.push(`${rowAt(rows, i).kind} ${rows.errno[i]} ${id}`),
      onEnded: ({ id }) => told.push(`ended ${id}`),
    });
    const list = [
      raised(1, 5),
      raised(2, 6),
      ioctl('copy', 5, 1, { errno: EEXIST, out: -17n }),
      ioctl('remap', 5, 1, { out: addressOf(50) }),
      ioctl('copy', 50),
      ioctl('writeprotect', 7),
      ioctl('wake', 4, 2),
      ioctl('zeropage', 6, 4),
    ];
    open.fold(rowsFrom(1, list));
    assert.deepEqual(told, ['copy 17 1', 'copy 0 1', 'wake 0 1', 'ended 1', 'zeropage 0 2', 'ended 2']);
  });

  it('tells whether the thread was reported or inferred, and finds the fault of a thread', () => {
    const { open } = folded(raised(1, 5, 70), { ...raised(2, 6, 71), out: 1n });
    assert.deepEqual(
      [open.ofThread(70), open.ofThread(71)].map((fault) => fault!.isTidInferred),
      [false, true],
    );
    assert.equal(open.ofThread(72), undefined);
  });

  it('arming write protection resolves nothing and wakes nobody', () => {
    for (const flags of [1n, 3n]) {
      const { told } = folded(raised(1, 5), ioctl('writeprotect', 5, 1, { flags }));
      assert.deepEqual(told, ['raised 1']);
    }
  });

  it('a wake of an unresolved fault hands it back', () => {
    assert.deepEqual(folded(raised(1, 5), ioctl('wake', 5)).told, ['raised 1', 'handedBack 1 1000']);
  });

  it('an ioctl that fails without progress, such as with EEXIST, changes nothing', () => {
    for (const kind of ['copy', 'zeropage', 'continue', 'poison', 'move', 'wake'] as const) {
      const { told } = folded(raised(1, 5), ioctl(kind, 5, 1, { errno: EEXIST, out: -BigInt(EEXIST) }));
      assert.deepEqual(told, ['raised 1'], kind);
    }
  });

  it('an ioctl that stops early resolves only the pages it has done', () => {
    const stopped = ioctl('copy', 5, 4, { errno: EAGAIN, out: BigInt(2 * pageBytes) });
    const { ids } = folded(raised(1, 5), raised(2, 6), raised(3, 7), raised(4, 8), stopped);
    assert.deepEqual(ids, [3, 4]);
  });

  it('an ioctl reaches every fault on its pages and none beside them', () => {
    const list = [4, 5, 5, 5, 6, 7].map((page, i) => raised(i + 1, page));
    assert.deepEqual(folded(...list, ioctl('copy', 5, 2)).ids, [1, 6]);
  });

  it('an ioctl on a huge page reaches a fault at any address inside it', () => {
    const list = [511, 512, 700, 1023, 1024].map((page, i) => raised(i + 1, page));
    assert.deepEqual(folded(...list, ioctl('copy', 512, 512)).ids, [1, 5]);
  });

  it('a second resolution of a page keeps the time of the first', () => {
    const first = ioctl('copy', 5, 1, { timeNs: 10, flags: 1n });
    const { open, told } = folded(raised(1, 5), first, ioctl('zeropage', 5, 1, { timeNs: 20, flags: 1n }));
    assert.equal(open.get(1)!.resolvedNs, 10);
    assert.deepEqual(told, ['raised 1', 'resolved 1 10']);
  });

  it('a further fault of a thread supersedes the one it was thought to sleep in', () => {
    const { ids, told } = folded(raised(1, 5, 77), raised(2, 6, 78), raised(3, 9, 77));
    assert.deepEqual(ids, [2, 3]);
    assert.deepEqual(told, ['raised 1', 'raised 2', 'superseded 1 3', 'raised 3']);
  });

  it('a thread that faults again after its wake supersedes nothing', () => {
    const { told } = folded(raised(1, 5, 77), ioctl('copy', 5), { ...raised(2, 6, 77), timeNs: 2000 });
    assert.deepEqual(told.slice(1), ['resolved 1 1000', 'woken 1 1000', 'raised 2']);
  });

  it('faults of unknown threads (tid 0) never supersede each other', () => {
    assert.deepEqual(folded(raised(1, 5, 0), raised(2, 5, 0), raised(3, 9, 0)).ids, [1, 2, 3]);
  });

  it('rows about no open fault, and events that concern no memory, change nothing', () => {
    const events = [
      ...(['remap', 'remove', 'unmap', 'unregister'] as const).map((kind) => ioctl(kind, 6)),
      ...(['fork', 'unknown', 'log'] as const).map((kind) => ioctl(kind, 5)),
    ];
    const { told } = folded(
      raised(1, 5),
      { ...blank, kind: 'read', faultId: 8 },
      ...events,
      ioctl('copy', 6),
    );
    assert.deepEqual(told, ['raised 1']);
  });

  it('folds only the asked-for rows of a batch', () => {
    const open = new OpenFaults();
    open.fold(rowsFrom(1, [raised(1, 1), raised(2, 2), raised(3, 3), raised(4, 4)]), 1, 3);
    assert.deepEqual(
      [...open.values()].map(({ id }) => id),
      [2, 3],
    );
  });
});
