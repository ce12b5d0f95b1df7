import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { Emitter } from 'vscode-jsonrpc/node';
import { SessionRegistry } from '../../../extension/session/sessionRegistry.ts';
import { StripController } from '../../../extension/strip/stripController.ts';
import type { StripDto } from '../../../webview/stripProtocol.ts';
import { eventually } from '../../helper/eventually.ts';
import { FakeHelper, noSymbols } from './fakeHelper.ts';

describe('the host side of the live strip', () => {
  let helper: FakeHelper;
  let registry: SessionRegistry;
  let controller: StripController;
  let asked: string[];
  let problems: string[];
  let told: { method: string; params: { strip: StripDto | null } }[];
  const sent = new Emitter<unknown>();
  const send = (method: string, params?: unknown): void => {
    sent.fire({ jsonrpc: '2.0', method, params });
  };

  beforeEach(() => {
    helper = new FakeHelper();
    registry = new SessionRegistry(
      helper,
      'The helper ended.',
      () => undefined,
      () => 1e6,
      noSymbols,
    );
    asked = [];
    problems = [];
    told = [];
    const page = {
      onDidReceiveMessage: sent.event,
      postMessage: (message: unknown) => {
        told.push(message as (typeof told)[number]);
        return Promise.resolve(true);
      },
    };
    controller = new StripController(page, registry, {
      attach: () => asked.push('attach'),
      startDemo: () => asked.push('demo'),
      openRecording: () => asked.push('recording'),
      show: (session, faultId) => asked.push(`show ${session.id} ${faultId}`),
      nameOf: ({ dto }) => dto.comm,
      reportProblem: (problem) => problems.push(problem),
    });
  });
  afterEach(() => {
    controller.dispose();
    registry.dispose();
  });

  const attach = () => registry.attach({ pid: 1, fd: 3, inode: 7, freeze: false, closeLast: false } as never);
  const last = (): StripDto | null | undefined => told.at(-1)?.params.strip;

  it('tells a strip that is seen and follows what there is, again and again', async () => {
    controller.setVisible(true);
    send('strip/follow');
    await eventually('it is told that nothing is attached', () => last() === null);
    await attach();
    helper.raiseMany(1, 1, 3);
    await eventually('the faults are counted', () => last()?.open === 3);
    assert.equal(last()?.title, 'target');
    assert.equal(last()?.held, 0);
    helper.raiseMany(1, 4, 2);
    await eventually('and the new ones too', () => last()?.open === 5);
  });

  it('sends nothing while the strip is hidden or paused', async () => {
    await attach();
    send('strip/follow');
    await setImmediate();
    assert.deepEqual(told, [], 'it is hidden');
    controller.setVisible(true);
    await eventually('it is seen', () => told.length > 0);
    send('strip/pause');
    await setImmediate();
    const before = told.length;
    helper.raiseMany(1, 1, 3);
    await new Promise((done) => setTimeout(done, 600));
    assert.equal(told.length, before, 'it is paused');
    send('strip/follow');
    await eventually('what came meanwhile is there', () => last()?.open === 3);
    controller.setVisible(false);
    const seen = told.length;
    await new Promise((done) => setTimeout(done, 600));
    assert.equal(told.length, seen, 'it is hidden again');
  });

  it('does what its buttons ask, and reports what it cannot take', async () => {
    await attach();
    send('strip/attach');
    send('strip/demo');
    send('strip/recording');
    send('strip/show', { sessionId: 1, faultId: 7 });
    send('strip/show', { sessionId: 1, faultId: null });
    send('strip/show', { sessionId: 99, faultId: 7 });
    send('strip/show', { sessionId: 1, faultId: 'x' });
    await eventually('all has arrived', () => problems.length === 1);
    assert.deepEqual(asked, ['attach', 'demo', 'recording', 'show 1 7', 'show 1 null']);
    assert.match(problems[0]!, /^strip\/show: faultId/);
  });
});
