import assert from 'node:assert/strict';
import { faultsInStretch, snapped, stretchBetween } from '../../../webview/model/timeStretch.ts';
import { copy, raised, traceOf } from './buildRows.ts';

describe('A stretch of time', () => {
  // Faults from 100 to 150 and from 200 on, still asleep.
  const { faults, lanes } = traceOf(raised(100, 1, 1, 7), copy(150, 1), raised(200, 2, 2, 7));
  const { tracks } = lanes.list[0]!;
  const inStretch = (startNs: number, endNs: number): number[] => [
    ...faultsInStretch(lanes, { startNs, endNs }),
  ];

  it('holds the faults of which any part lies in it', () => {
    assert.deepEqual(inStretch(0, 99), []);
    assert.deepEqual(inStretch(0, 100), [0]);
    assert.deepEqual(inStretch(150, 160), [0]);
    assert.deepEqual(inStretch(151, 199), []);
    assert.deepEqual(inStretch(120, 200), [0, 1]);
    assert.deepEqual(inStretch(5000, 6000), [1], 'one whose thread sleeps reaches to now');
  });

  it('snaps to the nearest edge of a fault within reach, and else to none', () => {
    assert.equal(snapped(108, 10, tracks, faults), 100);
    assert.equal(snapped(144, 10, tracks, faults), 150);
    assert.equal(snapped(125, 10, tracks, faults), 125);
    assert.equal(snapped(205, 10, tracks, faults), 200);
    assert.equal(snapped(300, 10, tracks, faults), 300);
  });

  it('lies between two moments in whichever order', () => {
    assert.deepEqual(stretchBetween(9, 3), { startNs: 3, endNs: 9 });
  });
});
