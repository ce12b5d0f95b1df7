import assert from 'node:assert/strict';
import type { DebugSession } from '../../../extension/session/debugSession.ts';
import { FaultTrace } from '../../../extension/session/faultTrace.ts';
import { boundHistories } from '../../../extension/session/historyBound.ts';
import { rowsFrom } from '../../../native-helper/log/eventRows.ts';
import { packedRows } from '../../../native-helper/log/packedRows.ts';
import { raisedRow } from './fakeHelper.ts';

/** A session of so many rows, dropped in tens. */
function session(rows: number): Pick<DebugSession, 'trace'> {
  const trace = new FaultTrace({ rows: 1000, rowsPerChunk: 10 });
  const list = Array.from({ length: rows }, (_, n) => raisedRow(n + 1));
  trace.append(packedRows(rowsFrom(1, list)));
  return { trace };
}

describe('the histories of all sessions', () => {
  it('are bounded together, the longest giving way first', () => {
    const sessions = [session(20), session(90), session(60)] as unknown as DebugSession[];
    boundHistories(sessions, 120);
    assert.deepEqual(
      sessions.map(({ trace }) => trace.keptRows),
      [20, 50, 50],
    );
    assert.equal(sessions[1]!.trace.droppedRows, 40);
    assert.equal(sessions[1]!.trace.openFaults().length, 90, 'no open fault is forgotten');
  });

  it('keep their last rows when there are more sessions than fit', () => {
    const sessions = [session(10), session(10)] as unknown as DebugSession[];
    boundHistories(sessions, 5);
    assert.deepEqual(
      sessions.map(({ trace }) => trace.keptRows),
      [10, 10],
    );
  });
});
