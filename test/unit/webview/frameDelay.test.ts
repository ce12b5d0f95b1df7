import assert from 'node:assert/strict';
import { frameDelayMs } from '../../../webview/render/frameDelay.ts';

describe('frameDelayMs', () => {
  const scale = (spanNs: number) => ({ startNs: 0, endNs: spanNs, widthPx: 1000 });

  it('waits until the live edge has moved by a pixel', () => {
    assert.equal(frameDelayMs(scale(100e9), 50e9, false), 100);
  });

  it('paints growth at most twenty times a second and ages at least four times', () => {
    assert.equal(frameDelayMs(scale(1e6), 5e5, false), 50);
    assert.equal(frameDelayMs(scale(1e13), 5e12, false), 250);
  });

  it('paints slowly when the live edge is outside the window', () => {
    assert.equal(frameDelayMs(scale(100e9), 101e9, false), 250);
  });

  it('paints once a second where motion is reduced', () => {
    assert.equal(frameDelayMs(scale(1e6), 5e5, true), 1000);
  });
});
