import assert from 'node:assert/strict';
import { HelperRefusal } from '../../../extension/helper/helperError.ts';
import { rowAt, unpackRows } from '../../../native-helper/log/eventRows.ts';
import { SessionRegistry } from '../../../extension/session/sessionRegistry.ts';
import { batchInBase64, FakeHelper, raisedRow, sessionDto } from './fakeHelper.ts';

describe('the registry of sessions', () => {
  let helper: FakeHelper;
  let registry: SessionRegistry;
  let problems: unknown[];
  let states: string[];

  beforeEach(() => {
    helper = new FakeHelper();
    problems = [];
    states = [];
    registry = new SessionRegistry(helper, 'The helper ended.', (error) => problems.push(error));
    registry.onDidChange(() => states.push(registry.state));
  });
  afterEach(() => registry.dispose());

  it('has no session before the first attach', () => {
    assert.deepEqual([registry.current, registry.attached, registry.state], [null, null, 'none']);
  });

  it('keeps rows, threads and an end that arrive before the attach is answered', async () => {
    helper.nextAttach = () => {
      helper.rows.fire({ sessionId: 1, rows: batchInBase64(1, raisedRow(1)) });
      helper.threads.fire({ sessionId: 1, thread: { tid: 1, comm: 'worker' } });
      helper.rows.fire({ sessionId: 99, rows: batchInBase64(1, raisedRow(2)) });
      helper.ends.fire({ sessionId: 1, reason: 'targetExited', text: 'It has ended.' });
      return Promise.resolve(sessionDto(1));
    };
    const session = await registry.attach({ pid: 100 });
    assert.equal(rowAt(unpackRows(session.trace.history()[0]!), 0).faultId, 1);
    assert.deepEqual(session.threads, [{ tid: 1, comm: 'worker' }]);
    assert.equal(session.end?.text, 'It has ended.');
  });

  it('stays as it is when an attach is refused', async () => {
    const session = await registry.attach({ pid: 100 });
    helper.nextAttach = () => Promise.reject(new HelperRefusal('No.', 'notPermitted'));
    await assert.rejects(registry.attach({ pid: 101 }), /No\./);
    assert.equal(registry.attached, session);
    helper.rows.fire({ sessionId: 1, rows: batchInBase64(1, raisedRow(1)) });
    assert.equal(session.trace.revision, 1);
  });

  it('shows no fault as held when the helper is gone: its guardian has woken all', async () => {
    const session = await registry.attach({ pid: 100 });
    helper.rows.fire({ sessionId: 1, rows: batchInBase64(1, raisedRow(1)) });
    const batches: number[] = [];
    registry.onDidAppendRows(({ batch }) => batches.push(unpackRows(batch).firstSequence));
    helper.failures.fire();
    assert.deepEqual(session.trace.openFaults(), []);
    assert.deepEqual(batches, [2]);
  });

  it('hands open faults back in the trace before it tells an end that left some open', async () => {
    const session = await registry.attach({ pid: 100 });
    helper.rows.fire({ sessionId: 1, rows: batchInBase64(1, raisedRow(1)) });
    const told: (number | null)[] = [];
    registry.onDidChange((changed) => told.push(changed!.trace.openFaults().length));
    helper.ends.fire({ sessionId: 1, reason: 'guardianLost', text: 'Its guardian is gone.' });
    assert.deepEqual(told, [0]);
    assert.equal(session.trace.revision, 2);
  });

  it('ends the session with a sentence when the helper is gone, once', async () => {
    const session = await registry.attach({ pid: 100 });
    helper.failures.fire();
    helper.failures.fire();
    assert.deepEqual(session.end, { reason: 'helperFailed', text: 'The helper ended.' });
    assert.equal(registry.attached, null);
    assert.equal(registry.current, session, 'its trace stays readable');
    assert.deepEqual(states, ['attached', 'ended']);
  });

  it('stops the clock of a session that ended', async () => {
    const session = await registry.attach({ pid: 100 });
    helper.ends.fire({ sessionId: 1, reason: 'detached', text: 'Detached.' });
    const atEnd = session.nowNs();
    assert.equal(session.nowNs(), atEnd);
    assert.ok(atEnd >= 0);
  });

  it('tells a new session from an old one when a new helper counts from one again', async () => {
    const first = await registry.attach({ pid: 100 });
    helper.failures.fire();
    const second = await registry.attach({ pid: 100 });
    assert.equal(first.dto.sessionId, second.dto.sessionId);
    assert.notEqual(first.id, second.id);
    helper.rows.fire({ sessionId: 1, rows: batchInBase64(1, raisedRow(1)) });
    assert.deepEqual([first.trace.revision, second.trace.revision], [0, 1]);
  });

  it('reports rows it cannot read and goes on with the next', async () => {
    const session = await registry.attach({ pid: 100 });
    helper.rows.fire({ sessionId: 1, rows: 'bm90IGEgYmF0Y2g=' });
    helper.rows.fire({ sessionId: 1, rows: batchInBase64(1, raisedRow(1)) });
    assert.equal(problems.length, 1);
    assert.equal(session.trace.revision, 1);
  });

  it('hands on each batch in a buffer of its own', async () => {
    await registry.attach({ pid: 100 });
    const buffers: ArrayBuffer[] = [];
    registry.onDidAppendRows(({ batch }) => buffers.push(batch));
    helper.rows.fire({ sessionId: 1, rows: batchInBase64(1, raisedRow(1)) });
    helper.rows.fire({ sessionId: 1, rows: batchInBase64(2, raisedRow(2)) });
    assert.notEqual(buffers[0], buffers[1]);
    assert.deepEqual(
      buffers.map((buffer) => buffer.byteLength),
      [68, 68],
    );
  });
});
