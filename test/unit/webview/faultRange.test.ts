import assert from 'node:assert/strict';
import type { RangeDto } from '../../../native-helper/protocol/ranges.ts';
import { pageOf } from '../../../webview/model/faultRange.ts';

describe('the range of a fault', () => {
  const range = (start: RangeDto['start'], lengthBytes: number, pageBytes: number): RangeDto => ({
    start,
    lengthBytes,
    pageBytes,
    modes: ['MISSING'],
    memory: 'anonymous',
    isShared: false,
    thpBytes: 0,
    backing: '',
  });
  const ranges = [range('0x10000', 0x4000, 4096), range('0x40000000', 4 * 2 ** 21, 2 ** 21)];

  it('finds the page and how many are left', () => {
    const found = pageOf(ranges, 0x12abcn);
    assert.equal(found?.page, 0x12000n);
    assert.equal(found.pagesLeft, 2);
  });

  it('counts in the pages of the range', () => {
    const found = pageOf(ranges, 0x40300000n);
    assert.equal(found?.page, 0x40200000n);
    assert.equal(found.pagesLeft, 3);
  });

  it('knows when an address is in no range', () => {
    assert.equal(pageOf(ranges, 0x14000n), undefined);
    assert.equal(pageOf(ranges, 0xffffn), undefined);
  });
});
