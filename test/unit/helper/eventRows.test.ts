import assert from 'node:assert/strict';
import {
  allocateRows,
  rowActors,
  rowAt,
  rowKinds,
  rowsFrom,
  type EventRow,
} from '../../../native-helper/log/eventRows.ts';
import { packedRows, unpackRows } from '../../../native-helper/log/packedRows.ts';
import { SeededRandom } from './seededRandom.ts';

function randomRow(random: SeededRandom): EventRow {
  return {
    kind: random.pick(rowKinds),
    actor: random.pick(rowActors),
    timeNs: random.word() * 1000 + random.below(1000),
    faultId: random.word(),
    address: random.word64(),
    lengthBytes: random.below(2 ** 30) * 4096,
    tid: random.word(),
    flags: random.word64(),
    errno: random.below(65536),
    out: BigInt.asIntN(64, random.word64()),
    // Absent is 0.
    ...(random.below(2) === 0
      ? {}
      : {
          raisedBeforeNs: 1 + random.below(0xffff_ffff),
          readBeforeNs: 1 + random.below(0xffff_ffff),
          faultFlags: 1 + random.below(255),
        }),
  };
}

/** The packed bytes of a valid batch of two rows that starts at `firstSequence`. */
const packedBatch = (firstSequence = 1): ArrayBuffer => packedRows(allocateRows(firstSequence, 2));

describe('event rows', () => {
  it('come out of a packed batch as they went in, for odd and even counts', () => {
    const random = new SeededRandom(1);
    for (let count = 0; count <= 40; count++) {
      const list = Array.from({ length: count }, () => randomRow(random));
      const firstSequence = 1 + random.below(2 ** 32) * 2 ** 20;
      const sent = structuredClone(packedRows(rowsFrom(firstSequence, list)));
      const rows = unpackRows(sent);
      assert.equal(rows.count, count);
      assert.equal(rows.firstSequence, firstSequence);
      assert.deepEqual(
        list.map((_, i) => rowAt(rows, i)),
        list,
      );
    }
  });

  it('keep the extreme values of every column', () => {
    const extreme: EventRow = {
      kind: 'unknown',
      actor: 'detach',
      timeNs: Number.MAX_SAFE_INTEGER,
      faultId: 0xffffffff,
      address: 2n ** 64n - 1n,
      lengthBytes: 2 ** 52,
      tid: 0xffffffff,
      flags: 2n ** 64n - 1n,
      errno: 0xffff,
      out: -(2n ** 63n),
      raisedBeforeNs: 0xffffffff,
      readBeforeNs: 0xffffffff,
      faultFlags: 0xff,
    };
    assert.deepEqual(rowAt(unpackRows(packedRows(rowsFrom(1, [extreme]))), 0), extreme);
    const small = {
      ...extreme,
      timeNs: 0,
      faultId: 0,
      address: 0n,
      lengthBytes: 0,
      tid: 0,
      flags: 0n,
      errno: 0,
      out: 0n,
    };
    const both = unpackRows(packedRows(rowsFrom(1, [extreme, small])));
    assert.deepEqual([rowAt(both, 0), rowAt(both, 1)], [extreme, small]);
  });

  it('take no bytes for columns whose values are all the same, and few for those that differ little', () => {
    const served = (fault: number): EventRow => ({
      ...randomRow(new SeededRandom(4)),
      kind: 'read',
      actor: 'kernel',
      timeNs: 1e12 + 1000 * fault,
      faultId: 1e6 + fault,
      address: 0x7f9c_0000_0000n + BigInt(4096 * fault),
    });
    const bytesOf = (count: number): number =>
      packedRows(
        rowsFrom(
          1,
          Array.from({ length: count }, (_, fault) => served(fault)),
        ),
      ).byteLength;
    // Time and address in four bytes, the fault in two; errno, kind and actor are stored as they are.
    assert.equal(bytesOf(2000) - bytesOf(1000), 1000 * (4 + 4 + 2 + 4));
  });

  it('are packed up to a row, under another sequence number', () => {
    const random = new SeededRandom(5);
    const list = Array.from({ length: 9 }, () => randomRow(random));
    const rows = unpackRows(packedRows(rowsFrom(1, list), 7, 100));
    assert.equal(rows.firstSequence, 100);
    assert.deepEqual(
      Array.from({ length: rows.count }, (_, i) => rowAt(rows, i)),
      list.slice(0, 7),
    );
  });

  it('keep times that are no whole nanoseconds', () => {
    const row = { ...randomRow(new SeededRandom(6)), timeNs: 0.25 };
    assert.equal(unpackRows(packedRows(rowsFrom(1, [row]))).timeNs[0], 0.25);
  });

  it('have columns that neither overlap nor leave the buffer', () => {
    for (const count of [1, 3, 7, 8]) {
      const rows = allocateRows(1, count);
      const { addressWords, ...rest } = rows;
      const columns = Object.values(rest).filter((value) => typeof value !== 'number');
      const spans = columns
        .map(({ byteOffset, byteLength }) => ({ start: byteOffset, end: byteOffset + byteLength }))
        .sort((a, b) => a.start - b.start);
      assert.equal(spans.length, 13);
      assert.equal(spans[0]!.start, 0);
      spans.slice(1).forEach((span, i) => assert.equal(span.start, spans[i]!.end));
      assert.equal(spans.at(-1)!.end, rows.timeNs.buffer.byteLength);
      assert.equal(addressWords.length, 2 * count);
    }
  });

  it('give the address as two 32-bit words, the low one first', () => {
    const rows = rowsFrom(1, [{ ...randomRow(new SeededRandom(2)), address: 0x00ff_7f9c_2fb0_4123n }]);
    assert.deepEqual([...rows.addressWords], [0x2fb04123, 0x00ff7f9c]);
  });

  it('show kinds and actors that a newer version has sent as unknown and kernel', () => {
    const rows = allocateRows(1, 1);
    rows.kind[0] = rowKinds.length;
    rows.actor[0] = rowActors.length;
    assert.equal(rowAt(rows, 0).kind, 'unknown');
    assert.equal(rowAt(rows, 0).actor, 'kernel');
  });

  it('refuse a row outside the batch', () => {
    const rows = allocateRows(1, 2);
    assert.throws(() => rowAt(rows, 2), RangeError);
    assert.throws(() => rowAt(rows, -1), RangeError);
  });

  it('keep the wire values of kinds and actors', () => {
    assert.equal(
      rowKinds.join(),
      'raised,read,copy,zeropage,continue,writeprotect,poison,move,wake,fork,remap,remove,unmap,unknown,register,unregister,log,lost,code',
    );
    assert.equal(rowActors.join(), 'kernel,handler,user,rule,detach');
  });
});

