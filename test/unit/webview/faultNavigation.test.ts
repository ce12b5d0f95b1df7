import assert from 'node:assert/strict';
import {
  edgeOfLane,
  nearestInOtherLane,
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
    assert.equal(nearestInOtherLane(lanes, 0, 1, 200), 1);
    assert.equal(nearestInOtherLane(lanes, 2, 1, 200), 3, 'the open fault covers that time');
    assert.equal(nearestInOtherLane(lanes, 1, -1, 200), 0);
    assert.equal(nearestInOtherLane(lanes, 0, -1, 200), -1);
  });

  it('finds the first and last fault of a lane', () => {
    assert.equal(edgeOfLane(lanes, 0, 'first'), 0);
    assert.equal(edgeOfLane(lanes, 0, 'last'), 2);
    assert.equal(edgeOfLane(lanes, 9, 'last'), -1);
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
