import assert from 'node:assert/strict';
import type { CtxFacts } from '../../../native-helper/inspect/ctxFacts.ts';
import { isUndecided } from '../../../native-helper/inspect/undecided.ts';

/** Of a ctx, what the question depends on. */
const ctx = (ownerPid: number, steadyTotal: number): CtxFacts =>
  ({ ownerPids: [ownerPid], steadyTotal }) as unknown as CtxFacts;

describe('which of several userfaultfds a sleeper waits for', () => {
  it('is plain where no other has had an unresolved fault at every look', () => {
    assert.equal(isUndecided(ctx(1, 1), [], 1), false);
    assert.equal(isUndecided(ctx(1, 1), [ctx(1, 0)], 1), false);
    assert.equal(isUndecided(ctx(1, 5), [ctx(1, 0)], 1), false);
  });

  it('is plain where another process has the other', () => {
    assert.equal(isUndecided(ctx(1, 1), [ctx(2, 9)], 1), false);
  });

  it('is plain where there are as many sleepers as faults', () => {
    assert.equal(isUndecided(ctx(1, 1), [ctx(1, 2)], 3), false);
  });

  it('stays open where faults of threads that come and go are among them', () => {
    assert.equal(isUndecided(ctx(1, 1), [ctx(1, 1)], 1), true);
    assert.equal(isUndecided(ctx(1, 1), [ctx(1, 2), ctx(1, 0)], 2), true);
  });
});
