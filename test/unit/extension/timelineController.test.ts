import assert from 'node:assert/strict';
import { eventually } from '../../helper/eventually.ts';
import { setImmediate } from 'node:timers/promises';
import { CancellationTokenSource, Emitter } from 'vscode-jsonrpc/node';
import type { DebugSession } from '../../../extension/session/debugSession.ts';
import { SessionRegistry } from '../../../extension/session/sessionRegistry.ts';
import type { PageBatch } from '../../../extension/timeline/pageBatch.ts';
import { mostRowsUnderWay } from '../../../extension/timeline/pageFeed.ts';
import { answerPageRequests } from '../../../extension/timeline/pageRequests.ts';
import { TimelineController } from '../../../extension/timeline/timelineController.ts';
import { rowCount, unpackRows } from '../../../native-helper/log/packedRows.ts';
import {
  CodeDidAppearNotification,
  MapDidChangeNotification,
  RangesDidChangeNotification,
  ThreadDidAppearNotification,
} from '../../../native-helper/protocol/session.ts';
import type {
  HydrateDto,
  RowsDidAppendParams,
  SessionsDto,
  SessionViewDto,
} from '../../../webview/protocol.ts';
import { childDto, FakeHelper, noSymbols, range, result, sessionDto } from './fakeHelper.ts';

interface Reply {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

/** A page under the test's control: what it sends and what it got. */
class FakePage {
  private readonly sent = new Emitter<unknown>();
  readonly received: Reply[] = [];

