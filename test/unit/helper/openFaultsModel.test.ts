/** OpenFaults against a plain reference that looks at every open fault for every row. */
import assert from 'node:assert/strict';
import {
  kindCode,
  rowAt,
  rowsFrom,
  type EventRow,
  type EventRows,
  type RowKind,
} from '../../../native-helper/log/eventRows.ts';
import {
  OpenFaults,
  type FaultStaleness,
  type OpenFault,
  type OpenFaultsListener,
} from '../../../native-helper/log/openFaults.ts';
import {
  expanded,
  firstPageOf,
  isServed,
  isServing,
  servedMark,
} from '../../../native-helper/log/servedRows.ts';
import { SeededRandom } from './seededRandom.ts';

const pageBytes = 4096n;
/** So that page numbers need more than 32 bits. */
const basePage = 0xff_7f9c_2fb0n;
const resolving: readonly RowKind[] = ['copy', 'zeropage', 'continue', 'poison', 'move', 'writeprotect'];

interface PlainFault {
  readonly id: number;
  readonly reportedPage: bigint;
  page: bigint;
  readonly tid: number;
  readonly flags: bigint;
  isResolved: boolean;
  stale: FaultStaleness | null;
}

/** The rules of ioctl_userfaultfd(2) and of the kernel's events, one after the other, with nothing clever. */
class PlainFaults {
  readonly open = new Map<number, PlainFault>();
  readonly ended: string[] = [];

  fold(row: EventRow): void {
    const ended: string[] = [];
    const end = (id: number, how: string): void => {
      this.open.delete(id);
      ended.push(`${row.timeNs}: ${id} ${how}`);
    };
    const start = row.address / pageBytes;
    const doneBytes = row.errno === 0 ? BigInt(row.lengthBytes) : row.out > 0n ? row.out : 0n;
    const isIn = (page: bigint): boolean => page >= start && page < start + doneBytes / pageBytes;
    if (row.kind === 'raised') {
      for (const [id, { tid }] of [...this.open]) {
        if (tid !== 0 && tid === row.tid) {
          end(id, 'superseded');
        }
      }
      const { faultId: id, tid, flags } = row;
      this.open.set(id, { id, reportedPage: start, page: start, tid, flags, isResolved: false, stale: null });
    }
    for (const fault of [...this.open.values()]) {
      const isWp = (fault.flags & 2n) !== 0n;
      const isMissing = (fault.flags & 6n) === 0n;
      const canWake = isIn(fault.reportedPage);
      let isWoken = false;
      switch (row.kind) {
        case 'copy':
        case 'zeropage':
        case 'continue':
        case 'poison':
        case 'move':
          fault.isResolved ||= isIn(fault.page);
          isWoken = (row.flags & 1n) === 0n;
          break;
        case 'writeprotect':
          // Mode bits: WP 1, DONTWAKE 2. It concerns no missing page.
          fault.isResolved = isWp && isIn(fault.page) ? (row.flags & 1n) === 0n : fault.isResolved;
          isWoken = (row.flags & 3n) === 0n;
          break;
        case 'wake':
          isWoken = true;
          break;
        case 'unregister':
          fault.isResolved ||= isIn(fault.page);
          isWoken = row.flags === 0n ? isMissing : (row.flags & 1n) !== 0n;
          break;
        case 'remap':
          fault.page += isIn(fault.page) ? row.out / pageBytes - start : 0n;
          break;
        case 'remove':
        case 'unmap':
          if (isIn(fault.page) || isIn(fault.reportedPage)) {
            fault.isResolved = false;
            fault.stale = fault.stale === 'unmapped' || row.kind === 'unmap' ? 'unmapped' : 'removed';
          }
          break;
        case 'code':
        case 'raised':
        case 'read':
        case 'register':
        case 'fork':
        case 'unknown':
        case 'log':
        case 'lost':
          break;
      }
      if (isWoken && canWake) {
        end(fault.id, fault.isResolved ? 'woken' : 'handedBack');
      }
    }
    this.ended.push(...ended.sort());
  }
}

const ioctls = [...resolving, 'wake', 'wake', 'register', 'unregister'] as const;
const events = ['remap', 'remap', 'remove', 'unmap', 'fork'] as const;

