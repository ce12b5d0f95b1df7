/** gdb and strace beside us: on the handler, on a thread that is not concerned, on another process. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { provideDebugger } from '../workbench/systemPackages.ts';
import { eventually } from './eventually.ts';
import { Fixture } from './fixture.ts';
import { programOrSkip } from './programOrSkip.ts';
import { refused } from './refused.ts';
import type { TargetProcess } from './targetProcess.ts';

const isRoot = process.getuid!() === 0;
const nobody = 65534;

describe('beside another debugger', function () {
  this.timeout(60_000);
  const fixture = new Fixture();
  const debuggers: ChildProcess[] = [];
  let gdb = '';
  let strace = '';

  before(async function () {
    this.timeout(180_000);
    gdb = await programOrSkip(this, () => provideDebugger('gdb'));
    strace = await programOrSkip(this, () => provideDebugger('strace'));
  });
  afterEach(async () => {
    await fixture.stop();
    await Promise.all(debuggers.splice(0).map(ended));
  });

  async function ended(child: ChildProcess): Promise<void> {
    if (child.exitCode === null && child.signalCode === null) {
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    }
  }

  function start(program: string, ...args: string[]): ChildProcess {
    const child = spawn(program, args, { stdio: ['pipe', 'ignore', 'ignore'] });
    debuggers.push(child);
    return child;
  }

  /** gdb with a process, all of whose threads it has stopped. */
  async function gdbOn(pid: number): Promise<ChildProcess> {
    const child = start(gdb, '-q', '-nx', '-ex', 'set debuginfod enabled off', '-p', String(pid));
    await eventually('gdb has stopped the process', () =>
      threadsOf(pid).every((tid) => stateOf(tid) === 't'),
    );
    return child;
  }

  async function continueIn(child: ChildProcess, pid: number): Promise<void> {
    child.stdin!.write('continue\n');
    await eventually('gdb lets it run', () => threadsOf(pid).every((tid) => stateOf(tid) !== 't'));
  }

  async function straceOn(tid: number): Promise<ChildProcess> {
    const child = start(strace, '-o', '/dev/null', '-p', String(tid));
    await eventually('strace traces the thread', () => tracerOf(tid) === child.pid && stateOf(tid) !== 't');
    return child;
  }

  /** A target whose handler is another process. @returns also that process */
  async function startPair(): Promise<{ target: TargetProcess; handlerPid: number }> {
    const target = await fixture.target('liveHandler', 'poll', 'process');
    return { target, handlerPid: await eventually('the handler waits', () => target.childWaitingInCall()) };
  }

  async function served(target: TargetProcess): Promise<void> {
    const before = target.touched.length;
    target.send('');
    await eventually('the fault is served', () => target.touched.length > before);
    assert.equal(target.touched.at(-1)!.byte, 'h'.charCodeAt(0));
  }

  it('a handler that runs in gdb is not frozen, and gdb is named; stopped there, it needs no freezing', async () => {
    const { target, handlerPid } = await startPair();
    const helper = await fixture.helper();
    const child = await gdbOn(handlerPid);
    await continueIn(child, handlerPid);
    await refused(helper.attach(target.pid), 'handlerIsLive', /in (poll|restart_syscall)/);
    await refused(
      helper.attachFrozen(target.pid),
      'handlerNotFreezable',
      new RegExp(`is traced by process ${child.pid} \\(gdb\\).*stop the handler there and attach again`),
    );
    await served(target);

    child.kill('SIGINT');
    await eventually('gdb has stopped the handler', () => stateOf(handlerPid) === 't');
    const session = await helper.attach(target.pid);
    assert.match(
      session.notes.join(' '),
      new RegExp(`thread ${handlerPid} .* is stopped by process ${child.pid} \\(gdb\\)`),
    );
    target.send('');
    await eventually('its fault is held', () => helper.log(session.sessionId).open.size === 1);
    assert.equal((await helper.detach(session.sessionId)).handedBack, 1);
    child.stdin!.write('detach\n');
    await eventually('the handler serves what it missed', () => target.touched.length === 2);
  });

  it('gdb on the whole target: attached without freezing, and all goes on when gdb lets go', async () => {
    const target = await fixture.target('liveHandler', 'epoll');
    const helper = await fixture.helper();
    await served(target);
    const child = await gdbOn(target.pid);
    const { sessionId } = await helper.attach(target.pid);
    await helper.detach(sessionId);
    child.stdin!.write('detach\n');
    await eventually('gdb has let go', () => threadsOf(target.pid).every((tid) => tracerOf(tid) === 0));
    await served(target);
  });

  it('strace on the handler is named; on another thread or process it is in nobody’s way', async () => {
    const target = await fixture.target('liveHandler', 'poll');
    const other = await startPair();
    const helper = await fixture.helper();
    await served(target);
    const handler = threadsOf(target.pid).find((tid) => tid !== target.pid)!;
    const onHandler = await straceOn(handler);
    await refused(
      helper.attachFrozen(target.pid),
      'handlerNotFreezable',
      new RegExp(`thread ${handler} \\(handler\\) .* is traced by process ${onHandler.pid} \\(strace\\)`),
    );
    await served(target);
    await ended(onHandler);

    await straceOn(target.pid);
    await gdbOn(other.handlerPid);
    const { sessionId, frozen } = await helper.attachFrozen(target.pid);
    assert.deepEqual(
      frozen.map(({ tid }) => tid),
      [handler],
    );
    target.send('');
    await eventually('its fault is held', () => helper.log(sessionId).open.size === 1);
    await helper.detach(sessionId);
    await eventually('the handler serves it', () => target.touched.length === 3);
    assert.notEqual(tracerOf(target.pid), 0, 'strace goes on');
  });

  it('a handler of root is not frozen by an ordinary user, who is told what it takes', async function () {
    if (!isRoot) {
      console.log('      skipped: it takes root to be two users');
      this.skip();
    }
    const { target, handlerPid } = await startPair();
    const helper = await fixture.helper(nobody);
    await refused(helper.attachFrozen(target.pid), 'notPermitted', /uid 0 .*uid 65534/);
    assert.equal(tracerOf(handlerPid), 0);
    await served(target);
  });
});

function threadsOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).map(Number);
}

/** State letter of a thread. */
function stateOf(tid: number): string {
  const stat = readFileSync(`/proc/${tid}/stat`, 'latin1');
  return stat.charAt(stat.lastIndexOf(')') + 2);
}

function tracerOf(tid: number): number {
  return Number(/^TracerPid:\s+(\d+)/m.exec(readFileSync(`/proc/${tid}/status`, 'latin1'))![1]);
}
