import assert from 'node:assert/strict';
import { packedRows } from '../../../native-helper/log/packedRows.ts';
import type { EventRows } from '../../../native-helper/log/eventRows.ts';
import type { SessionHistoryDto, SessionViewDto } from '../../../webview/protocol.ts';
import { moveSelection } from '../../../webview/state/moveSelection.ts';
import { TimelineState } from '../../../webview/state/timelineState.ts';
import { liveView } from '../../ui/page/sampleTrace.ts';
import { batch, copy, raised, read } from './buildRows.ts';

/** Start of the first session, by CLOCK_MONOTONIC: after years without a reboot. */
const startTimeNs = 2n ** 57n;

function view(sessionId: number, afterNs: number, nowNs = 1000): SessionViewDto {
  const session = {
    ...liveView.session,
    sessionId,
    startTimeNs: `0x${(startTimeNs + BigInt(afterNs)).toString(16)}` as const,
  };
  return { ...liveView, session, nowNs };
}

function history(sessionView: SessionViewDto, rows: EventRows): SessionHistoryDto {
  return {
    view: { ...sessionView, revision: rows.count },
    batches: [packedRows(rows)],
    overview: [],
    droppedRows: 0,
  };
}

describe('The sessions of the timeline', () => {
  let state: TimelineState;
  /** Begins 5000 ns after the first; each has a held fault and one that is over, on threads 7 and 8. */
  const rows = batch(1, raised(0, 1, 1, 7), copy(15, 1), raised(20, 2, 2, 8), read(30, 2));

  beforeEach(() => {
    state = new TimelineState();
    state.hydrate({ sessions: [history(view(1, 0), rows), history(view(2, 5000), rows)], currentId: 2 });
  });

  const selected = (): readonly unknown[] => [state.current?.id, state.selectedId];

  it('lie on one axis that begins with the oldest, to the nanosecond', () => {
    const [first, second] = state.sessions;
    assert.deepEqual(
      [0, 1].map((i) => first!.trace.faults.raisedNs(i)),
      [0, 20],
    );
    assert.deepEqual(
      [0, 1].map((i) => second!.trace.faults.raisedNs(i)),
      [5000, 5020],
    );
    assert.deepEqual([first!.startNs, second!.startNs], [0, 5000]);
    assert.deepEqual(
      state.sessions.map(({ trace }) => trace.faults.isBeforeAttach(0)),
      [true, true],
      'what was queued before a session is as old as that session',
    );
    assert.ok(state.edgeNs() >= 6000, 'the live edge is that of the clock they share');
  });

  it('take rows that come later on the same axis', () => {
    const later = packedRows(batch(rows.count + 1, raised(900, 3, 3, 9)));
    assert.equal(
      state.append({ sessionId: 2, batch: later, afterSequence: rows.count, nowNs: 1500 }),
      'appended',
    );
    assert.equal(state.sessions[1]!.trace.faults.raisedNs(2), 5900);
    assert.equal(
      state.append({ sessionId: 9, batch: later, afterSequence: rows.count, nowNs: 1500 }),
      'known',
      'of a closed one',
    );
  });

  it('tell which of them has changed', () => {
    const changes: string[] = [];
    state.subscribe((change) => changes.push(change));
    const later = (sessionId: number) => ({
      sessionId,
      batch: packedRows(batch(rows.count + 1, raised(900, 3, 3, 9))),
      afterSequence: rows.count,
      nowNs: 1500,
    });
    state.append(later(1));
    state.append(later(2));
    state.setView(view(1, 0));
    state.setView(view(2, 5000));
    assert.deepEqual(changes, ['otherRows', 'rows', 'sessions', 'session']);
  });

  it('need to be hydrated when the oldest is gone, and the window stays at its moment', () => {
    state.window.show(5000, 6000);
    assert.equal(state.setSessions({ sessions: [view(2, 5000)], currentId: 2 }), false);
    state.hydrate({ sessions: [history(view(2, 5000), rows)], currentId: 2 });
    assert.deepEqual([state.window.scale.startNs, state.window.scale.endNs], [0, 1000]);
    assert.equal(state.trace.faults.raisedNs(1), 20);
    assert.equal(state.setSessions({ sessions: [], currentId: null }), true);
    assert.deepEqual([state.current, state.view], [null, null]);
  });

  it('need to be hydrated when one is told later that began earlier', () => {
    state = new TimelineState();
    assert.equal(state.setSessions({ sessions: [view(2, 5000)], currentId: 2 }), true);
    assert.equal(state.setSessions({ sessions: [view(2, 5000), view(3, 9000)], currentId: 3 }), true);
    assert.equal(state.setSessions({ sessions: [view(2, 5000), view(4, 4000)], currentId: 4 }), false);
  });

  it('stand still each at its end, while the others go on', () => {
    state.setView({ ...view(1, 0, 2000), endText: 'It has ended.', endReason: 'detached' });
    assert.deepEqual(
      state.sessions.map(({ isLive }) => isLive),
      [false, true],
    );
    assert.equal(state.sessions[0]!.nowNs(), 2000);
    assert.ok(state.edgeNs() >= 6000);
    assert.equal(state.isAnyLive, true);
  });

  it('keep the selection to one of them: another one begins with none', () => {
    state.select(2);
    state.show(state.sessions[0]!);
    assert.deepEqual(selected(), [1, null]);
    state.hydrate({ sessions: [history(view(1, 0), rows), history(view(2, 5000), rows)], currentId: 1 });
    state.select(1);
    assert.deepEqual(selected(), [1, 1]);
  });

  it('are crossed at the outermost lane, but not by an extension', () => {
    state.show(state.sessions[0]!);
    state.select(2);
    moveSelection(state, 'laneBelow', true);
    assert.deepEqual(selected(), [1, 2]);
    moveSelection(state, 'laneBelow');
    assert.deepEqual(selected(), [2, 1]);
    moveSelection(state, 'laneAbove');
    assert.deepEqual(selected(), [1, 2]);
    state.setCollapsed(state.sessions[1]!, true);
    moveSelection(state, 'laneBelow');
    assert.deepEqual(selected(), [1, 2], 'the lanes of a collapsed one are not there');
  });

  it('are gone through from held fault to held fault, round at the end, and open for it', () => {
    state.setCollapsed(state.sessions[0]!, true);
    const visited = Array.from({ length: 3 }, () => {
      moveSelection(state, 'nextHeld');
      return selected();
    });
    assert.deepEqual(visited, [
      [2, 2],
      [1, 2],
      [2, 2],
    ]);
    assert.equal(state.sessions[0]!.isCollapsed, false);
    moveSelection(state, 'previousHeld');
    assert.deepEqual(selected(), [1, 2]);
  });

  it('are followed when one begins, and left where they are when one ends', () => {
    state.window.show(0, 100);
    const third = view(3, 9000, 0);
    state.setSessions({ sessions: [view(1, 0), view(2, 5000), third], currentId: 3 });
    assert.equal(state.window.isFollowing, true);
    state.window.show(0, 100);
    const ended = { ...third, endText: 'It has ended.', endReason: 'detached' } as const;
    state.setSessions({ sessions: [view(1, 0), view(2, 5000), ended], currentId: 3 });
    assert.deepEqual([state.window.isFollowing, state.window.scale.endNs], [false, 100]);
  });

  it('keep what the user did with them over a hydration', () => {
    const [first] = state.sessions;
    state.setCollapsed(first!, true);
    state.hydrate({ sessions: [history(view(1, 0), rows), history(view(2, 5000), rows)], currentId: 2 });
    assert.equal(state.sessions[0], first);
    assert.equal(first!.isCollapsed, true);
    assert.equal(first!.trace.faults.count, 2, 'its rows are not there twice');
  });

  it('show together when all is fitted, without those that are collapsed', () => {
    const over = { endText: 'It has ended.', endReason: 'detached' } as const;
    state.setView({ ...view(1, 0), ...over });
    state.setView({ ...view(2, 5000), ...over });
    state.time.fitAll();
    assert.ok(state.window.scale.startNs <= 0 && state.window.scale.endNs >= 5030);
    state.setCollapsed(state.sessions[0]!, true);
    state.time.fitAll();
    assert.ok(state.window.scale.startNs > 4000);
  });

  it('names threads and instructions by their lists, and anew only when those say something else', () => {
    const source = { path: '/src/restore.c', line: 12 };
    const code = { address: '0x401136', name: 'restore_page+0x1a', source };
    const told = { ...view(2, 5000), codes: [code], threads: [{ tid: 7, comm: 'vcpu-0' }] };
    state.setView(told);
    const { current } = state;
    const before = current!.source();
    assert.deepEqual(
      ['0x401136', '0x7f00'].map((address) => current!.codeName(address)),
      ['restore_page+0x1a', '0x7f00'],
    );
    assert.match(before.threadName(7), /vcpu-0/);
    assert.match(before.codeWords('0x401136'), /0x401136.*restore_page.*restore\.c:12/);
    state.setView(structuredClone(told));
    const { threadName, codeWords, ranges } = current!.source();
    assert.deepEqual([threadName, codeWords, ranges], [before.threadName, before.codeWords, before.ranges]);
    assert.equal(ranges, before.ranges);
    state.setView({ ...told, codes: [{ ...code, name: 'restore+0x1a' }] });
    assert.equal(current!.source().threadName, before.threadName);
    assert.match(current!.source().codeWords('0x401136'), / restore\+0x1a /);
  });
});
