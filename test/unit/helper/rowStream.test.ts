import assert from 'node:assert/strict';
import { RowStream } from '../../../native-helper/capture/rowStream.ts';
import { kindCode, rowAt, rowsFrom, type EventRow } from '../../../native-helper/log/eventRows.ts';
import { packedRows, rowSpan, unpackRows } from '../../../native-helper/log/packedRows.ts';
import { OpenFaults } from '../../../native-helper/log/openFaults.ts';
import { longestBeforeNs, servedMark } from '../../../native-helper/log/servedRows.ts';
import { SeededRandom } from './seededRandom.ts';

function ordinary(id: number, timeNs: number): EventRow {
  return {
    kind: 'raised',
    actor: 'kernel',
    timeNs,
    faultId: id,
    address: BigInt(id) * 4096n,
    lengthBytes: 0,
    tid: id,
    flags: 0n,
    errno: 0,
    out: 0n,
  };
}

function served(id: number, timeNs: number): EventRow {
  const ioctl = { kind: 'copy', actor: 'rule', lengthBytes: 4096, out: 4096n } as const;
  const times = { raisedBeforeNs: 3, readBeforeNs: 1, faultFlags: servedMark };
  return { ...ordinary(id, timeNs), ...ioctl, ...times };
}

/** Anything that can happen to six threads on a few pages. */
function happening(random: SeededRandom, id: number): EventRow {
  const pages = 1 + random.below(3);
  const place = { address: BigInt(1 + random.below(12)) * 4096n, lengthBytes: pages * 4096 };
  const row = { ...ordinary(id, 10 * id), tid: 1 + random.below(6), address: place.address };
  const byRule = { ...row, ...place, actor: 'rule', faultId: 0, tid: 0, out: BigInt(pages * 4096) } as const;
  switch (random.below(9)) {
    case 0:
      return { ...row, kind: 'read', faultId: Math.max(1, id - 1 - random.below(4)) };
    case 1:
    case 2:
      return { ...byRule, kind: 'copy', flags: BigInt(random.below(2)) };
    case 3:
      return { ...byRule, kind: 'copy', errno: 17, out: -17n };
    case 4:
      return { ...byRule, kind: 'wake', out: 0n };
    case 5: {
      const to = BigInt(1 + random.below(12)) * 4096n;
      return { ...byRule, actor: 'kernel', kind: random.pick(['remap', 'remove', 'unmap', 'fork']), out: to };
    }
    default:
      return row;
  }
}

/** Faults and other events that rows tell of, those only counted too. */
function eventsOf(rows: readonly EventRow[]): number {
  const kinds = ['raised', 'fork', 'remap', 'remove', 'unmap'];
  return rows.reduce(
    (sum, { kind, out }) => sum + (kind === 'lost' ? Number(out) : kinds.includes(kind) ? 1 : 0),
    0,
  );
}

function openAfter(rows: readonly EventRow[]): unknown[] {
  const faults = new OpenFaults();
  faults.fold(rowsFrom(1, rows));
  return [...faults.values()];
}

const packed = (...rows: EventRow[]): ArrayBuffer => packedRows(rowsFrom(1, rows));

class Receiver {
  readonly rows: EventRow[] = [];
  lastSequence = 0;

  take(batch: ArrayBuffer): void {
    const rows = unpackRows(batch);
    assert.equal(rows.firstSequence, this.lastSequence + 1, 'no row is missing');
    this.lastSequence = rowSpan(batch).lastSequence;
    this.rows.push(...Array.from({ length: rows.count }, (_, i) => rowAt(rows, i)));
  }

  get kinds(): string[] {
    return this.rows.map(({ kind, out }) => (kind === 'lost' ? `lost ${out}` : kind));
  }
}

