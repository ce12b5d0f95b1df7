import assert from 'node:assert/strict';
import type { CancellationToken, MessageConnection } from 'vscode-jsonrpc/browser';
import type { BatchResultDto } from '../../../native-helper/protocol/ioctls.ts';
import { FaultActions } from '../../../webview/state/faultActions.ts';
import { TimelineState } from '../../../webview/state/timelineState.ts';
import { batchOf, ioctlResult } from '../../ui/page/sampleAnswers.ts';
import { liveView } from '../../ui/page/sampleTrace.ts';

interface Sent {
  readonly params: unknown;
  readonly token: CancellationToken;
  readonly answer: (result: BatchResultDto) => void;
  readonly refuse: (error: Error) => void;
}

describe('FaultActions', () => {
  let state: TimelineState;
  let actions: FaultActions;
  let requests: Sent[];
  /** Listeners of progress by token. */
  let progress: Map<unknown, (value: { done: number; total: number }) => void>;

  beforeEach(() => {
    requests = [];
    progress = new Map();
    const connection = {
      onProgress: (_type: unknown, token: unknown, listener: () => void) => {
        progress.set(token, listener);
        return { dispose: () => progress.delete(token) };
      },
      sendRequest: (_type: unknown, params: unknown, token: CancellationToken) =>
        new Promise((answer, refuse) => requests.push({ params, token, answer, refuse })),
    };
    state = new TimelineState();
    actions = new FaultActions(state, connection as unknown as MessageConnection);
    state.setSessions({ sessions: [liveView], currentId: 1 });
  });

  it('names the session and keeps the answer with its fault', async () => {
    const done = actions.wake([2]);
    assert.equal(state.resolving.isActing, true);
    assert.deepEqual(requests[0]!.params, { sessionId: 1, progressToken: 'batch-1', faultIds: [2] });
    requests[0]!.answer(batchOf([ioctlResult()]));
    await done;
    assert.equal(state.resolving.isActing, false);
    assert.deepEqual(state.resolving.answersOf(2)[0]!.results, [ioctlResult()]);
  });

  it('keeps the answer of several faults with the selection, and each result with its fault', async () => {
    const done = actions.wake([2, 3]);
    const results = [ioctlResult({ faultId: 2 }), ioctlResult({ faultId: 3, errno: 'EAGAIN' })];
    requests[0]!.answer(batchOf(results));
    await done;
    const [answer] = state.resolving.answersOf('selection');
    assert.deepEqual(answer!.counts, { succeeded: 1, failed: 1, undone: 0 });
    assert.deepEqual(state.resolving.answersOf(3)[0]!.results, [results[1]]);
  });

  it('keeps a refusal in the host’s words', async () => {
    const done = actions.wake([2]);
    requests[0]!.refuse(new Error('The session is over.'));
    await done;
    assert.equal(state.resolving.answersOf(2)[0]!.refusal, 'The session is over.');
  });

  it('shows the progress of its own batch, and forgets it with the answer', async () => {
    const done = actions.wake([2, 3]);
    progress.get('batch-1')!({ done: 1, total: 2 });
    assert.deepEqual(state.resolving.progress, { done: 1, total: 2 });
    requests[0]!.answer(batchOf([]));
    await done;
    assert.equal(state.resolving.progress, null);
    assert.equal(progress.size, 0);
  });

  it('cancels the request under way', () => {
    void actions.wake([2, 3]);
    actions.cancel();
    assert.equal(requests[0]!.token.isCancellationRequested, true);
  });

  it('asks for nothing more while an answer is awaited', () => {
    void actions.wake([2]);
    void actions.wake([2]);
    assert.equal(requests.length, 1);
  });

  it('keeps an answer with its session when another one is current by then', async () => {
    const done = actions.wake([2]);
    const other = { ...liveView, session: { ...liveView.session, sessionId: 2 } };
    state.setSessions({ sessions: [liveView, other], currentId: 2 });
    assert.equal(state.resolving.isActing, false, 'the other session is not kept waiting');
    void actions.wake([3]);
    actions.cancel();
    assert.deepEqual(
      requests.map(({ token }) => token.isCancellationRequested),
      [false, true],
      'each session cancels its own request',
    );
    requests[0]!.answer(batchOf([ioctlResult()]));
    await done;
    assert.deepEqual(state.resolving.answersOf(2), []);
    assert.equal(state.resolving.isActing, true, 'its own answer is still awaited');
    state.show(state.sessions[0]!);
    assert.deepEqual(state.resolving.answersOf(2)[0]!.results, [ioctlResult()]);
    assert.equal(state.resolving.isActing, false);
  });

  it('keeps the image of each session, for it says where in its memory the file lies', () => {
    const other = { ...liveView, session: { ...liveView.session, sessionId: 2 } };
    state.setSessions({ sessions: [liveView, other], currentId: 1 });
    const file = { fileId: 1, path: '/tmp/image', sizeBytes: 4096 };
    state.resolving.setInput({ ...state.resolving.input, file, imageBase: '0x1000', fillByte: '0x7' });
    state.show(state.sessions[1]!);
    assert.deepEqual([state.resolving.input.file, state.resolving.input.imageBase], [null, null]);
    assert.equal(state.resolving.input.fillByte, '0x7', 'what means the same everywhere stays');
    state.show(state.sessions[0]!);
    assert.deepEqual([state.resolving.input.file, state.resolving.input.imageBase], [file, '0x1000']);
  });
});
