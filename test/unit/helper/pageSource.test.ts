import assert from 'node:assert/strict';
import { sourceBytes } from '../../../native-helper/capture/pageSource.ts';

const base64 = (...bytes: number[]): string => Buffer.from(bytes).toString('base64');
const bytesOf = (...args: Parameters<typeof sourceBytes>): number[] => [...sourceBytes(...args)];

describe('sourceBytes', () => {
  it('fills a page with any byte', () => {
    for (const byte of [0, 1, 0x5a, 255]) {
      assert.deepEqual(sourceBytes({ kind: 'fill', byte }, 4096), Buffer.alloc(4096, byte));
    }
  });

  it('repeats a pattern from the start, and cuts it at the end', () => {
    assert.deepEqual(bytesOf({ kind: 'pattern', bytes: base64(1, 2, 3) }, 8), [1, 2, 3, 1, 2, 3, 1, 2]);
    assert.deepEqual(bytesOf({ kind: 'pattern', bytes: base64(9) }, 3), [9, 9, 9]);
    assert.deepEqual(bytesOf({ kind: 'pattern', bytes: base64(1, 2, 3) }, 2), [1, 2]);
  });

  it('repeats bytes as they are, not as text', () => {
    assert.deepEqual(bytesOf({ kind: 'pattern', bytes: base64(0xc3, 0x28, 0) }, 4), [0xc3, 0x28, 0, 0xc3]);
  });

  it('puts given bytes at the start and zeros behind them', () => {
    assert.deepEqual(bytesOf({ kind: 'bytes', bytes: base64(7, 8) }, 5), [7, 8, 0, 0, 0]);
    assert.deepEqual(bytesOf({ kind: 'bytes', bytes: base64(7, 8) }, 2), [7, 8]);
  });

  it('refuses more bytes than the range has, and says which field and how many', () => {
    assert.throws(() => sourceBytes({ kind: 'bytes', bytes: base64(7, 8, 9) }, 2), {
      message: '3 bytes were given for a range of 2. Give fewer bytes or more pages. Nothing was done.',
      data: { cause: 'badRange', field: 'action.source.bytes' },
    });
  });

  it('gives fresh bytes each time', () => {
    const first = sourceBytes({ kind: 'fill', byte: 1 }, 4096);
    first.fill(2);
    assert.deepEqual(sourceBytes({ kind: 'fill', byte: 1 }, 4096), Buffer.alloc(4096, 1));
  });
});