describe('a stream of rows', () => {
  it('sends all rows to a receiver that keeps up', () => {
    const receiver = new Receiver();
    const stream = new RowStream((batch) => receiver.take(batch), 4);
    for (let id = 1; id <= 50; id++) {
      stream.append(packed(served(id, 10 * id), ordinary(1000 + id, 10 * id)));
      stream.acknowledge(receiver.lastSequence);
    }
    assert.equal(receiver.rows.length, 100);
    assert.ok(!receiver.kinds.includes('lost'));
  });

  it('puts a row in the place of those that it dropped, and keeps all others in their order', () => {
    const receiver = new Receiver();
    const stream = new RowStream((batch) => receiver.take(batch), 2);
    stream.append(packed(served(1, 10), served(2, 20)));
    stream.append(packed(served(3, 30), served(4, 40), ordinary(5, 50), served(6, 60)));
    stream.append(packed(served(7, 70)));
    stream.append(packed(ordinary(8, 80)));
    stream.append(packed(served(9, 90)));
    assert.equal(receiver.rows.length, 2, 'nothing more is sent before it is acknowledged');
    stream.acknowledge(99);
    assert.equal(receiver.rows.length, 2, 'the receiver cannot have had row 99');
    stream.acknowledge(2);
    stream.acknowledge(receiver.lastSequence);
    stream.acknowledge(receiver.lastSequence);
    assert.deepEqual(receiver.kinds, ['copy', 'copy', 'lost 2', 'raised', 'lost 2', 'raised', 'lost 1']);
    const lost = receiver.rows.filter(({ kind }) => kind === 'lost');
    assert.deepEqual(
      lost.map(({ timeNs, raisedBeforeNs, faultId, actor }) => [timeNs, raisedBeforeNs, faultId, actor]),
      [
        [40, 13, 0, 'kernel'],
        [70, 13, 0, 'kernel'],
        [90, 3, 0, 'kernel'],
      ],
    );
    stream.acknowledge(receiver.lastSequence);
    stream.append(packed(served(10, 100)));
    assert.equal(receiver.kinds.at(-1), 'copy', 'it goes on as before');
  });

  it('tells a long time in several rows', () => {
    const receiver = new Receiver();
    const stream = new RowStream((batch) => receiver.take(batch), 1);
    stream.append(packed(ordinary(1, 1)));
    for (let second = 1; second <= 10; second++) {
      stream.append(packed(served(second, 1e9 * second)));
    }
    stream.end();
    assert.deepEqual(receiver.kinds, ['raised', 'lost 5', 'lost 5']);
    assert.ok(receiver.rows.every(({ raisedBeforeNs = 0 }) => raisedBeforeNs <= longestBeforeNs));
  });

  it('sends what it kept at its end, whether or not there is room', () => {
    const receiver = new Receiver();
    const stream = new RowStream((batch) => receiver.take(batch), 1);
    for (let id = 1; id <= 5; id++) {
      stream.append(packed(ordinary(id, id), served(100 + id, id)));
    }
    stream.end();
    assert.deepEqual(
      receiver.rows.filter(({ kind }) => kind === 'raised').map(({ faultId }) => faultId),
      [1, 2, 3, 4, 5],
    );
  });

  it('may be acknowledged by who gets a batch, at once', () => {
    const receiver = new Receiver();
    const stream: RowStream = new RowStream((batch) => {
      receiver.take(batch);
      if (receiver.rows.length > 2) {
        stream.acknowledge(receiver.lastSequence);
      }
    }, 1);
    for (let id = 1; id <= 20; id++) {
      stream.append(packed(ordinary(id, id)));
    }
    stream.acknowledge(1);
    stream.acknowledge(2);
    assert.deepEqual(
      receiver.rows.map(({ faultId }) => faultId),
      Array.from({ length: 20 }, (_, i) => i + 1),
    );
  });

  it('loses no open fault and no count of a served one, however the receiver comes and goes', () => {
    let lostInAll = 0;
    for (let seed = 1; seed <= 100; seed++) {
      const random = new SeededRandom(seed);
      const receiver = new Receiver();
      const most = 1 + random.below(30);
      let underWay = 0;
      const stream = new RowStream((batch) => {
        assert.ok(seed === 0 || isEnding || underWay < most, 'no more is under way than may be');
        underWay += rowSpan(batch).lastSequence - rowSpan(batch).firstSequence + 1;
        receiver.take(batch);
      }, most);
      let isEnding = false;
      const sent: EventRow[] = [];
      for (let id = 1; id < 400;) {
        const rows = Array.from({ length: 1 + random.below(6) }, () => {
          const timeNs = 10 * id;
          return random.below(4) === 0 ? ordinary(id++, timeNs) : served(id++, timeNs);
        });
        sent.push(...rows);
        stream.append(packed(...rows));
        if (random.below(3) === 0) {
          const sequence = receiver.lastSequence - random.below(3);
          underWay = Math.min(underWay, Math.max(0, receiver.lastSequence - sequence));
          stream.acknowledge(sequence);
        }
      }
      isEnding = true;
      stream.end();
      const kept = (rows: readonly EventRow[]) => rows.filter(({ kind }) => kind === 'raised');
      assert.deepEqual(kept(receiver.rows), kept(sent), `seed ${seed}`);
      const lost = receiver.rows.reduce((sum, { kind, out }) => sum + (kind === 'lost' ? Number(out) : 0), 0);
      const copies = (rows: readonly EventRow[]) => rows.filter(({ kind }) => kind === 'copy').length;
      assert.equal(copies(receiver.rows) + lost, copies(sent), `seed ${seed}`);
      lostInAll += lost;
      assert.deepEqual(openAfter(receiver.rows), openAfter(sent), `seed ${seed}`);
    }
    assert.ok(lostInAll > 1000 && kindCode.lost > 0, `${lostInAll}`);
  });

  it('counts in the end also faults that took several rows, so that it never keeps many', () => {
    const receiver = new Receiver();
    const stream = new RowStream((batch) => receiver.take(batch), 2, 16);
    const faults = 10_000;
    stream.append(packed({ ...ordinary(1, 1), tid: 7 }, ordinary(2, 2)));
    for (let id = 3; id <= faults; id++) {
      const timeNs = 10 * id;
      const copy = { kind: 'copy', actor: 'rule', lengthBytes: 4096, out: 4096n } as const;
      stream.append(packed(ordinary(id, timeNs), { ...ordinary(id, timeNs + 1), kind: 'log' }));
      stream.append(
        packed({ ...ordinary(id, timeNs + 2), kind: 'read' }, { ...ordinary(id, timeNs + 3), ...copy }),
      );
    }
    // Two that the receiver knows go on: one is woken, the thread of the other faults anew.
    stream.append(packed({ ...ordinary(2, 200_000), kind: 'wake', lengthBytes: 4096 }));
    stream.append(packed({ ...ordinary(faults + 1, 200_001), tid: 7 }));
    stream.end();
    assert.ok(receiver.rows.length < 2 + 2 * 16, `${receiver.rows.length} rows`);
    assert.equal(eventsOf(receiver.rows), faults + 1);
    const open = openAfter(receiver.rows) as { readonly id: number }[];
    assert.deepEqual(
      open.map(({ id }) => id),
      [faults + 1],
    );
  });

  it('keeps with the open faults which code raised them', () => {
    const receiver = new Receiver();
    const stream = new RowStream((batch) => receiver.take(batch), 1, 4);
    stream.append(packed(ordinary(1, 1)));
    for (let id = 2; id <= 20; id++) {
      const code: EventRow = { ...ordinary(id, id), kind: 'code', address: BigInt(0x401000 + id) };
      const over: EventRow = {
        ...ordinary(0, id),
        kind: 'wake',
        address: BigInt(id) * 4096n,
        lengthBytes: 4096,
      };
      stream.append(packed(code, ordinary(id, id), ...(id % 10 === 0 ? [] : [over])));
    }
    stream.end();
    const told = receiver.rows.filter(({ faultId }) => faultId === 10 || faultId === 20);
    assert.deepEqual(
      told.map(({ kind, address }) => [kind, address]),
      [10, 20].flatMap((id) => [
        ['code', BigInt(0x401000 + id)],
        ['raised', BigInt(id) * 4096n],
      ]),
    );
    assert.ok(receiver.rows.length < 20, `${receiver.rows.length} rows`);
  });

  it('keeps what was done by hand', () => {
    const receiver = new Receiver();
    const stream = new RowStream((batch) => receiver.take(batch), 1, 1);
    stream.append(packed(ordinary(1, 1)));
    for (let id = 2; id <= 9; id++) {
      const byHand = { kind: 'copy', actor: 'user', lengthBytes: 4096, out: 4096n } as const;
      stream.append(packed(ordinary(id, 10 * id), { ...ordinary(id, 10 * id + 1), ...byHand }));
    }
    stream.end();
    assert.equal(receiver.kinds.filter((kind) => kind === 'copy').length, 8);
    assert.equal(eventsOf(receiver.rows), 9);
  });

  it('tells of every open fault, whatever happens while the receiver comes and goes', () => {
    let lostInAll = 0;
    for (let seed = 1; seed <= 300; seed++) {
      const random = new SeededRandom(seed);
      const receiver = new Receiver();
      const [most, mostKept] = [1 + random.below(30), 1 + random.below(60)];
      const stream = new RowStream((batch) => receiver.take(batch), most, mostKept);
      const sent: EventRow[] = [];
      for (let id = 1; id < 400;) {
        const rows = Array.from({ length: 1 + random.below(6) }, () => happening(random, id++));
        sent.push(...rows);
        stream.append(packed(...rows));
        if (random.below(40) === 0) {
          stream.acknowledge(receiver.lastSequence);
        }
      }
      stream.end();
      assert.deepEqual(openAfter(receiver.rows), openAfter(sent), `seed ${seed}`);
      assert.equal(eventsOf(receiver.rows), eventsOf(sent), `seed ${seed}`);
      lostInAll += eventsOf(receiver.rows.filter(({ kind }) => kind === 'lost'));
    }
    assert.ok(lostInAll > 1000, `${lostInAll}`);
  });
});
