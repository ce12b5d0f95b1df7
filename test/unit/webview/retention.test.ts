import assert from 'node:assert/strict';
import { rowsFrom } from '../../../native-helper/log/eventRows.ts';
import { OpenFaults } from '../../../native-helper/log/openFaults.ts';
import { servedMark } from '../../../native-helper/log/servedRows.ts';
import { FaultTableWriter } from '../../../webview/model/faultTableWriter.ts';
import { everyFault } from '../../../webview/model/faultFilter.ts';
import { LaneSet } from '../../../webview/model/laneSet.ts';
import { LedgerListing } from '../../../webview/model/ledgerListing.ts';
import { RangeIndex } from '../../../webview/model/rangeIndex.ts';
import { Trace } from '../../../webview/model/trace.ts';
import { copy, raised, read, row } from './buildRows.ts';

const stepNs = 10_000;
const lengthNs = 4_000;

const served = (id: number) =>
  copy(id * stepNs + lengthNs, id, {
    faultId: id,
    tid: 7,
    raisedBeforeNs: lengthNs,
    readBeforeNs: 1_000,
    faultFlags: servedMark | 1,
  });

describe('The faults that are kept', () => {
  it('are the newest; the overview and a fault that is still open stay', () => {
    const faults = new FaultTableWriter(0, 100_000);
    const lanes = new LaneSet(faults, 'thread', () => new RangeIndex([]));
    faults.observe(lanes);
    const fold = new OpenFaults(faults);
    fold.fold(rowsFrom(1, [raised(5, 1, 1, 9), read(6, 1)]));
    const count = 300_000;
    for (let id = 2; id <= count; id += 10_000) {
      fold.fold(
        rowsFrom(
          id,
          Array.from({ length: Math.min(10_000, count + 1 - id) }, (_, n) => served(id + n)),
        ),
      );
    }
    assert.equal(faults.count, count);
    assert.ok(faults.count - faults.first >= 100_000 && faults.count - faults.first < 170_000);
    assert.equal(faults.indexOf(1), 0, 'the open fault is known');
    assert.equal(faults.isHeld(0), true);
    assert.equal(faults.indexOf(2), -1);
    assert.equal(faults.indexOf(count), count - 1);
    let counted = 0;
    lanes.list[1]!.levels.forEachCell(0, count * stepNs + stepNs, 2 ** 20, (_from, _until, cell) => {
      counted += cell;
    });
    assert.equal(counted, count - 1, 'the overview holds those that are gone');
    const listing = new LedgerListing();
    const source = {
      faults,
      ranges: new RangeIndex([]),
      threadName: String,
      codeWords: String,
      nowNs: count * stepNs,
    };
    const list = (): readonly number[] => {
      const work = listing.refresh(source, everyFault, { column: 'id', isDescending: false });
      while (work.next().done !== true);
      return [listing.rows.length, listing.rows[0]!, listing.rows[1]!];
    };
    assert.deepEqual(
      list(),
      [count - faults.first + 1, 0, faults.first],
      'the ledger lists those and no others',
    );
    fold.fold(rowsFrom(count + 1, [copy(count * stepNs + 9_000, 1)]));
    assert.equal(faults.isKnown(0), false, 'and it goes with the rest once it is over');
    assert.equal(faults.heldCount, 0);
    assert.deepEqual(list(), [count - faults.first, faults.first, faults.first + 1]);
  });

  it('tell the story of a fault whose one row is not kept', () => {
    const trace = new Trace();
    trace.load(rowsFrom(1, [served(1), served(2)]));
    assert.equal(trace.rows.count, 0);
    assert.deepEqual(
      trace.rowsOf(1).map(({ kind, actor, timeNs, lengthBytes }) => [kind, actor, timeNs, lengthBytes]),
      [
        ['raised', 'kernel', 20_000, 0],
        ['read', 'kernel', 23_000, 0],
        ['copy', 'user', 24_000, 4096],
      ],
    );
    assert.equal(trace.faults.flags(1), 1n);
  });
});

describe('Lanes grouped another way', () => {
  const range = {
    modes: [],
    memory: 'anonymous',
    isShared: false,
    pageBytes: 4096,
    thpBytes: 0,
    backing: '',
  };
  const ranges = new RangeIndex([
    { ...range, start: '0x1000', lengthBytes: 0x10_0000 } as never,
    { ...range, start: '0x200000', lengthBytes: 0x1000_0000 } as never,
  ]);

  it('are by the code that faulted, where it is known, also for faults that come later', () => {
    const trace = new Trace();
    const code = (faultId: number, address: bigint) => row('code', 0, { faultId, address });
    trace.load(rowsFrom(1, [code(1, 0x401136n), raised(1, 1, 5, 7), raised(2, 2, 6, 8)]));
    const work = trace.groupLanes('code');
    while (work.next().done !== true) {
      // Each turn is a slice.
    }
    trace.load(rowsFrom(4, [code(3, 0x7f00n), raised(3, 3, 7, 9), code(4, 0x401136n), raised(4, 4, 8, 10)]));
    assert.deepEqual(
      trace.lanes.list.map(({ of }) => of),
      ['0x401136', null, '0x7f00'].map((address) => ({ by: 'code', code: address })),
    );
    assert.deepEqual(
      [0, 1, 2, 3].map((i) => trace.lanes.lane(i)),
      [0, 1, 2, 0],
    );
  });

  it('are the same as if they had been so from the start, and the old ones show until then', () => {
    const trace = new Trace(0, () => ranges);
    const rows = Array.from({ length: 20_000 }, (_, n) => served(n + 1));
    trace.load(rowsFrom(1, rows.slice(0, 15_000)));
    trace.load(rowsFrom(15_001, [raised(150_010_500, 90_000, 3, 8)]));
    const work = trace.groupLanes('range');
    work.next();
    assert.equal(trace.lanes.laneBy, 'thread');
    trace.load(rowsFrom(15_002, rows.slice(15_000)));
    while (work.next().done !== true) {
      assert.equal(trace.lanes.laneBy, 'thread');
    }
    const { lanes, faults } = trace;
    assert.equal(lanes.laneBy, 'range');
    assert.deepEqual(
      lanes.list.map(({ of }) => of.by === 'range' && of.range?.page),
      [1, undefined, 0x200].map((page) => page),
    );
    for (let i = 0; i < faults.count; i++) {
      const page = faults.reportedPage(i);
      assert.equal(lanes.lane(i), page <= 0x100 ? 0 : page < 0x200 ? 1 : 2);
    }
    trace.load(rowsFrom(20_002, [copy(300_000_000, 3, { faultId: 90_000 })]));
    let counted = 0;
    for (const lane of lanes.list) {
      lane.levels.forEachCell(0, 4e8, 1, (_from, _until, count) => {
        counted += count;
      });
    }
    assert.equal(counted, 20_001);
  });
});
