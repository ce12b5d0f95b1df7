import assert from 'node:assert/strict';
import { asciiOf, difference, hexByte, hexRows } from '../../../webview/model/hexRows.ts';

describe('the rows of a hex dump', () => {
  const zeros = new Uint8Array(40);
  const changed = Uint8Array.from(zeros, (_, i) => (i === 17 ? 1 : 0));

  it('are one per stretch of bytes, up to the length asked for', () => {
    assert.deepEqual(
      hexRows(zeros, null, 16, 40).map(({ offset }) => offset),
      [0, 16, 32],
    );
    assert.equal(hexRows(zeros, null, 16, 16).length, 1);
    assert.equal(hexRows(null, null, 16, 256).length, 0);
  });

  it('are two where source and page differ', () => {
    assert.deepEqual(hexRows(zeros, changed, 16, 40), [
      { offset: 0, origin: 'only' },
      { offset: 16, origin: 'source' },
      { offset: 16, origin: 'page' },
      { offset: 32, origin: 'only' },
    ]);
  });

  it('count the bytes that differ, those behind the shorter side among them', () => {
    assert.deepEqual(difference(zeros, changed), { count: 1, first: 17 });
    assert.deepEqual(difference(zeros, zeros), { count: 0, first: -1 });
    assert.deepEqual(difference(zeros, zeros.slice(0, 38)), { count: 2, first: 38 });
    assert.equal(difference(zeros, null), null);
  });

  it('show printable ASCII as it is, and all else as a dot', () => {
    assert.deepEqual([0x41, 0x7e, 0x20, 0, 0x7f, 0xff, undefined].map(asciiOf).join(''), 'A~ ... ');
    assert.deepEqual([0, 0xab, undefined].map(hexByte), ['00', 'ab', '  ']);
  });
});
