import assert from 'node:assert/strict';
import { DueQueue } from '../../../native-helper/capture/dueQueue.ts';
import { SeededRandom } from './seededRandom.ts';

describe('queue of what is due', () => {
  it('gives what is due in the order of its time, equal times as they came', () => {
    const random = new SeededRandom(7);
    const queue = new DueQueue<{ dueNs: number; order: number }>();
    const waiting: { dueNs: number; order: number }[] = [];
    for (let order = 0, nowNs = 0; order < 3000; order++, nowNs += random.below(20)) {
      const item = { dueNs: nowNs + random.below(500), order };
      queue.add(item.dueNs, item);
      waiting.push(item);
      waiting.sort((a, b) => a.dueNs - b.dueNs || a.order - b.order);
      assert.equal(queue.nextDueNs, waiting[0]!.dueNs);
      while (waiting[0] !== undefined && waiting[0].dueNs <= nowNs) {
        assert.equal(queue.takeDue(nowNs), waiting.shift());
      }
      assert.equal(queue.takeDue(nowNs), undefined);
    }
    queue.clear();
    assert.equal(queue.nextDueNs, Infinity);
  });
});
