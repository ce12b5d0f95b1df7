import assert from 'node:assert/strict';
import { roundStepNs, ticksOf } from '../../../webview/model/ticks.ts';

describe('ticks', () => {
  it('steps by 1, 2 or 5 times a power of ten', () => {
    assert.deepEqual(
      [0.3, 1, 1.2, 3, 7, 10, 11, 250, 1000].map(roundStepNs),
      [1, 1, 2, 5, 10, 10, 20, 500, 1000],
    );
  });

  it('keeps ticks at least the given gap apart and inside the window', () => {
    const scale = { startNs: 0, endNs: 1e9, widthPx: 1000 };
    const ticks = ticksOf(scale, 120);
    assert.deepEqual(
      ticks.map((tick) => tick.label),
      ['0.0 s', '0.2 s', '0.4 s', '0.6 s', '0.8 s', '1.0 s'],
    );
    assert.equal(ticks[1]!.xPx - ticks[0]!.xPx, 200);
  });

  it('names each unit from nanoseconds to seconds, with the digits its step needs', () => {
    const first = (startNs: number, endNs: number): string =>
      ticksOf({ startNs, endNs, widthPx: 400 }, 100)[1]!.label;
    assert.equal(first(0, 400), '100 ns');
    assert.equal(first(0, 40_000), '10 µs');
    assert.equal(first(0, 4_000_000), '1 ms');
    assert.equal(first(2_000_000_000, 2_000_000_400), '2.000\u202f000\u202f1 s');
    assert.equal(first(0, 16_000e9), '5\u202f000 s');
  });

  it('draws no ticks before the session began', () => {
    const ticks = ticksOf({ startNs: -500, endNs: 500, widthPx: 500 }, 100);
    assert.equal(ticks[0]!.timeNs, 0);
  });
});