  onDidReceiveMessage(listener: (message: unknown) => void): { dispose(): void } {
    return this.sent.event(listener);
  }
  postMessage(message: unknown): Promise<boolean> {
    this.received.push(message as Reply);
    return Promise.resolve(true);
  }
  send(message: unknown): void {
    this.sent.fire(message);
  }
  /** Sends a request and waits for its answer. */
  async request(id: number, method: string, params?: unknown): Promise<Reply> {
    this.send({ jsonrpc: '2.0', id, method, params });
    for (;;) {
      const reply = this.received.find((message) => message.id === id);
      if (reply !== undefined) {
        return reply;
      }
      await setImmediate();
    }
  }
  methods(): (string | undefined)[] {
    return this.received.map(({ method }) => method);
  }
}

/** The sessions it was told last. */
function lastSessions(page: FakePage): SessionsDto<SessionViewDto> {
  const changes = page.received.filter(({ method }) => method === 'sessions/didChange');
  return changes.at(-1)!.params as SessionsDto<SessionViewDto>;
}
/** The view of one session that it was told last. */
function lastView(page: FakePage): SessionViewDto {
  const changes = page.received.filter(({ method }) => method === 'session/didChange');
  return (changes.at(-1)!.params as { view: SessionViewDto }).view;
}

/** Lets every message that is already under way arrive. */
async function settled(page: FakePage): Promise<void> {
  await page.request(9999 + page.received.length, 'no/suchRequest', {});
}

const fillWithZero = { ioctl: 'copy', source: { kind: 'fill', byte: 0 }, dontWake: true, wp: false };
const plan = { what: { faultIds: [1] }, action: fillWithZero, lengthPages: 1, around: false };
/** A valid request to resolve, with some of its fields replaced. */
const resolveRequest = (fields: object = {}): object => ({ sessionId: 1, ...plan, ...fields });
const resolveFrom = (source: object): object => resolveRequest({ action: { ...fillWithZero, source } });

describe('the host side of the timeline', () => {
  let helper: FakeHelper;
  let registry: SessionRegistry;
  let page: FakePage;
  let controller: TimelineController<DebugSession>;
  let problems: string[];
  let hydrations: number;
  let asked: string[];
  let isConfirmed: boolean;
  let adopted: PageBatch | undefined;
  let chosenFile: () => Promise<{ fileId: number; path: string; sizeBytes: number } | null>;

  beforeEach(async () => {
    helper = new FakeHelper();
    helper.nextAttach = () => Promise.resolve(sessionDto(1));
    registry = new SessionRegistry(
      helper,
      'The helper ended.',
      () => undefined,
      () => 1e6,
      noSymbols,
    );
    page = new FakePage();
    problems = [];
    asked = [];
    hydrations = 0;
    isConfirmed = true;
    adopted = undefined;
    chosenFile = () => Promise.resolve(null);
    controller = new TimelineController(page, registry, {
      answerRequests: (connection) =>
        answerPageRequests(connection, registry, {
          endedSessionText: 'It has ended.',
          closedSessionText: 'It is closed.',
          confirmRegister: (session, { start, modes }) => {
            asked.push(`confirm ${session.dto.pid} ${start} ${modes.join(' ')}`);
            return Promise.resolve(isConfirmed);
          },
          chooseFile: () => chosenFile(),
          adoptBatch: (session, batch) => {
            asked.push(`batch ${session.id} ${batch.ioctl}`);
            adopted = batch;
          },
        }),
      attach: () => asked.push('attach'),
      startDemo: () => asked.push('demo'),
      openRecording: () => asked.push('recording'),
      onHydrated: () => hydrations++,
      addRule: (session, faultId) => asked.push(`rule ${session.id} ${faultId}`),
      leave: (session) => asked.push(`leave ${session.id}`),
      copy: (text) => asked.push(`copy ${text}`),
      reportProblem: (problem) => problems.push(problem),
    });
    controller.setVisible(true);
    await registry.attach({ pid: 100 });
  });
  afterEach(() => {
    controller.dispose();
    registry.dispose();
  });

  const fireRows = (sequence: number): void => {
    helper.raise(1, sequence);
  };

  it('answers hydration with the session, its history and its clock', async () => {
    fireRows(1);
    helper.notify(ThreadDidAppearNotification, { sessionId: 1, thread: { tid: 5, comm: 'worker' } });
    const code = { address: '0x4010', path: '/bin/target', fileOffset: '0x10' };
    helper.notify(CodeDidAppearNotification, { sessionId: 1, code });
    const { result } = await page.request(1, 'view/hydrate', [null]);
    const { sessions, currentId } = result as HydrateDto;
    const { view, batches, droppedRows } = sessions[0]!;
    assert.deepEqual([sessions.length, currentId], [1, 1]);
    assert.equal(view.session.pid, 100);
    assert.deepEqual(view.threads, [{ tid: 5, comm: 'worker' }]);
    assert.deepEqual(view.codes, [{ address: '0x4010', name: 'target+0x10', source: null }]);
    assert.deepEqual([view.endText, view.endReason], [null, null]);
    assert.equal(unpackRows(batches[0]!).count, 1);
    assert.deepEqual([view.revision, droppedRows], [1, 0]);
    assert.ok(view.nowNs > 0);
    await eventually('the host is told', () => hydrations === 1);
  });

  it('answers hydration with every session, each with its history', async () => {
    helper.fork(1, childDto(2));
    helper.raise(1, 1);
    helper.raise(2, 1);
    helper.raise(2, 2);
    const { result } = await page.request(1, 'view/hydrate', [null]);
    const { sessions, currentId } = result as HydrateDto;
    assert.equal(currentId, 1);
    assert.deepEqual(
      sessions.map(({ view, batches }) => [
        view.session.sessionId,
        view.session.isCustody,
        view.colour,
        unpackRows(batches[0]!).count,
      ]),
      [
        [1, false, 0, 1],
        [2, true, 1, 2],
      ],
    );
  });

  it('sends rows only between hydration and being hidden, and queues none', async () => {
    fireRows(1);
    await settled(page);
    assert.ok(!page.methods().includes('rows/didAppend'), 'before hydration');
    await page.request(1, 'view/hydrate', [null]);
    fireRows(2);
    assert.equal(page.methods().filter((method) => method === 'rows/didAppend').length, 1);
    controller.setVisible(false);
    fireRows(3);
    controller.setVisible(true);
    fireRows(4);
    await settled(page);
    assert.equal(page.methods().filter((method) => method === 'rows/didAppend').length, 1);
  });

  it('sends what the page has not had when it has room again, and nothing twice', async () => {
    await page.request(1, 'view/hydrate', [null]);
    const sent = (): (readonly [number, number])[] =>
      page.received
        .filter(({ method }) => method === 'rows/didAppend')
        .map(({ params }) => {
          const { afterSequence, batch } = params as RowsDidAppendParams;
          return [afterSequence, rowCount(batch)];
        });
    const whole = mostRowsUnderWay / 2;
    helper.raiseMany(1, 1, whole);
    helper.raiseMany(1, whole + 1, whole);
    helper.raiseMany(1, 2 * whole + 1, 1);
    helper.raiseMany(1, 2 * whole + 2, 1);
    assert.deepEqual(sent(), [
      [0, whole],
      [whole, whole],
    ]);
    page.send({ jsonrpc: '2.0', method: 'rows/taken', params: { sessionId: 1, sequence: whole } });
    await settled(page);
    assert.deepEqual(sent().slice(2), [[2 * whole, 2]]);
    for (const sequence of [0, 1.5, 1e9, whole]) {
      page.send({ jsonrpc: '2.0', method: 'rows/taken', params: { sessionId: 1, sequence } });
    }
    await settled(page);
    assert.equal(sent().length, 3);
    assert.equal(problems.length, 2, 'no sequence numbers of rows');
  });

  it('shows a fault that was asked for before the page had its data once it has taken it up', async () => {
    const shown = (): unknown[] =>
      page.received.filter(({ method }) => method === 'fault/show').map(({ params }) => params);
    fireRows(1);
    controller.setVisible(false);
    controller.showFault(1, 7);
    controller.setVisible(true);
    controller.showFault(1, 1);
    await page.request(1, 'view/hydrate', [null]);
    await settled(page);
    assert.deepEqual(shown(), [], 'the answer may still be under way');
    const taken = { jsonrpc: '2.0', method: 'rows/taken', params: { sessionId: 1, sequence: 1 } };
    page.send(taken);
    page.send(taken);
    await settled(page);
    assert.deepEqual(shown(), [{ sessionId: 1, faultId: 1 }], 'only the last one, and once');
    controller.showFault(1, 1);
    assert.equal(shown().length, 2, 'from then on at once');
  });

  it('tells the page that the session ended, with its reason and sentence', async () => {
    await page.request(1, 'view/hydrate', [null]);
    helper.end(1);
    const [view] = lastSessions(page).sessions;
    assert.deepEqual([view!.endText, view!.endReason], ['It has ended.', 'targetExited']);
  });

  it('does what a valid request asks and answers with the results', async () => {
    const reply = await page.request(1, 'fault/resolve', resolveRequest());
    assert.deepEqual(reply.result, result());
    assert.deepEqual(helper.asked, [{ method: 'fault/resolve', params: { sessionId: 1, ...plan } }]);
  });

  const valid: readonly [string, object, object][] = [
    ['fault/wake', { sessionId: 1, faultIds: [2, 1] }, { sessionId: 1, what: { faultIds: [2, 1] } }],
    ['fault/preflight', { what: { start: '0x1000', lengthBytes: 4096 } }, {}],
    [
      'source/preview',
      { source: { kind: 'image', file: { fileId: 1 }, base: '0x0' }, address: '0x1000', lengthBytes: 16 },
      {},
    ],
    ['memory/read', { address: '0x1000', lengthBytes: 16 }, {}],
  ];
  for (const [method, params, sent] of valid) {
    it(`passes ${method} on to the session shown`, async () => {
      await page.request(1, method, { sessionId: 1, ...params });
      const expected = Object.keys(sent).length > 0 ? sent : { sessionId: 1, ...params };
      assert.deepEqual(helper.asked, [{ method, params: expected }]);
    });
  }

  it('reports progress of a batch under the page’s token, and stops it when the page cancels', async () => {
    let stopped = false;
    helper.answer = ({ onProgress, cancellation }) =>
      new Promise((resolve) => {
        onProgress?.({ done: 1, total: 3 });
        cancellation?.onCancellationRequested(() => {
          stopped = true;
          resolve({ ...result(), undone: 2 });
        });
      });
    const answer = page.request(7, 'fault/resolve', resolveRequest({ progressToken: 'mine' }));
    while (!page.methods().includes('$/progress')) {
      await setImmediate();
    }
    page.send({ jsonrpc: '2.0', method: '$/cancelRequest', params: { id: 7 } });
    const reply = await answer;
    assert.ok(stopped);
    assert.equal((reply.result as { undone: number }).undone, 2, 'what was done is told');
    assert.deepEqual(page.received.find(({ method }) => method === '$/progress')?.params, {
      token: 'mine',
      value: { done: 1, total: 3 },
    });
  });

  it('leaves a batch whose page goes to the host, which follows and stops it from then on', async () => {
    let report: ((done: number) => void) | undefined;
    helper.answer = ({ onProgress, cancellation }) =>
      new Promise((resolve) => {
        report = (done) => onProgress?.({ done, total: 3 });
        cancellation?.onCancellationRequested(() => resolve({ ...result(), undone: 2 }));
      });
    void page.request(7, 'fault/resolve', resolveRequest({ progressToken: 'mine' }));
    await settled(page);
    controller.setVisible(false);
    assert.deepEqual(asked, ['batch 1 copy']);
    const seen: number[] = [];
    const stop = new CancellationTokenSource();
    const answer = adopted!.follow({
      cancellation: stop.token,
      onProgress: ({ done }) => seen.push(done),
    });
    report?.(2);
    stop.cancel();
    assert.equal((await answer).undone, 2);
    assert.deepEqual(seen, [2]);
  });

  it('leaves nothing of a batch that has ended', async () => {
    await page.request(7, 'fault/resolve', resolveRequest());
    controller.setVisible(false);
    assert.deepEqual(asked, []);
  });

  it('registers only what the user confirms', async () => {
    const request = { sessionId: 1, start: '0x1000', lengthBytes: 4096, modes: ['MISSING', 'WP'] };
    isConfirmed = false;
    assert.equal((await page.request(1, 'range/register', request)).result, null);
    assert.deepEqual(helper.asked, []);
    isConfirmed = true;
    await page.request(2, 'range/register', request);
    assert.deepEqual(asked, ['confirm 100 0x1000 MISSING WP', 'confirm 100 0x1000 MISSING WP']);
    assert.deepEqual(helper.asked, [{ method: 'range/register', params: request }]);
  });

  it('answers with the file the user chose, with null for none, and with what is wrong with it', async () => {
    assert.equal((await page.request(1, 'file/choose')).result, null);
    const file = { fileId: 3, path: '/tmp/image', sizeBytes: 4096 };
    chosenFile = () => Promise.resolve(file);
    assert.deepEqual((await page.request(2, 'file/choose')).result, file);
    chosenFile = () => Promise.reject(new Error('/tmp is not a regular file.'));
    assert.equal((await page.request(3, 'file/choose')).error?.message, '/tmp is not a regular file.');
  });

  it('tells ranges and map change of one session alone', async () => {
    helper.fork(1, childDto(2));
    await page.request(1, 'view/hydrate', [null]);
    helper.notify(RangesDidChangeNotification, { sessionId: 1, ranges: [range('0x5000')] });
    assert.deepEqual(lastView(page).session.ranges, [range('0x5000')]);
    helper.notify(MapDidChangeNotification, {
      sessionId: 2,
      change: { event: null, start: '0x0', lengthBytes: 0, tid: 0, comm: '' },
    });
    assert.deepEqual([lastView(page).session.sessionId, lastView(page).mapChange?.event], [2, null]);
    assert.ok(!page.methods().includes('sessions/didChange'));
  });

  it('tells which sessions there are when one begins, and sends the rows of each', async () => {
    await page.request(1, 'view/hydrate', [null]);
    helper.fork(1, childDto(2));
    const { sessions, currentId } = lastSessions(page);
    assert.deepEqual(
      sessions.map(({ session }) => session.pid),
      [100, 101],
    );
    assert.equal(currentId, 1);
    helper.raise(2, 1);
    helper.raise(1, 1);
    const rows = page.received.filter(({ method }) => method === 'rows/didAppend');
    assert.deepEqual(
      rows.map(({ params }) => (params as { sessionId: number }).sessionId),
      [2, 1],
    );
  });

  it('makes the session that the page chose the current one, unless it is closed', async () => {
    helper.fork(1, childDto(2));
    await page.request(1, 'view/hydrate', [null]);
    page.send({ jsonrpc: '2.0', method: 'session/chosen', params: { sessionId: 2 } });
    await settled(page);
    assert.equal(lastSessions(page).currentId, 2);
    page.send({ jsonrpc: '2.0', method: 'session/chosen', params: { sessionId: 99 } });
    await settled(page);
    assert.equal(registry.current!.id, 2);
  });

  it('asks to leave the session that the page names', async () => {
    helper.fork(1, childDto(2));
    page.send({ jsonrpc: '2.0', method: 'session/leaveAsked', params: { sessionId: 2 } });
    page.send({ jsonrpc: '2.0', method: 'session/leaveAsked', params: { sessionId: 99 } });
    await settled(page);
    assert.deepEqual(asked, ['leave 2']);
  });

  it('acts on the session that a request names, though another one is current', async () => {
    helper.fork(1, childDto(2));
    await page.request(1, 'fault/resolve', resolveRequest({ sessionId: 2 }));
    assert.deepEqual(helper.asked, [{ method: 'fault/resolve', params: { ...plan, sessionId: 2 } }]);
    assert.equal(registry.current!.id, 1);
  });

  it('asks for a rule for a fault of the session named', async () => {
    page.send({ jsonrpc: '2.0', method: 'rule/asked', params: { sessionId: 1, faultId: 4 } });
    page.send({ jsonrpc: '2.0', method: 'rule/asked', params: { sessionId: 1, faultId: '4' } });
    await settled(page);
    assert.deepEqual(asked, ['rule 1 4']);
    assert.match(problems[0]!, /^rule\/asked: faultId/);
  });

  it('passes on the sentence of a refusal', async () => {
    helper.answer = () => Promise.reject(new Error('Fault 7 is over.'));
    const reply = await page.request(1, 'fault/wake', { sessionId: 1, faultIds: [7] });
    assert.equal(reply.error?.message, 'Fault 7 is over.');
  });

  const malformed: readonly [string, string, unknown, RegExp][] = [
    ['no fault', 'fault/wake', { sessionId: 1, faultIds: [] }, /^fault\/wake: faultIds/],
    ['a fault id as text', 'fault/wake', { sessionId: 1, faultIds: ['1'] }, /^fault\/wake: faultIds\.0/],
    ['a range to wake', 'fault/wake', { sessionId: 1, start: '0x1000', lengthBytes: 1 }, /^fault\/wake: /],
    ['parameters by position', 'fault/wake', [1, 2, 3], /^fault\/wake: /],
    ['a byte above 255', 'fault/resolve', resolveFrom({ kind: 'fill', byte: 256 }), /: action\.source\.byte/],
    ['bytes that are not base64', 'fault/resolve', resolveFrom({ kind: 'bytes', bytes: 'AAA' }), /\.bytes/],
    [
      'a path for a file',
      'fault/resolve',
      resolveFrom({ kind: 'file', file: '/etc/shadow', offsetBytes: 0 }),
      /\.file/,
    ],
    ['a length of zero', 'fault/resolve', resolveRequest({ lengthPages: 0 }), /^fault\/resolve: lengthPages/],
    [
      'an ioctl that cannot be asked for',
      'fault/resolve',
      resolveRequest({ action: { ioctl: 'remap' } }),
      /action\.ioctl/,
    ],
    [
      'a field nobody asked for',
      'fault/resolve',
      resolveRequest({ command: 'quit' }),
      /^fault\/resolve: command/,
    ],
    ['no session', 'fault/wake', { faultIds: [1] }, /^fault\/wake: sessionId/],
    [
      'more memory than is shown at once',
      'memory/read',
      { sessionId: 1, address: '0x1000', lengthBytes: 65537 },
      /^memory\/read: lengthBytes/,
    ],
    [
      'an address as a number',
      'source/preview',
      { sessionId: 1, source: { kind: 'fill', byte: 0 }, address: 4096, lengthBytes: 16 },
      /^source\/preview: address/,
    ],
    ['pages that are nothing', 'fault/preflight', { sessionId: 1, what: {} }, /^fault\/preflight: what/],
    [
      'an unknown register mode',
      'range/register',
      { sessionId: 1, start: '0x1000', lengthBytes: 4096, modes: ['RWP'] },
      /^range\/register: modes\.0/,
    ],
    ['an unknown request', 'workbench.action.quit', {}, /Unhandled method/],
  ];
  for (const [what, method, params, sentence] of malformed) {
    it(`answers ${what} with one clear error and does nothing`, async () => {
      const reply = await page.request(1, method, params);
      assert.match(reply.error!.message, sentence);
      assert.deepEqual([helper.asked, asked], [[], []]);
      assert.equal(page.received.length, 1);
    });
  }

  it('survives messages that are not JSON-RPC, reports each, and goes on', async () => {
    const garbage = [
      null,
      undefined,
      7,
      'hello',
      [],
      {},
      { type: 'ready' },
      { jsonrpc: '1.0', id: 1, method: 'view/hydrate' },
      { jsonrpc: '2.0', id: { a: 1 }, method: 'view/hydrate' },
      { jsonrpc: '2.0', id: 1, result: {} },
      { jsonrpc: '2.0', method: 'selection/didChange', params: 'all' },
    ];
    garbage.forEach((message) => page.send(message));
    for (const params of [undefined, {}, { id: {} }, [1]]) {
      page.send({ jsonrpc: '2.0', method: '$/cancelRequest', params });
    }
    page.send({ jsonrpc: '2.0', method: '$/setTrace', params: { value: 'verbose' } });
    const { result } = await page.request(1, 'view/hydrate', [null]);
    assert.ok(result);
    assert.equal(problems.length, garbage.length);
  });

  const select = (faultId: unknown, faultIds: unknown, sessionId = 1): void =>
    page.send({ jsonrpc: '2.0', method: 'selection/didChange', params: { sessionId, faultId, faultIds } });

  it('takes a valid selection in its order, and keeps it when the next one is malformed', async () => {
    select(3, [7, 3, 5]);
    select(-3, []);
    select(3, ['3']);
    await settled(page);
    assert.deepEqual(controller.selection, { faultId: 3, faultIds: [7, 3, 5] });
    assert.match(problems[0]!, /^selection\/didChange: faultId/);
    assert.match(problems[1]!, /^selection\/didChange: faultIds\.0/);
  });

  it('forgets the selection with the session it was made in, and when the page is hidden', async () => {
    const nothing = { faultId: null, faultIds: [] };
    select(3, [3]);
    await settled(page);
    helper.failures.fire();
    await registry.attach({ pid: 101 });
    assert.deepEqual(controller.selection, nothing, 'another session has other faults');
    page.received.length = 0;
    select(3, [3], 2);
    await settled(page);
    assert.equal(controller.selection.faultId, 3);
    controller.setVisible(false);
    assert.deepEqual(controller.selection, nothing);
  });

  it('refuses what a page asks about a session that is closed', async () => {
    helper.end(1);
    registry.close(registry.sessions);
    const reply = await page.request(1, 'fault/wake', { sessionId: 1, faultIds: [1] });
    assert.equal(reply.error?.message, 'It is closed.');
    assert.deepEqual(helper.asked, []);
  });

  it('takes the bytes of several huge pages', async () => {
    const bytes = Buffer.alloc(12 * 1024 * 1024, 1).toString('base64');
    const reply = await page.request(1, 'fault/resolve', resolveFrom({ kind: 'bytes', bytes }));
    assert.equal(reply.error, undefined);
    assert.equal(helper.asked.length, 1);
  });

  it('does what the buttons of the empty page ask, and no other command', async () => {
    page.send({ jsonrpc: '2.0', method: 'attach/asked' });
    page.send({ jsonrpc: '2.0', method: 'demo/asked' });
    page.send({ jsonrpc: '2.0', method: 'recording/asked' });
    page.send({ jsonrpc: '2.0', method: 'command/run', params: { command: 'workbench.action.quit' } });
    await settled(page);
    assert.deepEqual(asked, ['attach', 'demo', 'recording']);
    assert.match(problems[0]!, /command\/run/);
  });

  it('refuses to resolve when the session is over', async () => {
    helper.end(1);
    const reply = await page.request(1, 'fault/wake', { sessionId: 1, faultIds: [1] });
    assert.equal(reply.error?.message, 'It has ended.');
  });

  it('never answers a page that was made anew with an answer for the former one', async () => {
    let finish = (): void => undefined;
    helper.answer = () => new Promise((resolve) => (finish = () => resolve(result())));
    page.send({ jsonrpc: '2.0', id: 1, method: 'fault/wake', params: { sessionId: 1, faultIds: [1] } });
    while (helper.asked.length === 0) {
      await setImmediate();
    }
    controller.setVisible(false);
    controller.setVisible(true);
    finish();
    await settled(page);
    assert.ok(page.received.every(({ id }) => id !== 1));
  });
});
