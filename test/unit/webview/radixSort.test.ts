import assert from 'node:assert/strict';
import { sortedOrder } from '../../../webview/model/radixSort.ts';
import { SeededRandom } from '../helper/seededRandom.ts';

function orderOf(keys: readonly number[]): number[] {
  const work = sortedOrder(Float64Array.from(keys));
  for (;;) {
    const step = work.next();
    if (step.done === true) {
      return [...step.value];
    }
  }
}

function reference(keys: readonly number[]): number[] {
  return keys.map((_, i) => i).sort((a, b) => (keys[a]! < keys[b]! ? -1 : keys[a]! > keys[b]! ? 1 : a - b));
}

describe('sortedOrder', () => {
  it('sorts negative, fractional, huge and infinite numbers', () => {
    const keys = [3, -1, 0.5, 1e300, -1e300, Infinity, 0, 2 ** 53, -0.25, 5e-324, 3];
    assert.deepEqual(orderOf(keys), reference(keys));
  });

  it('keeps equal keys in their order', () => {
    assert.deepEqual(orderOf([2, 1, 2, 1, 2]), [1, 3, 0, 2, 4]);
    assert.deepEqual(orderOf([7, 7, 7]), [0, 1, 2]);
    assert.deepEqual(orderOf([]), []);
  });

  it('agrees with a plain sort on many random keys, over several slices', () => {
    const random = new SeededRandom(11);
    const keys = Array.from({ length: 70_000 }, () => (random.below(5000) + 1) * random.pick([-1e6, 0.125]));
    assert.deepEqual(orderOf(keys), reference(keys));
  });
});
