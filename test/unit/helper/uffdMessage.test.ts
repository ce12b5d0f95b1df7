import assert from 'node:assert/strict';
import {
  decodeUffdMessage,
  pagefaultAddress,
  type UffdMessage,
} from '../../../native-helper/abi/uffdMessage.ts';
import { SeededRandom } from './seededRandom.ts';

/** A message from its bytes in hex, blanks for reading; zeros behind them up to 32 bytes. */
function message(hex: string): DataView {
  const bytes = new Uint8Array(32);
  bytes.set(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
  return new DataView(bytes.buffer);
}

const decoded = (hex: string): UffdMessage => decodeUffdMessage(message(hex), 0);

describe('decodeUffdMessage', () => {
  it('decodes a page fault', () => {
    assert.deepEqual(decoded('12 00000000000000 0100000000000000 0040b02f9c7f0000 391a0000'), {
      event: 'pagefault',
      flags: 1n,
      address: 0x7f9c2fb04000n,
      ptid: 6713,
    });
  });

  it('keeps all bits of flags it does not know, and of a 57-bit address', () => {
    assert.deepEqual(decoded('12 00000000000000 ffffffffffffffff ffffffffffffff01 ffffffff'), {
      event: 'pagefault',
      flags: 2n ** 64n - 1n,
      address: 2n ** 57n - 1n,
      ptid: 0xffffffff,
    });
  });

  it('decodes a fork', () => {
    assert.deepEqual(decoded('13 00000000000000 07000000'), { event: 'fork', ufd: 7 });
  });

  it('decodes a remap', () => {
    assert.deepEqual(decoded('14 00000000000000 0010000000000000 0020000000000000 0000010000000000'), {
      event: 'remap',
      from: 0x1000n,
      to: 0x2000n,
      lengthBytes: 0x10000n,
    });
  });

  it('decodes a remove and an unmap', () => {
    const range = '00000000000000 0010000000000000 0030000000000000';
    assert.deepEqual(decoded(`15 ${range}`), { event: 'remove', start: 0x1000n, end: 0x3000n });
    assert.deepEqual(decoded(`16 ${range}`), { event: 'unmap', start: 0x1000n, end: 0x3000n });
  });

  it('gives an event it does not know with its number and payload', () => {
    assert.deepEqual(decoded('17 00000000000000 0100000000000080 feffffffffffffff'), {
      event: 'unknown',
      number: 0x17,
      words: [0x8000000000000001n, 0xfffffffffffffffen],
    });
  });

  it('ignores what stands in the reserved bytes', () => {
    assert.deepEqual(decoded('13 ffffffffffffff 07000000 ffffffff'), { event: 'fork', ufd: 7 });
  });

  it('takes each message of a buffer by its index', () => {
    const bytes = new Uint8Array(3 * 32);
    [5, 6, 7].forEach((ufd, i) => bytes.set([0x13, 0, 0, 0, 0, 0, 0, 0, ufd], 32 * i));
    const view = new DataView(bytes.buffer);
    assert.deepEqual(
      [0, 1, 2].map((i) => decodeUffdMessage(view, i)),
      [5, 6, 7].map((ufd) => ({ event: 'fork', ufd })),
    );
  });

  it('takes any 32 bytes, whatever they are', () => {
    const random = new SeededRandom(11);
    const seen = new Set<string>();
    for (let i = 0; i < 5000; i++) {
      const bytes = random.bytes(32);
      // Every event number, each often.
      bytes[0] = i % 256;
      seen.add(decodeUffdMessage(new DataView(bytes.buffer), 0).event);
    }
    assert.deepEqual([...seen].sort(), ['fork', 'pagefault', 'remap', 'remove', 'unknown', 'unmap']);
  });

  it('refuses a message that is not whole or not there', () => {
    for (let length = 0; length < 32; length++) {
      const bytes = new Uint8Array(length).fill(0x12);
      assert.throws(() => decodeUffdMessage(new DataView(bytes.buffer), 0), RangeError, `${length} bytes`);
    }
    const two = new DataView(new ArrayBuffer(64 + 31));
    assert.throws(() => decodeUffdMessage(two, 2), RangeError);
    assert.throws(() => decodeUffdMessage(two, -1), RangeError);
  });
});

describe('pagefaultAddress', () => {
  it('equals the address of the full decoder, for page-aligned addresses of up to 57 bits', () => {
    const random = new SeededRandom(12);
    for (let i = 0; i < 2000; i++) {
      const view = new DataView(random.bytes(64).buffer);
      view.setUint8(32, 0x12);
      view.setBigUint64(48, random.word64() & 0x01ff_ffff_ffff_f000n, true);
      const full = decodeUffdMessage(view, 1);
      assert.equal(full.event, 'pagefault');
      assert.equal(BigInt(pagefaultAddress(view, 1)!), full.address);
    }
  });

  it('is undefined for everything that is no page fault', () => {
    for (let event = 0; event < 256; event++) {
      const view = message('00 00000000000000 00 00000000000000 0040b02f9c7f0000');
      view.setUint8(0, event);
      assert.equal(pagefaultAddress(view, 0), event === 0x12 ? 0x7f9c2fb04000 : undefined, `event ${event}`);
    }
  });
});
