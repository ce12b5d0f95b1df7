import assert from 'node:assert/strict';
import { kindCode, rowsFrom, type EventRow, type RowKind } from '../../../native-helper/log/eventRows.ts';
import { packedRows, unpackRows } from '../../../native-helper/log/packedRows.ts';
import { expanded, isServed, isServing, servedMark } from '../../../native-helper/log/servedRows.ts';

const served: EventRow = {
  kind: 'copy',
  actor: 'rule',
  timeNs: 5000,
  faultId: 7,
  address: 0x7f9c_2fb1_2345n,
  lengthBytes: 4096,
  tid: 42,
  flags: 2n,
  errno: 0,
  out: 4096n,
  raisedBeforeNs: 1500,
  readBeforeNs: 400,
  faultFlags: servedMark | 1,
};
const rowOf = (row: EventRow) => unpackRows(packedRows(rowsFrom(1, [row])));

describe('a served row', () => {
  it('tells when its fault was raised and read, and what was done about it', () => {
    const common = { faultId: 7, tid: 42, errno: 0 };
    const fault = {
      ...common,
      actor: 'kernel',
      address: 0x7f9c_2fb1_2345n,
      lengthBytes: 0,
      flags: 1n,
      out: 0n,
    };
    assert.deepEqual(expanded(rowOf(served), 0), [
      { ...fault, kind: 'raised', timeNs: 3500 },
      { ...fault, kind: 'read', timeNs: 4600 },
      {
        ...common,
        kind: 'copy',
        actor: 'rule',
        timeNs: 5000,
        address: 0x7f9c_2fb1_2000n,
        lengthBytes: 4096,
        flags: 2n,
        out: 4096n,
      },
    ]);
  });

  it('of a huge page tells the start of that page', () => {
    const huge = rowOf({ ...served, lengthBytes: 2 ** 21 });
    assert.deepEqual(
      expanded(huge, 0).map(({ address }) => address),
      [0x7f9c_2fb1_2345n, 0x7f9c_2fb1_2345n, 0x7f9c_2fa0_0000n],
    );
  });

  it('is marked; any other row stands for itself', () => {
    const { raisedBeforeNs, readBeforeNs, faultFlags, ...ordinary } = served;
    assert.ok(raisedBeforeNs && readBeforeNs && faultFlags);
    assert.ok(isServed(rowOf(served), 0));
    assert.ok(!isServed(rowOf(ordinary), 0));
    assert.deepEqual(expanded(rowOf(ordinary), 0), [ordinary]);
    const lost: EventRow = { ...ordinary, kind: 'lost', out: 1000n, raisedBeforeNs: 4e9 };
    assert.ok(!isServed(rowOf(lost), 0));
    assert.deepEqual(expanded(rowOf(lost), 0), [lost]);
  });

  it('takes a third of the bytes that three rows take', () => {
    const list = Array.from({ length: 4096 }, (_, i) => ({
      ...served,
      timeNs: 1e9 + 1700 * i,
      faultId: 100 + i,
      address: 0x7f00_0000_0000n + BigInt(4096 * i),
      raisedBeforeNs: 1000 + (i % 900),
      readBeforeNs: 300 + (i % 900),
    }));
    const rows = rowsFrom(1, list);
    const events = list.flatMap((_, i) => expanded(rows, i));
    const bytes = packedRows(rows).byteLength;
    assert.ok(3 * bytes < 1.4 * packedRows(rowsFrom(1, events)).byteLength, `${bytes / 4096} per fault`);
    assert.ok(bytes < 20 * 4096, `${bytes / 4096} per fault`);
  });

  it('is made only of an ioctl that resolves its fault and wakes its thread', () => {
    const serves = (kind: RowKind, mode: number, faultFlags: number) =>
      isServing(kindCode[kind], mode, faultFlags);
    for (const kind of ['copy', 'zeropage', 'continue', 'poison', 'move'] as const) {
      assert.ok(serves(kind, 0, 1), kind);
      assert.ok(serves(kind, 2, 4), kind);
      assert.ok(!serves(kind, 1, 0), `${kind} DONTWAKE`);
      assert.ok(!serves(kind, 0, 8), `${kind} of a fault with a flag that is not known`);
    }
    assert.ok(serves('writeprotect', 0, 3));
    assert.ok(!serves('writeprotect', 0, 1), 'a missing page stays missing');
    assert.ok(!serves('writeprotect', 1, 3), 'protects');
    assert.ok(!serves('writeprotect', 2, 3), 'wakes nobody');
    for (const kind of ['wake', 'register', 'unregister', 'remap', 'log', 'raised'] as const) {
      assert.ok(!serves(kind, 0, 0), kind);
    }
  });
});
