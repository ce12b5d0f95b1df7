import assert from 'node:assert/strict';
import type { MessageConnection } from 'vscode-jsonrpc/browser';
import type { IoctlResultDto } from '../../../native-helper/protocol.ts';
import { HostSync } from '../../../webview/state/hostSync.ts';
import { TimelineState } from '../../../webview/state/timelineState.ts';
import { liveView } from '../../ui/page/sampleTrace.ts';

describe('HostSync', () => {
  const result: IoctlResultDto = { faultId: 2, ioctl: 'wake', start: '0x1000', lengthBytes: 4096, text: '' };
  let state: TimelineState;
  let sync: HostSync;
  /** Parameters of each request, and how to answer it. */
  let requests: { params: unknown; answer: (results: readonly IoctlResultDto[]) => void }[];

  beforeEach(() => {
    requests = [];
    const connection = {
      onNotification: () => undefined,
      sendNotification: () => Promise.resolve(),
      sendRequest: (_type: unknown, params: unknown) =>
        new Promise((answer) => requests.push({ params, answer })),
    };
    state = new TimelineState();
    sync = new HostSync(state, connection as unknown as MessageConnection, () => undefined);
    state.setView(liveView);
  });

  it('names the session and keeps the answer with its fault', async () => {
    const done = sync.wake([2]);
    assert.equal(state.isActing, true);
    assert.deepEqual(requests[0]!.params, { sessionId: 1, faultIds: [2] });
    requests[0]!.answer([result]);
    await done;
    assert.equal(state.isActing, false);
    assert.deepEqual(state.answersOf(2)[0]!.results, [result]);
  });

  it('asks for nothing more while an answer is awaited', () => {
    void sync.wake([2]);
    void sync.wake([2]);
    assert.equal(requests.length, 1);
  });

  it('drops an answer that comes when another session has begun', async () => {
    const done = sync.wake([2]);
    state.setView({ ...liveView, session: { ...liveView.session, sessionId: 2 } });
    assert.equal(state.isActing, false, 'the new session is not kept waiting');
    void sync.wake([3]);
    requests[0]!.answer([result]);
    await done;
    assert.deepEqual(state.answersOf(2), []);
    assert.equal(state.isActing, true, 'its own answer is still awaited');
  });
});
