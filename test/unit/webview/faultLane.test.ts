import assert from 'node:assert/strict';
import { FaultLane, type FaultSpans, FaultTrack, mostTracks } from '../../../webview/model/faultLane.ts';
import { SeededRandom } from '../helper/seededRandom.ts';

function timesOf(raisedNs: readonly number[], lengthNs = 1): FaultSpans {
  return { raisedNs: (i) => raisedNs[i]!, endNs: (i) => raisedNs[i]! + lengthNs, mainPhase: () => 1 };
}

describe('FaultTrack', () => {
  function track(...raisedNs: number[]): { track: FaultTrack; faults: FaultSpans } {
    const faults = timesOf(raisedNs);
    const made = new FaultTrack();
    raisedNs.forEach((_, i) => made.add(i, faults));
    return { track: made, faults };
  }

  it('keeps faults in order of time even when one comes late', () => {
    const { track: made } = track(10, 30, 20, 40);
    assert.deepEqual(
      [0, 1, 2, 3].map((at) => made.at(at)),
      [0, 2, 1, 3],
    );
  });

  it('finds where the visible faults begin', () => {
    const { track: made, faults } = track(10, 20, 30);
    assert.equal(made.firstAfter(5, faults), 0);
    assert.equal(made.firstAfter(20, faults), 2);
    assert.equal(made.firstAfter(99, faults), 3);
  });

  it('grows beyond its first size, and forgets the oldest', () => {
    const { track: made, faults } = track(...Array.from({ length: 10_000 }, (_, n) => n));
    assert.equal(made.count, 10_000);
    assert.equal(made.firstAfter(8398.5, faults), 8399);
    made.dropBefore(9000);
    assert.equal(made.at(made.first), 9000);
    assert.equal(made.firstAfter(10, faults), 9000);
  });
});

describe('The search in a long FaultTrack', () => {
  it('agrees with a plain one, also where faults came late and old ones are gone', () => {
    const random = new SeededRandom(1);
    const raisedNs = Array.from({ length: 20_000 }, (_, n) => 10 * n - random.below(300));
    const faults = timesOf(raisedNs);
    const track = new FaultTrack();
    raisedNs.forEach((_, i) => track.add(i, faults));
    const sorted = raisedNs.toSorted((a, b) => a - b);
    const agrees = (): void => {
      for (let n = 0; n < 500; n++) {
        const timeNs = random.below(200_500) - 400;
        const plain = sorted.findIndex((each) => each > timeNs);
        const wanted = Math.max(track.first, plain === -1 ? sorted.length : plain);
        assert.equal(track.firstAfter(timeNs, faults), wanted);
      }
    };
    agrees();
    track.dropBefore(9_000);
    agrees();
  });
});

describe('FaultLane', () => {
  it('has a track per fault at once, but not more than it may, and folds the others into the last', () => {
    const faults = timesOf([0, 1, 2, 3, 4, 5], 100);
    const lane = new FaultLane({ by: 'thread', tid: 0 });
    assert.deepEqual(
      [0, 1, 2, 3, 4, 5].map((i) => lane.add(i, faults)),
      [0, 1, 2, 3, 3, 3],
    );
    assert.equal(lane.tracks.length, mostTracks);
  });

  it('uses a track again from the end of its fault on', () => {
    const faults = timesOf([0, 5, 10], 10);
    const lane = new FaultLane({ by: 'thread', tid: 0 });
    assert.equal(lane.add(0, faults), 0);
    lane.ended(0, 0, faults);
    assert.equal(lane.add(1, faults), 1, 'raised before the other ended, though told later');
    assert.equal(lane.add(2, faults), 0);
  });
});
