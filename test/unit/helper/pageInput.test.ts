import assert from 'node:assert/strict';
import {
  parseAddress,
  parseByte,
  parseCount,
  parseHexBytes,
} from '../../../native-helper/rules/pageInput.ts';

describe('what people type for pages', () => {
  it('reads a byte as hex, decimal or a character in single quotes', () => {
    assert.deepEqual(['0x5a', '90', "'Z'", ' 0XfF ', '0'].map(parseByte), [0x5a, 90, 0x5a, 255, 0]);
  });

  it('says what is wrong with a byte', () => {
    assert.match(String(parseByte('256')), /^256 is more than a byte holds/);
    assert.match(String(parseByte('9'.repeat(400))), /is more than a byte holds/);
    for (const text of ['', 'A', '"A"', "'ZZ'", '-1', '0x', '1.5']) {
      assert.match(String(parseByte(text)), /such as 0x5a or 90/, text);
    }
  });

  it('reads hex bytes in the usual ways of writing them', () => {
    for (const text of ['deadbeef', 'de ad be ef', '0xde, 0xad, 0xbe, 0xef', '0xDEAD beef']) {
      assert.deepEqual(parseHexBytes(text), Uint8Array.of(0xde, 0xad, 0xbe, 0xef), text);
    }
    assert.deepEqual(parseHexBytes(' '), new Uint8Array());
    assert.match(String(parseHexBytes('dg')), /“g” is no hex digit/);
    assert.match(String(parseHexBytes('abc')), /“abc” is no whole number of bytes/);
  });

  it('never takes digits of two groups for one byte', () => {
    assert.match(String(parseHexBytes('1 2 3 4')), /“1” is no whole number of bytes/);
    assert.match(String(parseHexBytes('0x1, 0x2')), /“0x1” is no whole number of bytes/);
    assert.match(String(parseHexBytes('de 0x')), /“0x” is no whole number of bytes/);
  });

  it('reads a count in decimal or hex, and nothing past what a number holds', () => {
    assert.deepEqual(['0', '4096', ' 0x1000 '].map(parseCount), [0, 4096, 4096]);
    for (const text of ['', '-1', '1.5', 'ten', '0x20000000000000']) {
      assert.equal(parseCount(text), undefined, text);
    }
  });

  it('reads every bit of an address', () => {
    assert.equal(parseAddress('0xfffffffffffff000'), 0xfffffffffffff000n);
    assert.equal(parseAddress(' 7F0000001000 '), 0x7f0000001000n);
    for (const text of ['', '0x', '12345678901234567', 'here']) {
      assert.equal(parseAddress(text), undefined, text);
    }
  });
});