function randomRow(random: SeededRandom, timeNs: number, pages: number): EventRow {
  const firstPage = random.below(pages);
  // Now and then far more pages than the fold would look up one by one.
  const lengthPages = random.below(5) === 0 ? 1 + random.below(2 ** 20) : 1 + random.below(8);
  const address = (basePage + BigInt(firstPage)) * pageBytes;
  const common = { actor: 'user', timeNs, address, flags: random.word64() & 7n } as const;
  if (random.below(3) !== 0) {
    const within = BigInt(random.below(4096));
    const fault = { faultId: timeNs, tid: random.below(12), lengthBytes: 0, errno: 0, out: 0n };
    return { ...common, ...fault, kind: 'raised', address: address + within };
  }
  const lengthBytes = lengthPages * Number(pageBytes);
  const range = { ...common, faultId: 0, tid: 0, lengthBytes };
  if (random.below(4) === 0) {
    const to = (basePage + BigInt(random.below(pages))) * pageBytes;
    return { ...range, kind: random.pick(events), flags: 0n, errno: 0, out: to };
  }
  const kind = random.pick(ioctls);
  switch (random.below(4)) {
    case 0:
      return { ...range, kind, errno: 17, out: -17n };
    case 1:
      return { ...range, kind, errno: 11, out: BigInt(random.below(lengthPages)) * pageBytes };
    default:
      return { ...range, kind, errno: 0, out: BigInt(lengthBytes) };
  }
}

/** What the fold ended, in the plain model's form: within one row, the order is free. */
function endRecorder(): { ended: () => string[]; open: OpenFaults } {
  const ended: { timeNs: number; text: string }[] = [];
  const open = new OpenFaults({
    onEnded: (fault: OpenFault, timeNs, how) => ended.push({ timeNs, text: `${timeNs}: ${fault.id} ${how}` }),
  });
  const sorted = () => {
    const inOrder = Object.values(Object.groupBy(ended, ({ timeNs }) => timeNs));
    return inOrder.flatMap((group) => group!.map(({ text }) => text).sort());
  };
  return { ended: sorted, open };
}

const serving = ['copy', 'zeropage', 'continue', 'poison', 'move', 'writeprotect'] as const;

/** A fault that was served at once, on a page of any size. */
function servedRow(random: SeededRandom, i: number, pages: number): EventRow {
  for (;;) {
    const kind = random.pick(serving);
    const mode = random.below(4);
    const faultFlags = random.below(8);
    const lengthBytes = 4096 * random.pick([1, 1, 1, 1, 512]);
    if (isServing(kindCode[kind], mode, faultFlags)) {
      return {
        kind,
        actor: 'rule',
        timeNs: 10 * (i + 1),
        faultId: 10 * (i + 1),
        address: (basePage + BigInt(random.below(pages))) * pageBytes + BigInt(random.below(4096)),
        lengthBytes,
        tid: random.below(12),
        flags: BigInt(mode),
        errno: 0,
        out: kind === 'writeprotect' ? 0n : BigInt(lengthBytes),
        raisedBeforeNs: 2 + random.below(7),
        readBeforeNs: 1 + random.below(2),
        faultFlags: servedMark | faultFlags,
      };
    }
  }
}

interface Recorder {
  readonly told: unknown[];
  readonly open: OpenFaults;
}

/** Everything that a fold tells its listener, but for the row numbers. */
function recorder(): Recorder {
  const told: unknown[] = [];
  const { onServed, ...listener } = toldOf({ told });
  assert.ok(onServed);
  return { told, open: new OpenFaults(listener) };
}

function toldOf({ told }: Pick<Recorder, 'told'>): Required<Omit<OpenFaultsListener, 'onCode'>> {
  const listener: Omit<Required<OpenFaultsListener>, 'onServed' | 'onCode'> = {
    onRaised: (fault) => told.push(['raised', { ...fault }]),
    onRead: (fault) => told.push(['read', { ...fault }]),
    onIoctl: (fault, rows, i) => {
      const { kind, timeNs, errno, flags, out } = rowAt(rows, i);
      told.push(['ioctl', fault.id, kind, timeNs, errno, flags, out]);
    },
    onResolved: (fault) => told.push(['resolved', { ...fault }]),
    onUnresolved: (fault) => told.push(['unresolved', { ...fault }]),
    onStale: (fault, timeNs) => told.push(['stale', { ...fault }, timeNs]),
    onMoved: (fault, timeNs) => told.push(['moved', { ...fault }, timeNs]),
    onEnded: (fault, timeNs, how) => told.push(['ended', { ...fault }, timeNs, how]),
  };
  // A served row, told as what it stands for: all that a fold of nothing else tells of it.
  const onServed = (rows: EventRows, i: number) =>
    new OpenFaults(listener).fold(rowsFrom(1, expanded(rows, i)));
  return { ...listener, onServed };
}

