import assert from 'node:assert/strict';
import { FaultTrack, type RaisedTimes } from '../../../webview/model/faultLane.ts';

describe('FaultTrack', () => {
  function track(...raisedNs: number[]): { track: FaultTrack; faults: RaisedTimes } {
    const times: RaisedTimes = { raisedNs: (i) => raisedNs[i]! };
    const made = new FaultTrack();
    raisedNs.forEach((_, i) => made.add(i, times));
    return { track: made, faults: times };
  }

  it('keeps faults in order of time even when one comes late', () => {
    const { track: made } = track(10, 30, 20, 40);
    assert.deepEqual([...made.faults.slice(0, made.count)], [0, 2, 1, 3]);
  });

  it('finds where the visible faults begin', () => {
    const { track: made, faults } = track(10, 20, 30);
    assert.equal(made.firstAfter(5, faults), 0);
    assert.equal(made.firstAfter(20, faults), 2);
    assert.equal(made.firstAfter(99, faults), 3);
    assert.equal(made.firstTouching(25, faults), 1, 'the fault raised at 20 may still go on at 25');
    assert.equal(made.firstTouching(5, faults), 0);
  });

  it('grows beyond its first size', () => {
    const { track: made, faults } = track(...Array.from({ length: 500 }, (_, n) => n));
    assert.equal(made.count, 500);
    assert.equal(made.firstAfter(398.5, faults), 399);
  });
});
