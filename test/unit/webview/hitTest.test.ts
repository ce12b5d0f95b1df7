import assert from 'node:assert/strict';
import { faultAt } from '../../../webview/model/hitTest.ts';
import { LaneLayout, lanePaddingPx, trackHeightPx } from '../../../webview/model/laneLayout.ts';
import type { Trace } from '../../../webview/model/trace.ts';
import { copy, raised, read, traceOf } from './buildRows.ts';

const inFirstTrackPx = lanePaddingPx + trackHeightPx / 2;
const laneHeightPx = trackHeightPx + 2 * lanePaddingPx;

describe('LaneLayout', () => {
  it('stacks lanes by their tracks and finds them again', () => {
    const { lanes } = traceOf(raised(1, 1, 1), raised(2, 2, 2), raised(3, 3, 3, 7));
    const layout = new LaneLayout(lanes.list);
    assert.equal(layout.heightPx, laneHeightPx + trackHeightPx + laneHeightPx);
    assert.equal(layout.laneAt(-1), -1);
    assert.equal(layout.laneAt(0), 0);
    assert.equal(layout.laneAt(layout.laneTopPx(1)), 1);
    assert.equal(layout.laneAt(layout.heightPx), -1);
    assert.equal(layout.trackAt(0, layout.trackTopPx(0, 1) + 1), 1);
    assert.equal(layout.trackAt(0, 0), 0, 'the padding belongs to the nearest track');
  });
});

describe('faultAt', () => {
  /** One pixel is 10 ns. */
  const scale = { startNs: 0, endNs: 10_000, widthPx: 1000 };
  const at = (trace: Trace, xPx: number, yPx = inFirstTrackPx, nowNs = 9000): number =>
    faultAt(trace.lanes, new LaneLayout(trace.lanes.list), scale, xPx, yPx, nowNs);

  it('finds the fault under the pointer in its own lane only', () => {
    const trace = traceOf(raised(1000, 1, 1, 5), copy(2000, 1), raised(3000, 2, 2, 6), copy(4000, 2));
    assert.equal(at(trace, 150), 0);
    assert.equal(at(trace, 350), -1);
    assert.equal(at(trace, 350, laneHeightPx + inFirstTrackPx), 1);
    assert.equal(at(trace, 150, 5000), -1);
  });

  it('reaches a fault narrower than a pixel', () => {
    const trace = traceOf(raised(1000, 1, 1, 5), copy(1001, 1));
    assert.equal(at(trace, 102), 0);
    assert.equal(at(trace, 106), -1);
  });

  it('chooses the longest of several faults within a pixel', () => {
    const trace = traceOf(
      ...[raised(1000, 1, 1, 5), copy(1001, 1)],
      ...[raised(1002, 2, 2, 5), copy(1007, 2)],
      ...[raised(1008, 3, 3, 5), copy(1009, 3)],
    );
    assert.equal(at(trace, 100), 1);
  });

  it('prefers a sleeping fault to finished ones beside it', () => {
    const trace = traceOf(raised(8960, 1, 1, 5), copy(8985, 1), raised(8990, 2, 2, 5), read(8991, 2));
    assert.equal(at(trace, 898), 1);
  });

  it('finds a held fault at any time until now', () => {
    const trace = traceOf(raised(1000, 1, 1, 5), read(1001, 1));
    assert.equal(at(trace, 800), 0);
    assert.equal(at(trace, 950), -1);
  });
});
