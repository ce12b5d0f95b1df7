/** Nobody stranded when VS Code itself is killed: its extension host, its server, and ours with them. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { eventually } from '../helper/eventually.ts';
import { guardiansOf } from '../helper/guardiansOf.ts';
import { HelperProcess } from '../helper/helperProcess.ts';
import { isRunning, stoppedOrTraced } from '../helper/processTasks.ts';
import { filling, rule } from '../helper/ruleBuilders.ts';
import { holdsUffd, TargetProcess } from '../helper/targetProcess.ts';
import { useWorkbench } from './useWorkbench.ts';

type Victim = 'extension host' | 'server' | 'helper' | 'guardian';

/** What is killed, in this order; numbers are milliseconds in between. */
const orders: readonly (readonly (Victim | number)[])[] = [
  ['extension host'],
  ['server'],
  ['server', 'extension host'],
  ['extension host', 5, 'helper'],
  ['guardian', 'extension host', 20, 'server'],
  ['helper', 'server'],
  ['server', 30, 'guardian', 10, 'helper'],
  ['guardian', 'helper', 'extension host', 'server'],
];
const threads = 3;

describe('when VS Code is killed', function () {
  this.timeout(120_000);
  const ui = useWorkbench();
  let target: TargetProcess;
  let helperPid: number;

  beforeEach(async () => {
    target = await TargetProcess.start('missing', '--threads', String(threads), '--pages', '2');
    await target.asleep(threads);
    await ui.workbench.runCommand('Userfaultfd: Attach to Process');
    await ui.workbench.isAsked('Choose a process that uses userfaultfd');
    await ui.workbench.answer(String(target.pid), 'missing');
    await ui.workbench.timelineHas('data-held', threads);
    const helpers = pids().filter((pid) => nameOf(pid) === 'uffd-helper' && holdsUffd(pid));
    assert.equal(helpers.length, 1, 'one helper holds a uffd');
    helperPid = helpers[0]!;
  });
  afterEach(() => target.stop());

  for (const order of orders) {
    it(`every thread goes on: ${order.join(', ')}`, async () => {
      const extensionHost = parentOf(helperPid);
      const pidsOf: Record<Victim, number> = {
        helper: helperPid,
        'extension host': extensionHost,
        server: parentOf(extensionHost),
        guardian: guardiansOf(helperPid)[0]!,
      };
      for (const step of order) {
        if (typeof step === 'number') {
          await setTimeout(step);
        } else {
          kill(pidsOf[step]);
        }
      }

      await eventually('every fault is raised again', () => target.faultCounts().pending === threads);
      await eventually('nothing of ours is left', () => {
        return !isRunning(helperPid) && guardiansOf(helperPid).length === 0;
      });
      assert.deepEqual(stoppedOrTraced(target.pid), []);
      const next = await HelperProcess.start();
      await next.attachWith({ pid: target.pid, rules: [rule(filling(0x5a))] });
      await eventually('every thread has finished', () => target.finished === threads);
      await next.stop();
    });
  }
});

/** It may have ended by itself, because of an earlier kill. */
function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    assert.ok(!isRunning(pid));
  }
}

function pids(): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0);
}

/** Name of a process; empty when it is gone. */
function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]);
}