describe('unpackRows', () => {
  it('refuses every buffer that is cut short or has bytes behind it', () => {
    const bytes = new Uint8Array(packedBatch());
    for (let length = 0; length < bytes.byteLength; length++) {
      assert.throws(() => unpackRows(bytes.buffer.slice(0, length)), RangeError, `${length} bytes`);
    }
    const longer = new Uint8Array(bytes.byteLength + 1);
    longer.set(bytes);
    assert.throws(() => unpackRows(longer.buffer), RangeError);
  });

  it('refuses a count that the buffer cannot hold', () => {
    for (const count of [0, 1, 3, 0x7fffffff, 0xffffffff]) {
      const buffer = packedBatch();
      new DataView(buffer).setUint32(8, count, true);
      assert.throws(() => unpackRows(buffer), RangeError, `${count} rows`);
    }
  });

  it('refuses first sequences that are no sequence number', () => {
    for (const first of [0, -1, 0.5, 1.5, NaN, Infinity, -Infinity, 2 ** 53]) {
      const buffer = packedBatch();
      new DataView(buffer).setFloat64(0, first, true);
      assert.throws(() => unpackRows(buffer), RangeError, String(first));
    }
    assert.equal(unpackRows(packedBatch(Number.MAX_SAFE_INTEGER)).firstSequence, Number.MAX_SAFE_INTEGER);
  });

  it('answers random bytes with RangeError and nothing else', () => {
    const random = new SeededRandom(3);
    for (let i = 0; i < 2000; i++) {
      const bytes = random.bytes(random.below(300));
      assert.throws(() => unpackRows(bytes.buffer), RangeError);
    }
  });
});
