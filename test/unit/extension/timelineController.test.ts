import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { Emitter } from 'vscode-jsonrpc/node';
import { SessionRegistry } from '../../../extension/session/sessionRegistry.ts';
import { TimelineController } from '../../../extension/timeline/timelineController.ts';
import { unpackRows } from '../../../native-helper/log/eventRows.ts';
import { batchInBase64, FakeHelper, raisedRow, sessionDto } from './fakeHelper.ts';

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

/** Lets every message that is already under way arrive. */
async function settled(page: FakePage): Promise<void> {
  await page.request(9999, 'no/suchRequest', {});
}

const fillWithZero = { ioctl: 'copy', source: { kind: 'fill', byte: 0 }, dontWake: true };

describe('the host side of the timeline', () => {
  let helper: FakeHelper;
  let registry: SessionRegistry;
  let page: FakePage;
  let controller: TimelineController;
  let problems: string[];
  let asked: string[];

  beforeEach(async () => {
    helper = new FakeHelper();
    helper.nextAttach = () => Promise.resolve(sessionDto(1));
    registry = new SessionRegistry(helper, 'The helper ended.', () => undefined);
    page = new FakePage();
    problems = [];
    asked = [];
    controller = new TimelineController(page, registry, {
      notAttachedText: 'Attach first.',
      otherSessionText: 'Another session.',
      attach: () => asked.push('attach'),
      startDemo: () => asked.push('demo'),
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
    helper.rows.fire({ sessionId: 1, rows: batchInBase64(sequence, raisedRow(sequence)) });
  };

  it('answers hydration with the session, its history and its clock', async () => {
    fireRows(1);
    helper.threads.fire({ sessionId: 1, thread: { tid: 5, comm: 'worker' } });
    const { result } = await page.request(1, 'view/hydrate', [null]);
    const { view, batches, droppedRows, nowNs } = result as {
      view: { session: { pid: number }; threads: unknown; endText: null; endReason: null };
      batches: ArrayBuffer[];
      droppedRows: number;
      nowNs: number;
    };
    assert.equal(view.session.pid, 100);
    assert.deepEqual(view.threads, [{ tid: 5, comm: 'worker' }]);
    assert.equal(view.endText, null);
    assert.equal(view.endReason, null);
    assert.equal(unpackRows(batches[0]!).count, 1);
    assert.equal(droppedRows, 0);
    assert.ok(nowNs > 0);
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

  it('tells the page that the session ended, with its reason and sentence', async () => {
    await page.request(1, 'view/hydrate', [null]);
    helper.ends.fire({ sessionId: 1, reason: 'targetExited', text: 'It has ended.' });
    const change = page.received.find(({ method }) => method === 'session/didChange');
    const { view } = change?.params as { view: { endText: string; endReason: string } };
    assert.deepEqual([view.endText, view.endReason], ['It has ended.', 'targetExited']);
  });

  it('does what a valid request asks and answers with the results', async () => {
    helper.answer = () =>
      Promise.resolve([{ faultId: 1, ioctl: 'copy', start: '0x1000', lengthBytes: 4096, text: 'Done.' }]);
    const reply = await page.request(1, 'fault/resolve', {
      sessionId: 1,
      faultIds: [1],
      action: fillWithZero,
      lengthPages: 1,
    });
    assert.equal((reply.result as { text: string }[])[0]?.text, 'Done.');
    assert.deepEqual(helper.resolved, [
      { sessionId: 1, faultIds: [1], action: fillWithZero, lengthPages: 1 },
    ]);
  });

  it('passes on the sentence of a refusal', async () => {
    helper.answer = () => Promise.reject(new Error('Fault 7 is over.'));
    const reply = await page.request(1, 'fault/wake', { sessionId: 1, faultIds: [7] });
    assert.equal(reply.error?.message, 'Fault 7 is over.');
  });

  const malformed: readonly [string, string, unknown, RegExp][] = [
    ['no fault', 'fault/wake', { sessionId: 1, faultIds: [] }, /^fault\/wake: faultIds/],
    [
      'a fault id that is no number',
      'fault/wake',
      { sessionId: 1, faultIds: ['1'] },
      /^fault\/wake: faultIds\.0/,
    ],
    ['parameters by position', 'fault/wake', [1, 2, 3], /^fault\/wake: /],
    [
      'a byte above 255',
      'fault/resolve',
      {
        sessionId: 1,
        faultIds: [1],
        action: { ...fillWithZero, source: { kind: 'fill', byte: 256 } },
        lengthPages: 1,
      },
      /^fault\/resolve: action\.source\.byte/,
    ],
    [
      'a length of zero',
      'fault/resolve',
      { sessionId: 1, faultIds: [1], action: fillWithZero, lengthPages: 0 },
      /^fault\/resolve: lengthPages/,
    ],
    [
      'an unknown ioctl',
      'fault/resolve',
      { sessionId: 1, faultIds: [1], action: { ioctl: 'move' }, lengthPages: 1 },
      /^fault\/resolve: action\.ioctl/,
    ],
    [
      'a field nobody asked for',
      'fault/resolve',
      { sessionId: 1, faultIds: [1], action: fillWithZero, lengthPages: 1, command: 'workbench.action.quit' },
      /^fault\/resolve: command/,
    ],
    ['no session', 'fault/wake', { faultIds: [1] }, /^fault\/wake: sessionId/],
    [
      'bytes that are not base64',
      'fault/resolve',
      {
        sessionId: 1,
        faultIds: [1],
        action: { ...fillWithZero, source: { kind: 'bytes', bytes: 'AAA' } },
        lengthPages: 1,
      },
      /^fault\/resolve: action\.source\.bytes/,
    ],
    ['an unknown request', 'workbench.action.quit', {}, /Unhandled method/],
  ];
  for (const [what, method, params, sentence] of malformed) {
    it(`answers ${what} with one clear error and does nothing`, async () => {
      const reply = await page.request(1, method, params);
      assert.match(reply.error!.message, sentence);
      assert.deepEqual([helper.resolved, helper.woken], [[], []]);
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
    page.send({ jsonrpc: '2.0', method: '$/cancelRequest' });
    const { result } = await page.request(1, 'view/hydrate', [null]);
    assert.ok(result);
    assert.equal(problems.length, garbage.length);
  });

  it('takes a valid selection, and keeps it when the next one is malformed', async () => {
    page.send({ jsonrpc: '2.0', method: 'selection/didChange', params: { faultId: 3 } });
    page.send({ jsonrpc: '2.0', method: 'selection/didChange', params: { faultId: -3 } });
    await settled(page);
    assert.equal(controller.selectedFaultId, 3);
    assert.match(problems[0]!, /^selection\/didChange: faultId/);
  });

  it('forgets the selection with the session it was made in, and when the page is hidden', async () => {
    const selectThird = async (): Promise<void> => {
      page.send({ jsonrpc: '2.0', method: 'selection/didChange', params: { faultId: 3 } });
      await settled(page);
    };
    await selectThird();
    helper.failures.fire();
    await registry.attach({ pid: 101 });
    assert.equal(controller.selectedFaultId, null, 'another session has other faults');
    page.received.length = 0;
    await selectThird();
    assert.equal(controller.selectedFaultId, 3);
    controller.setVisible(false);
    assert.equal(controller.selectedFaultId, null);
  });

  it('refuses what a page asks about a former session', async () => {
    helper.failures.fire();
    await registry.attach({ pid: 101 });
    const reply = await page.request(1, 'fault/wake', { sessionId: 1, faultIds: [1] });
    assert.equal(reply.error?.message, 'Another session.');
    assert.deepEqual(helper.woken, []);
  });

  it('takes the bytes of several huge pages', async () => {
    const bytes = Buffer.alloc(12 * 1024 * 1024, 1).toString('base64');
    const action = { ...fillWithZero, source: { kind: 'bytes', bytes } };
    const request = { sessionId: 1, faultIds: [1], action, lengthPages: 1 };
    const reply = await page.request(1, 'fault/resolve', request);
    assert.equal(reply.error, undefined);
    assert.equal(helper.resolved.length, 1);
  });

  it('does what the two buttons of the empty page ask, and no other command', async () => {
    page.send({ jsonrpc: '2.0', method: 'attach/asked' });
    page.send({ jsonrpc: '2.0', method: 'demo/asked' });
    page.send({ jsonrpc: '2.0', method: 'command/run', params: { command: 'workbench.action.quit' } });
    await settled(page);
    assert.deepEqual(asked, ['attach', 'demo']);
    assert.match(problems[0]!, /command\/run/);
  });

  it('refuses to resolve when the session is over', async () => {
    helper.ends.fire({ sessionId: 1, reason: 'detached', text: 'Detached.' });
    const reply = await page.request(1, 'fault/wake', { sessionId: 1, faultIds: [1] });
    assert.equal(reply.error?.message, 'Attach first.');
  });

  it('never answers a page that was made anew with an answer for the former one', async () => {
    let finish = (): void => undefined;
    helper.answer = () => new Promise((resolve) => (finish = () => resolve([])));
    page.send({ jsonrpc: '2.0', id: 1, method: 'fault/wake', params: { sessionId: 1, faultIds: [1] } });
    while (helper.woken.length === 0) {
      await setImmediate();
    }
    controller.setVisible(false);
    controller.setVisible(true);
    finish();
    await settled(page);
    assert.ok(page.received.every(({ id }) => id !== 1));
  });
});
