import assert from 'node:assert/strict';
import { TimeMarks } from '../../../webview/state/timeMarks.ts';

describe('The marks', () => {
  let marks: TimeMarks;
  let changes: string[];

  beforeEach(() => {
    changes = [];
    marks = new TimeMarks((change) => changes.push(change));
  });
  const names = (): (string | null)[] => marks.list.map(({ name }) => name);
  const keep = (startNs: number, name: string): void => {
    marks.select({ startNs, endNs: startNs + 5 });
    marks.keep(name);
  };

  it('are temporary until they are kept: the next one replaces them', () => {
    marks.select({ startNs: 1, endNs: 2 });
    marks.mark();
    marks.select({ startNs: 3, endNs: 4 });
    marks.mark();
    assert.deepEqual(marks.list, [{ startNs: 3, endNs: 4, name: null }]);
    marks.keep('kept');
    marks.select({ startNs: 5, endNs: 6 });
    marks.mark();
    assert.deepEqual(names(), ['kept', null]);
  });

  it('are in the order of time and stepped through, round at the end', () => {
    keep(30, 'c');
    keep(10, 'a');
    keep(20, 'b');
    assert.deepEqual(names(), ['a', 'b', 'c']);
    marks.select(null);
    assert.equal(marks.neighbour(1, 15)?.name, 'b');
    assert.equal(marks.neighbour(-1, 15)?.name, 'a');
    assert.equal(marks.neighbour(-1, 5)?.name, 'c');
    marks.select(marks.list[2]!);
    assert.equal(marks.neighbour(1, 15)?.name, 'a');
  });

  it('have fresh names, and are renamed where they are kept again', () => {
    keep(10, 'Mark 1');
    assert.equal(marks.freshName(), 'Mark 2');
    marks.keep('start');
    assert.deepEqual(names(), ['start']);
    marks.remove(marks.current!);
    assert.deepEqual(names(), []);
    assert.equal(marks.neighbour(1, 0), null);
  });

  it('stay where they are when the axis begins elsewhere', () => {
    keep(10, 'a');
    marks.moveAxis(-100);
    assert.deepEqual(marks.list, [{ startNs: 110, endNs: 115, name: 'a' }]);
    assert.equal(marks.current?.name, 'a');
  });

  it('tell of nothing when nothing changes', () => {
    marks.select({ startNs: 1, endNs: 2 });
    changes.length = 0;
    marks.select({ startNs: 1, endNs: 2 });
    assert.deepEqual(changes, []);
  });
});
