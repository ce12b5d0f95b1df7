import assert from 'node:assert/strict';
import { Trace } from '../../../webview/model/trace.ts';
import { batch, copy, raised, read } from './buildRows.ts';

describe('Trace', () => {
  it('ignores rows it already knows and takes the rest of their batch', () => {
    const trace = new Trace();
    trace.load(batch(1, raised(10, 1, 5, 100), read(20, 1)));
    assert.equal(trace.append(batch(1, raised(10, 1, 5, 100), read(20, 1))), 'known');
    assert.equal(trace.append(batch(2, read(20, 1), copy(30, 5))), 'appended');
    assert.equal(trace.faults.count, 1);
    assert.equal(trace.faults.phase(0), 'woken');
    assert.equal(trace.lastRowNs, 30);
  });

  it('reports a gap and takes nothing of what comes after it', () => {
    const trace = new Trace();
    trace.load(batch(1, raised(10, 1, 5, 100)));
    assert.equal(trace.append(batch(3, raised(30, 2, 6, 101))), 'gap');
    assert.equal(trace.faults.count, 1);
    assert.equal(trace.append(batch(2, read(20, 1))), 'appended');
  });

  it('takes a history with holes, and goes on after its last batch', () => {
    const trace = new Trace();
    trace.load(batch(3, raised(10, 1, 5, 100)));
    trace.load(batch(90, raised(50, 8, 6, 101)));
    assert.equal(trace.faults.count, 2);
    assert.equal(trace.append(batch(91, read(60, 8))), 'appended');
  });

  it('notices that the very first rows are missing', () => {
    const trace = new Trace();
    assert.equal(trace.append(batch(7, raised(10, 1, 5, 100))), 'gap');
    assert.equal(trace.append(batch(1, raised(10, 1, 5, 100))), 'appended');
  });
});
