/** `stress-ng --userfaultfd`, a target nobody here wrote: its handlers are alive and must stay unharmed. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { ResponseError } from 'vscode-jsonrpc/node';
import type { ErrorDto } from '../../native-helper/protocol/errors.ts';
import { ProcessListRequest, type ProcessDto } from '../../native-helper/protocol/processes.ts';
import { provideStressNg } from '../workbench/systemPackages.ts';
import { eventually } from './eventually.ts';
import { Fixture } from './fixture.ts';
import { needsFullUffd, programOrSkip } from './programOrSkip.ts';

/** One keeps two CPUs busy; with more, whoever reads /proc about them waits for their memory maps. */
const stressors = 1;
const runSeconds = 4;
const lookIntervalMs = 300;
const rounds = 100;
/** Longer than the rounds take on a busy machine. */
const frozenRunSeconds = 300;

/** Whether the process is a stressor of that stress-ng: they all bear its session. */
function isOf(stress: ChildProcess, pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')')).split(' ')[4] === String(stress.pid);
  } catch {
    return false;
  }
}

describe('stress-ng --userfaultfd', function () {
  this.timeout(60_000);
  const fixture = new Fixture();
  let program = '';
  let stress: ChildProcess | undefined;
  afterEach(async () => {
    if (stress?.exitCode === null) {
      const exit = once(stress, 'exit');
      // Its whole session: an aborted parent would leave its stressors running.
      process.kill(-stress.pid!, 'SIGKILL');
      await exit;
    }
    await fixture.stop();
  });

  before(async function () {
    this.timeout(180_000);
    needsFullUffd(this, 'stress-ng');
    program = await programOrSkip(this, provideStressNg);
  });

  /** Starts it, in a session of its own; `output` is what it prints. */
  function start(seconds: number): { running: ChildProcess; output: () => string } {
    let output = '';
    const options = ['--userfaultfd', `${stressors}`, '--timeout', `${seconds}`, '--temp-path', tmpdir()];
    const running = spawn(program, options, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    stress = running;
    running.stdout.on('data', (text: Buffer) => (output += text.toString()));
    running.stderr.on('data', (text: Buffer) => (output += text.toString()));
    return { running, output: () => output };
  }

  it('is refused every time, whichever of its processes and descriptors, and ends with success', async () => {
    const helper = await fixture.helper();
    const { running, output } = start(runSeconds);
    const refusals = new Map<string, number>();
    const attackedPids = new Set<number>();
    let listedRanges = 0;
    while (running.exitCode === null) {
      const listed = await helper.connection.sendRequest(ProcessListRequest, {});
      for (const { pid, uffds, ranges } of listed.filter(({ pid }) => isOf(running, pid))) {
        listedRanges += ranges.length;
        for (const { fd } of uffds) {
          attackedPids.add(pid);
          const refusal: unknown = await helper.attach(pid, fd).then(
            () => assert.fail(`process ${pid} was taken over`),
            (error: unknown) => error,
          );
          assert.ok(refusal instanceof ResponseError, String(refusal));
          assert.match(refusal.message, /\.$/);
          const { cause } = refusal.data as ErrorDto;
          refusals.set(cause, (refusals.get(cause) ?? 0) + 1);
        }
      }
    }
    assert.equal(running.exitCode, 0, output());
    assert.match(output(), /successful run completed/);
    const counts = JSON.stringify([...refusals]);
    // Only at its very end may there be nothing left to refuse for.
    const allowed = ['handlerIsLive', 'noSuchProcess', 'noUffd', 'apiNotDone'];
    assert.deepEqual(
      [...refusals.keys()].filter((cause) => !allowed.includes(cause)),
      [],
    );
    assert.ok((refusals.get('handlerIsLive') ?? 0) >= 5, counts);
    assert.ok(attackedPids.size >= 2 * stressors, 'both processes of each stressor own the descriptor');
    assert.ok(listedRanges > 0);
    assert.deepEqual(helper.ends, []);
  });

  it('is not stuck in the eyes of Inspect, however often that looks', async () => {
    const helper = await fixture.helper();
    const { running, output } = start(2 * runSeconds);
    let looks = 0;
    while (running.exitCode === null) {
      const { ctxs } = await helper.inspect();
      for (const { holders, findings } of ctxs) {
        if (holders.some(({ pid }) => isOf(running, pid))) {
          looks++;
          assert.deepEqual(findings, []);
        }
      }
      await setTimeout(lookIntervalMs);
    }
    assert.ok(looks >= 3, `${looks} looks have seen it`);
    assert.equal(running.exitCode, 0, output());
    assert.match(output(), /successful run completed/);
  });

  it('goes on after each of 100 rounds of freeze, take and hand back, and ends with success', async function () {
    this.timeout(300_000);
    const helper = await fixture.helper();
    const { running, output } = start(frozenRunSeconds);
    const listed = async (): Promise<ProcessDto | undefined> =>
      (await helper.connection.sendRequest(ProcessListRequest, {})).find(
        ({ pid, uffds, ranges }) => isOf(running, pid) && uffds.length > 0 && ranges.length > 0,
      );
    let owner = await listed();
    while (owner === undefined && running.exitCode === null) {
      owner = await listed();
    }
    assert.ok(owner, output());
    let held = 0;
    for (let round = 1; round <= rounds; round++) {
      const session = await helper.attachFrozen(owner.pid, owner.uffds[0]!.fd);
      assert.ok(session.frozen.length > 0, `round ${round}`);
      const log = helper.log(session.sessionId);
      await eventually(`round ${round} holds a fault`, () => log.open.size > 0);
      held += (await helper.detach(session.sessionId)).handedBack;
    }
    assert.ok(held >= rounds);
    assert.equal(running.exitCode, null, `still running after ${rounds} rounds: ${output()}`);
    // Asked to, the stressors finish what they are at and check it.
    running.kill('SIGINT');
    await eventually('it ends by itself', () => running.exitCode !== null, 30_000);
    assert.equal(running.exitCode, 0, output());
    assert.match(output(), /successful run completed/);
    assert.doesNotMatch(output(), /error|fail/i);
  });
});
