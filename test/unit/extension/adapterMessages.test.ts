import assert from 'node:assert/strict';
import { debuggedPid, tellsProgress } from '../../../extension/debug/adapterMessages.ts';

const processEvent = (body: object) => ({ seq: 3, type: 'event', event: 'process', body });
const attach = (args: object) => ({ seq: 2, type: 'request', command: 'attach', arguments: args });

describe('messages of debug adapters', () => {
  it('name the process in the event of its start', () => {
    assert.equal(
      debuggedPid(
        processEvent({
          name: '/bin/true',
          systemProcessId: 42,
          isLocalProcess: true,
          startMethod: 'launch',
          pointerSize: 64,
        }),
      ),
      42,
    );
    assert.equal(debuggedPid(processEvent({ name: 'true', systemProcessId: 42 })), 42);
  });

  it('name it in the request to attach, by either name and as text too', () => {
    assert.equal(debuggedPid(attach({ pid: 42 })), 42);
    assert.equal(debuggedPid(attach({ processId: 42, program: '/bin/true' })), 42);
    assert.equal(debuggedPid(attach({ processId: '42' })), 42);
  });

  it('name it in what CodeLLDB writes after a launch, not in what a program writes', () => {
    const output = (text: string, category?: string) => ({
      type: 'event',
      event: 'output',
      body: { category, output: text },
    });
    const launched = 'Launched process 42 from \'"/home/me/target/debug/handler"\'\n';
    assert.equal(debuggedPid(output(launched)), 42);
    assert.equal(debuggedPid(output(launched, 'console')), 42);
    assert.equal(debuggedPid(output(launched, 'stdout')), undefined);
    assert.equal(debuggedPid(output(`> ${launched}`)), undefined);
    assert.equal(debuggedPid(output('Launching: /home/me/target/debug/handler\n')), undefined);
  });

  it('name none of another machine', () => {
    assert.equal(debuggedPid(processEvent({ systemProcessId: 42, isLocalProcess: false })), undefined);
    for (const elsewhere of [
      { pipeTransport: { pipeProgram: 'ssh' } },
      { miDebuggerServerAddress: 'board:3333' },
      { 'gdb-remote-port': 3333 },
      { 'gdb-remote-hostname': 'board' },
      { target: 'board:3333' },
    ]) {
      assert.equal(debuggedPid(attach({ processId: 42, ...elsewhere })), undefined);
      assert.equal(debuggedPid(attach({ pid: 42, ...elsewhere })), undefined);
    }
  });

  it('name none when they have no pid, or none that a process can have', () => {
    for (const systemProcessId of [undefined, null, -1, 0, 1.5, 2 ** 31, '', '12a', {}]) {
      assert.equal(debuggedPid(processEvent({ systemProcessId })), undefined);
      assert.equal(debuggedPid(attach({ pid: systemProcessId })), undefined);
    }
    for (const message of [
      undefined,
      null,
      42,
      'process',
      {},
      processEvent([]),
      { type: 'event', event: 'process' },
      { type: 'request', command: 'launch', arguments: { pid: 42 } },
      { type: 'response', command: 'attach', success: true, body: { systemProcessId: 42 } },
    ]) {
      assert.equal(debuggedPid(message), undefined);
    }
  });

  it('tell that the process runs or has run, or nothing of that', () => {
    for (const message of [
      processEvent({}),
      { type: 'event', event: 'stopped', body: { reason: 'step' } },
      { type: 'event', event: 'continued', body: { threadId: 1 } },
      { type: 'event', event: 'thread', body: { reason: 'started', threadId: 2 } },
      { type: 'response', command: 'continue', success: true },
      { type: 'response', command: 'configurationDone', success: true },
      { type: 'response', command: 'attach', success: true },
      { type: 'response', command: 'launch', success: true },
    ]) {
      assert.equal(tellsProgress(message), true, JSON.stringify(message));
    }
    for (const message of [
      undefined,
      'stopped',
      { type: 'event', event: 'output', body: { output: 'stopped' } },
      { type: 'request', command: 'continue' },
      { type: 'response', command: 'continue', success: false },
      { type: 'response', command: 'stackTrace', success: true },
    ]) {
      assert.equal(tellsProgress(message), false, JSON.stringify(message));
    }
  });
});
