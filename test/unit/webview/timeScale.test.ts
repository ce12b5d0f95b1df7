import assert from 'node:assert/strict';
import { fitted, following, panned, timeAt, xOf, zoomed } from '../../../webview/model/timeScale.ts';

describe('time scale', () => {
  const scale = { startNs: 1000, endNs: 2000, widthPx: 500 };

  it('turns times into pixels and back', () => {
    assert.equal(xOf(scale, 1500), 250);
    assert.equal(timeAt(scale, xOf(scale, 1234)), 1234);
  });

  it('zooms around a point that stays where it is', () => {
    const near = zoomed(scale, 0.5, 1200);
    assert.equal(near.endNs - near.startNs, 500);
    assert.equal(xOf(near, 1200), xOf(scale, 1200));
  });

  it('never shows less than 100 ns nor more than 100 days', () => {
    const nearest = zoomed(scale, 1e-9, 1500);
    assert.equal(Math.round(nearest.endNs - nearest.startNs), 100);
    const farthest = zoomed(scale, 1e30, 1500);
    assert.equal(farthest.endNs - farthest.startNs, 100 * 86_400e9);
  });

  it('pans without changing the span', () => {
    assert.deepEqual(panned(scale, -300), { startNs: 700, endNs: 1700, widthPx: 500 });
  });

  it('fits a stretch with a margin, also an empty one', () => {
    assert.deepEqual(fitted(scale, 1000, 3000, 0.1), { startNs: 800, endNs: 3200, widthPx: 500 });
    const empty = fitted(scale, 5000, 5000, 0);
    assert.equal(empty.endNs - empty.startNs, 100);
  });

  it('follows the live edge with an unchanged span, and starts at zero while the session is short', () => {
    const late = following(scale, 50_000);
    assert.equal(late.endNs - late.startNs, 1000);
    assert.ok(late.startNs < 50_000 && late.endNs > 50_000);
    assert.equal(following(scale, 10).startNs, -20);
  });
});
