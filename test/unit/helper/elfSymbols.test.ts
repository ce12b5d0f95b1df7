import assert from 'node:assert/strict';
import { symbolAt, type ElfReader } from '../../../native-helper/symbols/elfSymbols.ts';

const textOffset = 0x200;
const textAddress = 0x401000n;

/** A file with one loaded segment and the functions `main` (0x40 bytes) and `helper` (0x20). */
function elf(): Uint8Array {
  const bytes = new Uint8Array(0x1000);
  const view = new DataView(bytes.buffer);
  const word = (at: number, value: bigint | number) => view.setBigUint64(at, BigInt(value), true);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  word(32, 64);
  word(40, 0x400);
  view.setUint16(54, 56, true);
  view.setUint16(56, 1, true);
  view.setUint16(58, 64, true);
  view.setUint16(60, 3, true);
  view.setUint32(64, 1, true);
  word(64 + 8, textOffset);
  word(64 + 16, textAddress);
  word(64 + 32, 0x100);
  const section = (index: number, type: number, offset: number, sizeBytes: number, link: number) => {
    const at = 0x400 + 64 * index;
    view.setUint32(at + 4, type, true);
    word(at + 24, offset);
    word(at + 32, sizeBytes);
    view.setUint32(at + 40, link, true);
  };
  section(1, 2, 0x600, 3 * 24, 2);
  section(2, 3, 0x700, 13, 0);
  bytes.set(new TextEncoder().encode('\0main\0helper\0'), 0x700);
  const symbol = (index: number, name: number, start: bigint, sizeBytes: number) => {
    const at = 0x600 + 24 * index;
    view.setUint32(at, name, true);
    view.setUint8(at + 4, 0x12);
    word(at + 8, start);
    word(at + 16, sizeBytes);
  };
  symbol(1, 1, textAddress, 0x40);
  symbol(2, 6, textAddress + 0x40n, 0x20);
  return bytes;
}

const reading =
  (bytes: Uint8Array): ElfReader =>
  (offset, lengthBytes) =>
    bytes.slice(offset, offset + lengthBytes);

describe('symbolAt', () => {
  it('names the function that an offset of the file belongs to', () => {
    const read = reading(elf());
    assert.deepEqual(symbolAt(read, BigInt(textOffset) + 5n), {
      name: 'main',
      offsetBytes: 5,
      virtualAddress: textAddress + 5n,
    });
    assert.equal(symbolAt(read, BigInt(textOffset) + 0x40n)?.name, 'helper');
  });

  it('names none between functions, outside of segments, and in other files', () => {
    const read = reading(elf());
    assert.equal(symbolAt(read, BigInt(textOffset) + 0x60n), undefined);
    assert.equal(symbolAt(read, 0x1000n), undefined);
    assert.equal(symbolAt(reading(new TextEncoder().encode('#!/bin/sh\n')), 0n), undefined);
  });

  it('survives every truncation and random bytes', () => {
    const whole = elf();
    for (let length = 0; length < whole.length; length += 7) {
      symbolAt(reading(whole.subarray(0, length)), BigInt(textOffset));
    }
    let seed = 1;
    const random = () => (seed = (seed * 48271) % 0x7fffffff);
    for (let round = 0; round < 2000; round++) {
      const bytes = elf();
      for (let i = 0; i < 8; i++) {
        bytes[random() % (i < 4 ? 0x80 : bytes.length)] = random() & 0xff;
      }
      symbolAt(reading(bytes), BigInt(textOffset + (random() % 0x100)));
    }
  });
});
