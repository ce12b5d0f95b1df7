/** Nobody stranded when VS Code itself is killed: its extension host, its server, and ours with them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { helperName } from '../../native-helper/inspect/debuggerNames.ts';
import { readUffd } from '../../native-helper/inspect/descriptors.ts';
import { findHolders } from '../../native-helper/inspect/holders.ts';
import { procComm, procRoot } from '../../native-helper/inspect/procFile.ts';
import { eventually } from '../helper/eventually.ts';
import { guardiansOf } from '../helper/guardiansOf.ts';
import { HelperProcess } from '../helper/helperProcess.ts';
import { isRunning, stoppedOrTraced } from '../helper/processTasks.ts';
import { filling, rule } from '../helper/ruleBuilders.ts';
import { TargetProcess } from '../helper/targetProcess.ts';
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
    const { inode } = readUffd(procRoot, target.pid, target.ready!.fd)!;
    const holders = findHolders(procRoot, inode).map(({ pid }) => pid);
    const helpers = holders.filter((pid) => procComm(`${procRoot}/${pid}`) === helperName);
    assert.equal(helpers.length, 1, 'one helper holds its uffd');
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

      await target.pending(threads);
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

function parentOf(pid: number): number {
  return Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]);
}
