import assert from 'node:assert/strict';
import {
  edgeOfLane,
  nearestFromLane,
  neighbourHeld,
  neighbourInLane,
} from '../../../webview/model/faultNavigation.ts';
import { copy, raised, read, traceOf } from './buildRows.ts';

describe('moving between faults', () => {
  /** Lane 0: faults 0 and 2; lane 1: faults 1 and 3, the last one open. */
  const { lanes } = traceOf(
    ...[raised(10, 1, 1, 5), copy(20, 1)],
    ...[raised(12, 2, 2, 6), copy(22, 2)],
    ...[raised(100, 3, 3, 5), copy(120, 3)],
    raised(90, 4, 4, 6),
  );

  it('goes to the previous and next fault of the thread and stops at the ends', () => {
    assert.equal(neighbourInLane(lanes, 0, 1), 2);
    assert.equal(neighbourInLane(lanes, 2, -1), 0);
    assert.equal(neighbourInLane(lanes, 2, 1), -1);
    assert.equal(neighbourInLane(lanes, 0, -1), -1);
  });

  it('goes through faults of unknown threads in order of time, across tracks', () => {
    const { lanes: unknown } = traceOf(raised(10, 1, 1), raised(10, 2, 2), raised(15, 3, 3));
    assert.equal(neighbourInLane(unknown, 0, 1), 1);
    assert.equal(neighbourInLane(unknown, 1, 1), 2);
    assert.equal(neighbourInLane(unknown, 2, -1), 1);
  });

  it('goes to the fault of the next lane that is nearest in time', () => {
    assert.equal(nearestFromLane(lanes, 1, 1, 10, 200), 1);
    assert.equal(nearestFromLane(lanes, 1, 1, 100, 200), 3, 'the open fault covers that time');
    assert.equal(nearestFromLane(lanes, 0, -1, 12, 200), 0);
    assert.equal(nearestFromLane(lanes, -1, -1, 10, 200), -1);
  });

  it('finds the first and last fault of a lane', () => {
    assert.equal(edgeOfLane(lanes, 0, 'first'), 0);
    assert.equal(edgeOfLane(lanes, 0, 'last'), 2);
    assert.equal(edgeOfLane(lanes, 9, 'last'), -1);
  });

  it('goes only to faults that are shown, and past lanes without any', () => {
    const rows = Array.from({ length: 12 }, (_, n) => [
      raised(100 * n, n + 1, n, 5 + (n % 3)),
      copy(100 * n + 50, n),
    ]);
    // Lanes 0, 1 and 2 have the faults 0, 3, 6, 9; 1, 4, 7, 10; 2, 5, 8, 11.
    const { lanes: three, faults: some } = traceOf(...rows.flat());
    const isShown = (i: number): boolean => [3, 9, 8].includes(i);
    assert.equal(neighbourInLane(three, 3, 1, isShown), 9);
    assert.equal(neighbourInLane(three, 6, -1, isShown), 3);
    assert.equal(neighbourInLane(three, 3, -1, isShown), -1);
    assert.equal(edgeOfLane(three, 0, 'first', isShown), 3);
    assert.equal(edgeOfLane(three, 1, 'last', isShown), -1);
    assert.equal(nearestFromLane(three, 1, 1, some.raisedNs(3), 2000, isShown), 8);
    assert.equal(nearestFromLane(three, 1, -1, some.raisedNs(8), 2000, isShown), 9);
    const held = traceOf(...[1, 2, 3].flatMap((id) => [raised(id, id, id, id), read(10, id)]));
    assert.equal(
      neighbourHeld(held.faults, 0, 1, (i) => i !== 1),
      2,
    );
  });

  it('goes through the held faults and no others, and stops at the ends', () => {
    const { faults: some } = traceOf(
      ...[1, 2, 3, 4].map((id) => raised(id, id, id, id)),
      ...[2, 4].map((id) => read(10, id)),
    );
    assert.equal(neighbourHeld(some, -1, 1), 1);
    assert.equal(neighbourHeld(some, 1, 1), 3);
    assert.equal(neighbourHeld(some, 3, 1), -1);
    assert.equal(neighbourHeld(some, 1, -1), -1);
    assert.equal(neighbourHeld(some, -1, -1), 3);
    assert.equal(neighbourHeld(traceOf().faults, -1, 1), -1);
  });

  it('goes to faults that are resolved and still asleep after the held ones', () => {
    const { faults: some } = traceOf(
      ...[1, 2, 3].map((id) => raised(id, id, id, id)),
      ...[1, 2, 3].map((id) => read(10, id)),
      copy(20, 1, { dontWake: true }),
    );
    assert.equal(some.asleepCount, 1);
    assert.equal(neighbourHeld(some, -1, 1), 1);
    assert.equal(neighbourHeld(some, 2, 1), 0);
    assert.equal(neighbourHeld(some, 0, 1), -1);
    assert.equal(neighbourHeld(some, 0, -1), 2);
  });
});
