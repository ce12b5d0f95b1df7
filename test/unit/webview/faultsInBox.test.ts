import assert from 'node:assert/strict';
import { faultsBetween, faultsInBox, type TimeBox } from '../../../webview/model/faultsInBox.ts';
import { LaneLayout, lanePaddingPx, trackHeightPx } from '../../../webview/model/laneLayout.ts';
import { copy, raised, traceOf } from './buildRows.ts';

/** Lanes: thread 7 with faults 1 (10 to 20) and 3 (40 to 50); unknown threads with 2 and 4 at once. */
const { faults, lanes } = traceOf(
  raised(10, 1, 1, 7),
  raised(15, 2, 2),
  raised(18, 4, 4),
  copy(20, 1),
  copy(30, 2),
  raised(40, 3, 3, 7),
  copy(50, 3),
);
const layout = new LaneLayout(lanes.list);
const laneHeightPx = layout.laneHeightPx(0);

function idsIn(box: Partial<TimeBox>): number[] {
  const whole = { startNs: 0, endNs: 100, topPx: 0, bottomPx: layout.heightPx };
  return faultsInBox(lanes, layout, { ...whole, ...box }, 60).map((i) => faults.id(i));
}

describe('faultsInBox', () => {
  it('finds all of the lanes it touches, oldest first', () => {
    assert.deepEqual(idsIn({}), [1, 2, 4, 3]);
    assert.deepEqual(idsIn({ bottomPx: laneHeightPx - 1 }), [1, 3]);
    assert.deepEqual(idsIn({ topPx: laneHeightPx }), [2, 4]);
  });

  it('takes a fault of which only a part lies in it, and an open one until now', () => {
    assert.deepEqual(idsIn({ startNs: 19, endNs: 19.5 }), [1, 2, 4]);
    assert.deepEqual(idsIn({ startNs: 21, endNs: 39 }), [2, 4]);
    assert.deepEqual(idsIn({ startNs: 55, endNs: 59 }), [4]);
    assert.deepEqual(idsIn({ startNs: 61, endNs: 99 }), []);
  });

  it('tells the tracks of a lane apart', () => {
    const secondTrackPx = laneHeightPx + lanePaddingPx + trackHeightPx;
    assert.deepEqual(idsIn({ topPx: secondTrackPx + 1, bottomPx: secondTrackPx + 5 }), [4]);
    assert.deepEqual(idsIn({ topPx: laneHeightPx, bottomPx: secondTrackPx - 1 }), [2]);
  });

  it('finds nothing above or below the lanes', () => {
    assert.deepEqual(idsIn({ topPx: -20, bottomPx: -1 }), []);
    assert.deepEqual(idsIn({ topPx: layout.heightPx, bottomPx: layout.heightPx + 50 }), []);
  });

  it('finds the faults raised from one to another, whichever comes first', () => {
    const between = (one: number, other: number) =>
      faultsBetween(lanes, faults.indexOf(one), faults.indexOf(other)).map((i) => faults.id(i));
    assert.deepEqual(between(1, 3), [1, 3]);
    assert.deepEqual(between(3, 1), [1, 3]);
    assert.deepEqual(between(2, 3), [2, 4, 3]);
  });
});
