import assert from 'node:assert/strict';
import { ColumnBatch, columnKinds, columnShare } from '../../../webview/render/columnBatch.ts';

describe('ColumnBatch', () => {
  const [waiting, held] = [columnKinds.indexOf('waiting'), columnKinds.indexOf('held')];

  it('paints one rectangle for many faults of a pixel, as high as the slowest of them', () => {
    const columns = new ColumnBatch(20, (fault) => fault);
    columns.beginTrack(100);
    columns.add(5.1, 5.2, 1e3, held);
    columns.add(5.3, 5.4, 1e9, waiting);
    columns.add(5.6, 5.7, 1e3, held);
    columns.endColumn();
    assert.deepEqual(columns.rectangles[waiting], [5, 100, 1, 20]);
    assert.deepEqual(columns.rectangles[held], []);
  });

  it('joins equal neighbours into one rectangle', () => {
    const columns = new ColumnBatch(20, (fault) => fault);
    columns.beginTrack(0);
    for (let x = 0; x < 50; x++) {
      columns.add(x + 0.2, x + 0.4, 1e9, held);
    }
    columns.endColumn();
    assert.deepEqual(columns.rectangles[held], [0, 0, 50, 20]);
  });

  it('leaves gaps where there was no fault', () => {
    const columns = new ColumnBatch(20, (fault) => fault);
    columns.beginTrack(0);
    columns.add(1, 1.1, 1e9, held);
    columns.add(8, 8.1, 1e9, held);
    columns.endColumn();
    assert.equal(columns.rectangles[held]!.length, 8);
  });

  it('grows with latency between a visible least and the whole height', () => {
    assert.ok(columnShare(0) > 0.2);
    assert.ok(columnShare(1e6) > columnShare(1e4));
    assert.equal(columnShare(5e9), 1);
  });
});
