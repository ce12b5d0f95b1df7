import assert from 'node:assert/strict';
import { wholeHistory } from './wholeHistory.ts';
import { HelperRefusal } from '../../../extension/helper/helperError.ts';
import { rowAt, rowsFrom } from '../../../native-helper/log/eventRows.ts';
import { packedRows, unpackRows } from '../../../native-helper/log/packedRows.ts';
import type { DebugSession } from '../../../extension/session/debugSession.ts';
import { SessionRegistry } from '../../../extension/session/sessionRegistry.ts';
import {
  LogDidAppendNotification,
  RowsAcknowledgedNotification,
} from '../../../native-helper/protocol/logRows.ts';
import {
  RuleDidFailNotification,
  RulesDidHitNotification,
  SetRulesRequest,
  type RuleDto,
} from '../../../native-helper/protocol/rules.ts';
import {
  CodeDidAppearNotification,
  MapDidChangeNotification,
  RangesDidChangeNotification,
  SessionDidEndNotification,
  ThreadDidAppearNotification,
} from '../../../native-helper/protocol/session.ts';
import { eventually } from '../../helper/eventually.ts';
import { childDto, FakeHelper, noSymbols, raisedRow, range, sessionDto } from './fakeHelper.ts';

describe('the registry of sessions', () => {
  let helper: FakeHelper;
  let registry: SessionRegistry;
  let problems: unknown[];
  let states: string[];

  beforeEach(() => {
    helper = new FakeHelper();
    problems = [];
    states = [];
    registry = new SessionRegistry(
      helper,
      'The helper ended.',
      (error) => problems.push(error),
      () => 1e6,
      noSymbols,
    );
    registry.onDidChange(() => states.push(registry.state));
  });
  afterEach(() => registry.dispose());

  it('has no session before the first attach', () => {
    assert.deepEqual([registry.current, registry.attached, registry.state], [null, null, 'none']);
  });

  it('keeps rows, threads and an end that arrive before the attach is answered', async () => {
    helper.nextAttach = () => {
      helper.raise(1, 1);
      helper.notify(ThreadDidAppearNotification, { sessionId: 1, thread: { tid: 1, comm: 'worker' } });
      helper.raise(99, 1);
      helper.end(1);
      return Promise.resolve(sessionDto(1));
    };
    const session = await registry.attach({ pid: 100 });
    assert.equal(rowAt(unpackRows(wholeHistory(session.trace)[0]!), 0).faultId, 1);
    assert.deepEqual(session.threads, [{ tid: 1, comm: 'worker' }]);
    assert.equal(session.end?.text, 'It has ended.');
  });

  it('tells the helper which rows it has taken up, by the helper’s own id', async () => {
    helper.nextAttach = () => Promise.resolve(sessionDto(7));
    await registry.attach({ pid: 100 });
    helper.raiseMany(7, 1, 5);
    helper.notify(LogDidAppendNotification, { sessionId: 7, rows: 'AAAA' });
    helper.raiseMany(7, 6, 3);
    assert.deepEqual(
      helper.asked.filter(({ method }) => method === RowsAcknowledgedNotification.method),
      [5, 8].map((lastSequence) => ({
        method: RowsAcknowledgedNotification.method,
        params: { sessionId: 7, lastSequence },
      })),
      'a batch that cannot be taken is not acknowledged',
    );
  });

  it('stays as it is when an attach is refused', async () => {
    const session = await registry.attach({ pid: 100 });
    helper.nextAttach = () => Promise.reject(new HelperRefusal('No.', 'notPermitted'));
    await assert.rejects(registry.attach({ pid: 101 }), /No\./);
    assert.equal(registry.attached, session);
    helper.raise(1, 1);
    assert.equal(session.trace.revision, 1);
  });

  it('shows no fault as held when the helper is gone: its guardian has woken all', async () => {
    const session = await registry.attach({ pid: 100 });
    helper.raise(1, 1);
    const batches: number[] = [];
    registry.onDidAppendRows(({ batch }) => batches.push(unpackRows(batch).firstSequence));
    helper.failures.fire();
    assert.deepEqual(session.trace.openFaults(), []);
    assert.deepEqual(batches, [2]);
  });

  it('hands open faults back in the trace before it tells an end that left some open', async () => {
    const session = await registry.attach({ pid: 100 });
    helper.raise(1, 1);
    const told: number[] = [];
    registry.onDidEnd((ended) => told.push(ended.trace.openFaults().length));
    helper.notify(SessionDidEndNotification, {
      sessionId: 1,
      reason: 'guardianLost',
      text: 'Its guardian is gone.',
    });
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
    helper.end(1);
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
    helper.raise(1, 1);
    assert.deepEqual([first.trace.revision, second.trace.revision], [0, 1]);
  });

  it('ends what a stopped helper has not ended, and takes nothing early of it for the next one', async () => {
    const first = await registry.attach({ pid: 100 });
    helper.raise(2, 1);
    helper.stops.fire();
    assert.equal(first.end?.reason, 'helperFailed');
    helper.nextAttach = () => Promise.resolve(sessionDto(2));
    const second = await registry.attach({ pid: 100 });
    assert.equal(second.trace.revision, 0);
    helper.end(1);
    assert.deepEqual(registry.attachedSessions, [second]);
  });

  it('reports rows it cannot read and goes on with the next', async () => {
    const session = await registry.attach({ pid: 100 });
    helper.notify(LogDidAppendNotification, { sessionId: 1, rows: 'bm90IGEgYmF0Y2g=' });
    helper.raise(1, 1);
    assert.equal(problems.length, 1);
    assert.equal(session.trace.revision, 1);
  });

  it('hands on each batch in a buffer of its own', async () => {
    await registry.attach({ pid: 100 });
    const buffers: ArrayBuffer[] = [];
    registry.onDidAppendRows(({ batch }) => buffers.push(batch));
    helper.raise(1, 1);
    helper.raise(1, 2);
    assert.notEqual(buffers[0], buffers[1]);
    assert.deepEqual(
      buffers.map((buffer) => buffer.byteLength),
      [1, 2].map((id) => packedRows(rowsFrom(1, [raisedRow(id)])).byteLength),
    );
  });

  it('adds a forked child’s session without showing it, and tells both', async () => {
    const parent = await registry.attach({ pid: 100 });
    const forks: unknown[] = [];
    const begun: number[] = [];
    registry.onDidFork((fork) => forks.push([fork.parent?.dto.pid, fork.child.dto.pid]));
    registry.onDidBegin(({ dto }) => begun.push(dto.pid));
    helper.fork(1, childDto(2));
    assert.equal(registry.current, parent);
    assert.deepEqual(
      registry.sessions.map(({ dto }) => dto.pid),
      [100, 101],
    );
    assert.deepEqual([forks, begun], [[[100, 101]], [101]]);
  });

  it('gives each session its own rows, also those that come before the fork is told', async () => {
    const parent = await registry.attach({ pid: 100 });
    helper.raise(2, 1);
    helper.fork(1, childDto(2));
    helper.raise(2, 2);
    helper.raise(1, 1);
    const [, child] = registry.sessions;
    assert.deepEqual([parent.trace.revision, child!.trace.revision], [1, 2]);
  });

  it('takes a child whose parent’s attach is not answered yet', async () => {
    helper.nextAttach = () => {
      helper.fork(1, childDto(2));
      return Promise.resolve(sessionDto(1));
    };
    await registry.attach({ pid: 100 });
    assert.deepEqual(
      registry.sessions.map(({ dto }) => dto.pid),
      [100, 101],
    );
  });

  it('takes a child that is told after its parent has ended', async () => {
    await registry.attach({ pid: 100 });
    helper.end(1);
    helper.fork(1, childDto(2));
    assert.equal(registry.sessions[1]?.end, null);
  });

  it('shows another session when it is told to, and acts on none that has ended', async () => {
    const parent = await registry.attach({ pid: 100 });
    helper.fork(1, childDto(2));
    const child = registry.sessions[1]!;
    registry.show(child);
    assert.equal(registry.attached, child);
    helper.end(2);
    assert.deepEqual([registry.current, registry.attached, registry.state], [child, null, 'ended']);
    registry.show(parent);
    assert.equal(registry.attached, parent);
  });

  it('adds a session with each attach and keeps the ended ones readable', async () => {
    const parent = await registry.attach({ pid: 100 });
    helper.fork(1, childDto(2));
    helper.end(1);
    helper.nextAttach = () => Promise.resolve(sessionDto(3, 102));
    const next = await registry.attach({ pid: 102 });
    const pids = (sessions: readonly DebugSession[]): number[] => sessions.map(({ dto }) => dto.pid);
    assert.deepEqual(pids(registry.sessions), [100, 101, 102]);
    assert.deepEqual(pids(registry.attachedSessions), [101, 102]);
    assert.deepEqual(pids(registry.endedSessions), [100]);
    assert.equal(registry.current, next);
    registry.show(parent);
    assert.equal(registry.current, parent, 'an ended session can be shown');
  });

  it('takes two attaches that are under way at once, each with its own rows', async () => {
    const answers: (() => void)[] = [];
    let attached = 0;
    helper.nextAttach = () =>
      new Promise((resolve) => {
        const id = ++attached;
        answers.push(() => resolve(sessionDto(id, 100 + id)));
      });
    const both = [registry.attach({ pid: 101 }), registry.attach({ pid: 102 })];
    helper.raise(2, 1);
    helper.fork(1, childDto(3));
    answers[1]!();
    answers[0]!();
    const [first, second] = await Promise.all(both);
    assert.deepEqual([first!.trace.revision, second!.trace.revision], [0, 1]);
    assert.deepEqual(
      registry.sessions.map(({ dto }) => dto.pid),
      [102, 101, 101],
      'the child came after its parent',
    );
  });

  it('takes a child of a closed parent once the attach that it might belong to is answered', async () => {
    const parent = await registry.attach({ pid: 100 });
    helper.end(1);
    registry.close([parent]);
    const parents: unknown[] = [];
    registry.onDidFork((fork) => parents.push(fork.parent));
    helper.nextAttach = () => {
      helper.fork(1, childDto(2));
      helper.raise(2, 1);
      return Promise.reject(new HelperRefusal('No.', 'notPermitted'));
    };
    await assert.rejects(registry.attach({ pid: 102 }));
    assert.deepEqual(parents, [null]);
    assert.deepEqual(
      registry.sessions.map(({ dto, trace }) => [dto.pid, trace.revision]),
      [[101, 1]],
    );
  });

  it('closes ended sessions only, and goes on with the youngest that is attached', async () => {
    const first = await registry.attach({ pid: 100 });
    helper.nextAttach = () => Promise.resolve(sessionDto(2, 101));
    const second = await registry.attach({ pid: 101 });
    helper.end(2);
    assert.equal(registry.current, second);
    registry.close([first, second]);
    assert.deepEqual(registry.sessions, [first], 'the attached one stays');
    assert.equal(registry.current, first);
    registry.show(second);
    assert.equal(registry.current, first, 'one that is closed is not shown');
    helper.end(1);
    registry.close([first]);
    assert.deepEqual([registry.current, registry.state], [null, 'none']);
  });

  it('gives each session the least colour that is free', async () => {
    const attach = async (id: number): Promise<DebugSession> => {
      helper.nextAttach = () => Promise.resolve(sessionDto(id, 100 + id));
      return registry.attach({ pid: 100 + id });
    };
    const sessions = [await attach(1), await attach(2), await attach(3)];
    helper.end(2);
    registry.close([sessions[1]!]);
    sessions.push(await attach(4));
    assert.deepEqual(
      sessions.map(({ colour }) => colour),
      [0, 1, 2, 1],
    );
  });

  it('keeps only so many ended children', async () => {
    const parent = await registry.attach({ pid: 100 });
    for (let id = 2; id < 102; id++) {
      helper.fork(1, childDto(id));
      helper.end(id);
    }
    assert.equal(registry.sessions.length, 17);
    assert.equal(registry.sessions[0], parent);
    assert.equal(registry.sessions.at(-1)!.dto.sessionId, 101);
  });

  it('ends every session when the helper is gone', async () => {
    await registry.attach({ pid: 100 });
    helper.fork(1, childDto(2));
    const ended: number[] = [];
    registry.onDidEnd(({ dto }) => ended.push(dto.pid));
    helper.failures.fire();
    assert.deepEqual(ended, [100, 101]);
  });

  it('keeps ranges and the map change as the helper tells them, and settles the map at the end', async () => {
    const session = await registry.attach({ pid: 100 });
    const change = { event: 'remap', start: '0x1000', lengthBytes: 4096, tid: 7, comm: 'mover' } as const;
    helper.notify(RangesDidChangeNotification, { sessionId: 1, ranges: [range('0x5000')] });
    helper.notify(MapDidChangeNotification, { sessionId: 1, change });
    assert.deepEqual([session.ranges, session.mapChange], [[range('0x5000')], change]);
    assert.equal(states.length, 3, 'each is told');
    helper.end(1);
    assert.equal(session.mapChange, null);
  });

  it('keeps instructions as the helper tells of them, and tells it', async () => {
    const session = await registry.attach({ pid: 100 });
    const before = states.length;
    const code = { address: '0x7f001a2b', path: '/usr/lib/libfoo.so', fileOffset: '0x1a2b' };
    helper.notify(CodeDidAppearNotification, { sessionId: 1, code });
    assert.deepEqual(session.codes, [{ address: '0x7f001a2b', name: 'libfoo.so+0x1a2b', source: null }]);
    await eventually('it is told', () => states.length > before);
  });

  it('tells hits and failures of rules with their session', async () => {
    const session = await registry.attach({ pid: 100 });
    const rule: RuleDto = { name: 'x', isEnabled: true, match: {}, action: { do: 'hold' }, delayMs: 0 };
    await session.setRules([rule]);
    assert.deepEqual(helper.asked, [
      { method: SetRulesRequest.method, params: { sessionId: 1, rules: [rule] } },
    ]);
    const failures: unknown[] = [];
    registry.onDidFailRule((failure) => failures.push(failure));
    let hits: readonly number[] = [];
    registry.onDidHitRules(({ ruleHits }) => (hits = ruleHits));
    helper.notify(RulesDidHitNotification, { sessionId: 1, hits: [4] });
    helper.notify(RuleDidFailNotification, { sessionId: 1, rule: 0, faultId: 9, text: 'No.' });
    assert.deepEqual(hits, [4]);
    assert.deepEqual(failures, [{ session, rule: 0, faultId: 9, text: 'No.' }]);
    await session.setRules([rule, rule]);
    assert.deepEqual(session.ruleHits, [0, 0]);
  });

  it('keeps the rules of a session when others are refused', async () => {
    const session = await registry.attach({ pid: 100 });
    helper.answer = () => Promise.reject(new HelperRefusal('No such file.', 'fileUnreadable'));
    await assert.rejects(session.setRules([]), /No such file/);
    assert.deepEqual(session.rules, []);
  });
});
