import assert from 'node:assert/strict';
import { parseBytes, parsePages, parseRange } from '../../../extension/commands/pageInput.ts';

describe('page bytes', () => {
  const hex = (text: string): string | undefined => {
    const bytes = parseBytes(text);
    return typeof bytes === 'string' ? undefined : Buffer.from(bytes).toString('hex');
  };

  it('are read as hex pairs with or without prefixes, blanks and commas', () => {
    for (const text of ['deadbeef', '0xdeadbeef', 'de ad be ef', '0xde, 0xad,0xBE 0xef', ' DEAD\nBEEF ']) {
      assert.equal(hex(text), 'deadbeef', text);
    }
  });

  it('are read as quoted text in UTF-8', () => {
    assert.equal(hex('"hé"'), '68c3a9');
  });

  it('are refused in a sentence when digits are missing or wrong, or nothing is there', () => {
    for (const text of ['', '  ', '""', 'abc', 'de a', 'xy', '0x', 'hello']) {
      const problem = parseBytes(text);
      assert.ok(typeof problem === 'string' && problem.endsWith('.'), text);
    }
  });
});

describe('a length in pages', () => {
  it('is a whole number within the range', () => {
    assert.deepEqual([parsePages('1', 8), parsePages('0x8', 8)], [1, 8]);
    for (const text of ['0', '9', '-1', '1.5', '', 'all']) {
      assert.equal(parsePages(text, 8), undefined, text);
    }
  });
});

describe('an address range', () => {
  it('is read as START-END, as in /proc/PID/maps', () => {
    assert.deepEqual(parseRange('7f1200000000-7f1200002000'), { start: '0x7f1200000000', lengthBytes: 8192 });
    assert.deepEqual(parseRange(' 0x1000 - 0x2000 '), { start: '0x1000', lengthBytes: 4096 });
  });

  it('is read as START+LENGTH with a decimal or hex length', () => {
    assert.deepEqual(parseRange('0x7f1200000000+4096'), { start: '0x7f1200000000', lengthBytes: 4096 });
    assert.deepEqual(parseRange('7f1200000000+0x1000'), { start: '0x7f1200000000', lengthBytes: 4096 });
  });

  it('keeps every bit of a high address', () => {
    assert.deepEqual(parseRange('fffffffffffff000+4096'), {
      start: '0xfffffffffffff000',
      lengthBytes: 4096,
    });
  });

  it('is refused when it is empty, backwards, too long or no range', () => {
    for (const text of [
      '',
      '0x1000',
      '0x2000-0x1000',
      '0x1000-0x1000',
      '0x1000+0',
      'fffffffffffff000+8192',
      '0-ffffffffffffffff',
      '11112222333344445-2',
      'a+b',
    ]) {
      assert.equal(parseRange(text), undefined, text);
    }
  });
});
