import assert from 'node:assert/strict';
import { rowsFrom, type EventRow, type RowKind } from '../../../native-helper/log/eventRows.ts';
import { OpenFaults } from '../../../native-helper/log/openFaults.ts';

const pageBytes = 4096;
const EAGAIN = 11;
const EEXIST = 17;

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

    it(`${kind} resolves and wakes`, () => {
      assert.deepEqual(folded(raised(1, 5), ioctl(kind, 5)).told, [
        'raised 1',
        'resolved 1 1000',
        'woken 1 1000',
      ]);
    });

    it(`${kind} with DONTWAKE resolves and leaves the thread asleep`, () => {
      const { open, told } = folded(raised(1, 5), ioctl(kind, 5, 1, { flags: dontWake }));
      assert.deepEqual(told, ['raised 1', 'resolved 1 1000']);
      assert.ok(isResolved(open, 1));
    });

    it(`${kind} wakes whatever its other mode bits are`, () => {
      const otherBits = ~(kind === 'writeprotect' ? 3n : 1n) & (2n ** 64n - 1n);
      assert.deepEqual(folded(raised(1, 5), ioctl(kind, 5, 1, { flags: otherBits })).ids, []);
    });
  }

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

  it('rows about no open fault, and events, change nothing', () => {
    const events = (['fork', 'remap', 'remove', 'unmap', 'unknown'] as const).map((kind) => ioctl(kind, 5));
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
