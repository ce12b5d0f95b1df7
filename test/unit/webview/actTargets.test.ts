import assert from 'node:assert/strict';
import { actTargets, openFaultsIn } from '../../../webview/model/actTargets.ts';
import { copy, pageBytes, raised, read, traceOf } from './buildRows.ts';

describe('the faults that Resolve and Wake act on', () => {
  /** 1 is over, 2 resolved but asleep, 3 and 4 are held. */
  const { faults } = traceOf(
    raised(10, 1, 1),
    raised(20, 2, 8),
    raised(30, 3, 5),
    raised(40, 4, 3),
    ...[1, 2, 3, 4].map((id) => read(50, id)),
    copy(60, 1),
    copy(70, 8, { dontWake: true }),
  );

  it('are those without a page to resolve, and all that sleep to wake', () => {
    assert.deepEqual(actTargets(faults, [1, 2, 3, 4], 'oldest'), { resolve: [3, 4], wake: [2, 3, 4] });
  });

  it('are resolved again when each has its page', () => {
    assert.deepEqual(actTargets(faults, [1, 2], 'oldest'), { resolve: [2], wake: [2] });
  });

  it('come in the order that was chosen', () => {
    const order = (name: 'newest' | 'address' | 'selected'): readonly number[] =>
      actTargets(faults, [3, 2, 4], name).wake;
    assert.deepEqual(order('newest'), [4, 3, 2]);
    assert.deepEqual(order('address'), [4, 3, 2]);
    assert.deepEqual(order('selected'), [3, 2, 4]);
  });

  it('are those in the bytes of a range, its end excluded', () => {
    assert.deepEqual(openFaultsIn(faults, BigInt(3 * pageBytes), 5 * pageBytes), [3, 4]);
  });
});
