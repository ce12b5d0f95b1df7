import assert from 'node:assert/strict';
import {
  initialResolveInput,
  parseByte,
  parseHex,
  readResolveInput,
  type ResolveInput,
} from '../../../webview/model/resolveInput.ts';

describe('the resolve form', () => {
  const page = { pagesLeft: 3, pageBytes: 4096 };
  const reading = (input: Partial<ResolveInput>) =>
    readResolveInput({ ...initialResolveInput, ...input }, page);

  it('reads a fill byte as hex, decimal or character', () => {
    assert.deepEqual(['0x41', '65', "'A'", '"A"', ' 0XfF '].map(parseByte), [65, 65, 65, 65, 255]);
  });

  it('says what is wrong with a fill byte', () => {
    assert.match(String(parseByte('256')), /^256 is more than a byte holds/);
    for (const text of ['', 'A', '-1', '0x', '1.5']) {
      assert.match(String(parseByte(text)), /such as 0x41 or 65/, text);
    }
  });

  it('reads hex bytes in the usual ways of writing them', () => {
    for (const text of ['deadbeef', 'de ad be ef', '0xde, 0xad, 0xbe, 0xef', '0xDEAD beef']) {
      assert.deepEqual(parseHex(text), Uint8Array.of(0xde, 0xad, 0xbe, 0xef), text);
    }
    assert.match(String(parseHex('dg')), /“g” is no hex digit/);
    assert.match(String(parseHex('abc')), /“abc” is no whole number of bytes/);
  });

  it('never takes digits of two groups for one byte', () => {
    assert.match(String(parseHex('1 2 3 4')), /“1” is no whole number of bytes/);
    assert.match(String(parseHex('0x1, 0x2')), /“0x1” is no whole number of bytes/);
    assert.match(String(parseHex('de 0x')), /“0x” is no whole number of bytes/);
  });

  it('plans a COPY of a pattern typed as text', () => {
    const { plan } = reading({ source: 'pattern', format: 'text', bytes: 'né', dontWake: true });
    assert.deepEqual(plan, {
      action: { ioctl: 'copy', source: { kind: 'pattern', bytes: 'bsOp' }, dontWake: true },
      lengthPages: 1,
    });
  });

  it('plans a ZEROPAGE whatever the source fields say', () => {
    const { plan } = reading({ ioctl: 'zeropage', fillByte: 'nonsense', lengthPages: '3' });
    assert.deepEqual(plan, { action: { ioctl: 'zeropage', dontWake: false }, lengthPages: 3 });
  });

  it('refuses lengths that are no number of pages or beyond the range', () => {
    for (const lengthPages of ['0', '-1', '1.5', 'two', '']) {
      assert.match(reading({ lengthPages }).errors?.lengthPages ?? '', /1 or more/, lengthPages);
    }
    assert.match(reading({ lengthPages: '4' }).errors?.lengthPages ?? '', /after 3 pages/);
  });

  it('refuses no bytes and more bytes than the length', () => {
    assert.match(reading({ source: 'bytes', bytes: ' ' }).errors?.bytes ?? '', /at least one/);
    const bytes = 'ab'.repeat(4097);
    assert.match(
      reading({ source: 'bytes', bytes }).errors?.bytes ?? '',
      /4097 bytes are more than the 4096/,
    );
    assert.equal(reading({ source: 'bytes', bytes, lengthPages: '2' }).errors, undefined);
  });

  it('names every wrong field at once', () => {
    const { errors } = reading({ fillByte: '999', lengthPages: '0' });
    assert.deepEqual(Object.keys(errors ?? {}).sort(), ['fillByte', 'lengthPages']);
  });
});
