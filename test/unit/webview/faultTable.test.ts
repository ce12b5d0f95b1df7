import assert from 'node:assert/strict';
import { type FaultTable, mainPhases } from '../../../webview/model/faultTable.ts';
import { type EventRow } from '../../../native-helper/log/eventRows.ts';
import { copy, raised, read, row, served, traceOf, wake } from './buildRows.ts';

describe('FaultTable', () => {
  it('tells each phase of a fault, from waiting to woken', () => {
    const rows = [raised(10, 1, 5, 100), read(20, 1), copy(30, 5, { dontWake: true }), wake(40, 5)];
    const phases = rows.map((_, n) => traceOf(...rows.slice(0, n + 1)).faults.phase(0));
    assert.deepEqual(phases, ['waiting', 'held', 'asleep', 'woken']);
  });

  it('keeps the time of every step, and NaN for what has not happened', () => {
    const { faults } = traceOf(raised(10, 1, 5, 100), read(20, 1), copy(30, 5, { dontWake: true }));
    assert.deepEqual(
      [faults.raisedNs(0), faults.readNs(0), faults.resolvedNs(0), faults.endNs(0)],
      [10, 20, 30, NaN],
    );
    assert.equal(faults.endOrNow(0, 99), 99);
  });

  it('tells what a fault that is over mostly was', () => {
    const mainly = ({ faults }: { readonly faults: FaultTable }): string => mainPhases[faults.mainPhase(0)]!;
    const first = raised(0, 1, 5, 100);
    assert.equal(mainly(traceOf(first, read(30, 1), copy(40, 5))), 'waiting');
    assert.equal(mainly(traceOf(first, read(10, 1), copy(40, 5))), 'held');
    assert.equal(mainly(traceOf(first, read(10, 1), copy(20, 5, { dontWake: true }), wake(90, 5))), 'asleep');
    assert.equal(mainly(traceOf(first, raised(50, 2, 6, 100))), 'superseded');
  });

  it('keeps the code that raised a fault, also of one that was served at once, and 0 where it is unknown', () => {
    const code = (faultId: number, address: bigint): EventRow => row('code', 9, { faultId, address });
    const { faults } = traceOf(
      code(1, 0x401136n),
      raised(10, 1, 5, 100),
      raised(11, 2, 6, 101),
      code(3, 0x7fff0000n),
      served(40, 3, 7),
      code(4, 0x401136n),
      raised(50, 4, 8, 102),
    );
    assert.deepEqual(
      [0, 1, 2, 3].map((i) => faults.codes[faults.code(i)]),
      [0x401136n, 0n, 0x7fff0000n, 0x401136n],
    );
    assert.equal(faults.codes.length, 3);
  });

  it('tells a fault that was handed back from one that was superseded', () => {
    const { faults } = traceOf(
      raised(10, 1, 5, 100),
      wake(20, 5),
      raised(30, 2, 6, 100),
      raised(40, 3, 7, 100),
    );
    assert.equal(faults.phase(0), 'handedBack');
    assert.equal(faults.phase(1), 'superseded');
    assert.equal(faults.phase(2), 'waiting');
  });

  it('counts as held what was read and is neither resolved nor over', () => {
    const { faults } = traceOf(
      ...[1, 2, 3, 4].map((id) => raised(id, id, id, 100 + id)),
      ...[1, 2, 3].map((id) => read(10, id)),
      copy(20, 1),
      copy(21, 2, { dontWake: true }),
    );
    assert.equal(faults.heldCount, 1);
    assert.deepEqual(
      [...faults.open].map((i) => faults.id(i)),
      [2, 3, 4],
    );
  });

  it('gives each thread a lane, and unknown threads one lane with a track per sleeper', () => {
    const { lanes } = traceOf(
      raised(1, 1, 1, 7),
      raised(2, 2, 2),
      raised(3, 3, 3),
      copy(4, 2),
      raised(5, 4, 4),
    );
    assert.deepEqual(
      lanes.list.map((lane) => [lane.of, lane.tracks.length]),
      [
        [{ by: 'thread', tid: 7 }, 1],
        [{ by: 'thread', tid: 0 }, 2],
      ],
    );
    assert.deepEqual(
      [0, 1, 2, 3].map((i) => lanes.track(i)),
      [0, 0, 1, 0],
      'the freed track is used again',
    );
  });

  it('keeps everything when it has to grow', () => {
    const rows = Array.from({ length: 5000 }, (_, n) => [raised(10 * n, n + 1, n, 9), copy(10 * n + 5, n)]);
    const { faults } = traceOf(...rows.flat());
    assert.equal(faults.count, 5000);
    for (const i of [0, 1023, 1024, 4999]) {
      assert.equal(faults.id(i), i + 1);
      assert.equal(faults.address(i), BigInt(i * 4096));
      assert.equal(faults.endNs(i), 10 * i + 5);
      assert.equal(faults.indexOf(i + 1), i);
    }
    assert.equal(faults.indexOf(5001), -1);
  });
});
