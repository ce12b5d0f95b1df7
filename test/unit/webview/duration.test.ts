import assert from 'node:assert/strict';
import { formatBytes, formatDuration, formatMoment } from '../../../webview/model/duration.ts';

describe('durations and sizes in words', () => {
  it('shows three digits in the unit that fits', () => {
    const cases: readonly [number, string][] = [
      [0, '0 ns'],
      [999, '999 ns'],
      [1280, '1.28 µs'],
      [45_600, '45.6 µs'],
      [789_000, '789 µs'],
      [1_500_000, '1.50 ms'],
      [42e9, '42.0 s'],
      [-1500, '-1.50 µs'],
    ];
    for (const [ns, words] of cases) {
      assert.equal(formatDuration(ns), words);
    }
  });

  it('goes over to the next unit where rounding would show four digits', () => {
    assert.equal(formatDuration(999.7), '1.00 µs');
    assert.equal(formatDuration(999_900), '1.00 ms');
    assert.equal(formatDuration(9_999_000), '10.0 ms');
    assert.equal(formatDuration(59.99e9), '1 min 00 s');
  });

  it('counts minutes and hours from a minute on', () => {
    assert.equal(formatDuration(185e9), '3 min 05 s');
    assert.equal(formatDuration(3720e9), '1 h 02 min');
  });

  it('shows moments to the nanosecond', () => {
    assert.equal(formatMoment(12_345_678_901), '12.345\u202f678\u202f901 s');
  });

  it('shows sizes in the largest unit that divides them', () => {
    assert.deepEqual([0, 1000, 4096, 2 ** 24, 3 * 2 ** 30].map(formatBytes), [
      '0 bytes',
      '1000 bytes',
      '4 KiB',
      '16 MiB',
      '3 GiB',
    ]);
  });
});