describe('OpenFaults against a plain reference', () => {
  for (const [name, pages] of [
    ['few pages, so that many faults share one', 6],
    ['many pages', 3000],
  ] as const) {
    it(`agrees on random logs over ${name}`, () => {
      for (let seed = 1; seed <= 60; seed++) {
        const random = new SeededRandom(seed);
        const rows = Array.from({ length: 250 }, (_, i) => randomRow(random, i + 1, pages));
        const plain = new PlainFaults();
        const { ended, open } = endRecorder();
        for (const row of rows) {
          plain.fold(row);
          open.fold(rowsFrom(row.timeNs, [row]));
          assert.equal(open.size, plain.open.size, `seed ${seed}, after row ${row.timeNs}`);
        }
        assert.ok(plain.ended.length > 0);
        assert.deepEqual(ended(), plain.ended, `seed ${seed}`);
        assert.deepEqual(
          [...open.values()].map(({ id, page, tid, stale, resolvedNs }) => {
            return { id, page: BigInt(page), tid, stale, isResolved: !Number.isNaN(resolvedNs) };
          }),
          [...plain.open.values()].map(({ id, page, tid, stale, isResolved }) => {
            return { id, page, tid, stale, isResolved };
          }),
          `seed ${seed}`,
        );
      }
    });
  }

  it('folds served rows as their three events, in random logs', () => {
    const met = { alone: 0, concerning: 0 };
    for (let seed = 1; seed <= 120; seed++) {
      const random = new SeededRandom(seed);
      const pages = random.pick([12, 40, 5000]);
      const list = Array.from({ length: 250 }, (_, i) =>
        random.below(3) === 0 ? randomRow(random, 10 * (i + 1), pages) : servedRow(random, i, pages),
      );
      const served = recorder();
      const events = recorder();
      const silent = new OpenFaults();
      const summed = recorder();
      // A listener to served rows is called instead of the others.
      const { onServed, ...others } = toldOf(summed);
      const told = new OpenFaults({ ...others, onServed });
      for (const row of list) {
        const rows = rowsFrom(1, [row]);
        if (isServed(rows, 0)) {
          const concerns = served.open.areConcerned(firstPageOf(rows, 0), row.lengthBytes / 4096, row.tid);
          met[concerns ? 'concerning' : 'alone']++;
        }
        served.open.fold(rows);
        silent.fold(rows);
        told.fold(rows);
        events.open.fold(rowsFrom(1, expanded(rows, 0)));
      }
      assert.deepEqual(served.told, events.told, `seed ${seed}`);
      assert.deepEqual(summed.told, events.told, `seed ${seed}`);
      for (const open of [served.open, silent, told]) {
        assert.deepEqual([...open.values()], [...events.open.values()], `seed ${seed}`);
      }
    }
    assert.ok(met.alone > 1000 && met.concerning > 1000, JSON.stringify(met));
  });

  it('one huge range gives the same answer as its pages one by one', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = new SeededRandom(seed);
      const faults = Array.from({ length: 300 }, (_, i) => {
        const row = randomRow(random, i + 1, 500);
        return { ...row, kind: 'raised', faultId: i + 1, tid: 0 } as const;
      });
      const first = random.below(300);
      const count = 65 + random.below(150);
      const wake = (page: number, pages: number): EventRow => ({
        ...faults[0]!,
        kind: 'wake',
        timeNs: 1000,
        faultId: 0,
        address: (basePage + BigInt(page)) * pageBytes,
        lengthBytes: pages * 4096,
        errno: 0,
      });
      const atOnce = endRecorder();
      atOnce.open.fold(rowsFrom(1, [...faults, wake(first, count)]));
      const byPage = endRecorder();
      byPage.open.fold(
        rowsFrom(1, [...faults, ...Array.from({ length: count }, (_, i) => wake(first + i, 1))]),
      );
      assert.ok(atOnce.ended().length > 0);
      assert.deepEqual(atOnce.ended(), byPage.ended(), `seed ${seed}`);
      assert.deepEqual([...atOnce.open.values()], [...byPage.open.values()], `seed ${seed}`);
    }
  });
});
