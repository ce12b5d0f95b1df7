import assert from 'node:assert/strict';
import { truncateSync } from 'node:fs';
import * as vscode from 'vscode';
import { runBatch } from '../../extension/commands/runBatch.ts';
import { pickWakeOrder } from '../../extension/commands/steps/pickWakeOrder.ts';
import { Command } from '../../extension/contributions.ts';
import type { OpenFault } from '../../native-helper/log/openFaults.ts';
import type { BatchResultDto } from '../../native-helper/protocol/ioctls.ts';
import { eventually } from '../helper/eventually.ts';
import { attachHolding, sessionWith } from './extensionUnderTest.ts';
import { useTargets } from './useTargets.ts';

describe('batches', () => {
  const test = useTargets();

  it('resolve all held faults with DONTWAKE, and wake them in the order chosen', async () => {
    const target = await test.start('missing', '--threads', '4', '--pages', '1');
    await attachHolding({ pid: target.pid }, 4);
    test.user.will(
      { pick: /All 4 held/ },
      { pick: /COPY/ },
      { pick: /Fill byte/ },
      { type: '9' },
      { pick: /The fault’s page/ },
      { pick: /DONTWAKE/ },
    );
    await vscode.commands.executeCommand(Command.resolveFault);
    await test.user.reads(/UFFDIO_COPY: all 4 succeeded/);
    await sessionWith('all are asleep', ({ sleepingFaults }) => sleepingFaults.length === 4);
    assert.equal(target.touched.length, 0);
    test.user.will({ pick: /All 4 open/ }, { pick: /Newest first/ });
    await vscode.commands.executeCommand(Command.wake);
    await test.user.reads(/UFFDIO_WAKE: all 4 succeeded/);
    await eventually('all threads went on', () => target.finished === 4);
  });

  const fault = (id: number, raisedNs: number, address: bigint): OpenFault =>
    ({ id, raisedNs, address }) as OpenFault;
  const selected = [fault(2, 20, 0x3000n), fault(1, 10, 0x2000n), fault(3, 30, 0x1000n)];
  for (const [order, ids] of [
    [/selected/, [2, 1, 3]],
    [/Oldest/, [1, 2, 3]],
    [/Newest/, [3, 2, 1]],
    [/address/, [3, 1, 2]],
  ] as const) {
    it(`are woken by ${order.source}`, async () => {
      test.user.will({ pick: order });
      assert.deepEqual(await pickWakeOrder('Wake', selected, true), ids);
    });
  }

  it('ask for no order for one fault, nor for that of a selection there is none of', async () => {
    assert.deepEqual(await pickWakeOrder('Wake', [selected[0]!], true), [2]);
    test.user.will({ pick: /selected/ });
    await assert.rejects(async () => pickWakeOrder('Wake', selected, false), /selected\/ is among/);
  });

  describe('that take long', () => {
    const window = vscode.window as { withProgress: typeof vscode.window.withProgress };
    const { withProgress } = window;
    afterEach(() => {
      window.withProgress = withProgress;
    });

    const answer: BatchResultDto = { succeeded: 1, failed: 0, undone: 2, results: [] };

    it('show how far they are, and stop when they are cancelled', async () => {
      const messages: (string | undefined)[] = [];
      const cancelling = new vscode.CancellationTokenSource();
      window.withProgress = (_, task) =>
        task(
          {
            report: ({ message }) => {
              messages.push(message);
              cancelling.cancel();
            },
          },
          cancelling.token,
        );
      const result = await runBatch('Batch', ({ onProgress, cancellation }) => {
        onProgress?.({ done: 1, total: 3 });
        return new Promise((resolve) => cancellation!.onCancellationRequested(() => resolve(answer)));
      });
      assert.deepEqual(result, answer);
      assert.equal(messages[0], '1 of 3');
    });

    it('stop between two pages, and say how far they came', async () => {
      const pages = 65_536;
      const target = await test.start('memory', '--modes', 'missing', '--pages', String(pages));
      await vscode.commands.executeCommand(Command.attachToProcess, { pid: target.pid });
      await sessionWith('it is attached', ({ ranges }) => ranges.length === 1);
      const image = test.file(Buffer.alloc(1, 0x5a));
      truncateSync(image, pages * 4096);
      const cancelling = new vscode.CancellationTokenSource();
      const progress: vscode.Progress<{ message?: string; increment?: number }> = {
        report: ({ message }) => {
          if (!message!.startsWith('0 ')) {
            cancelling.cancel();
          }
        },
      };
      window.withProgress = (_, task) => task(progress, cancelling.token);
      test.user.will(
        { pick: /^0x/ },
        { pick: /COPY/ },
        { pick: /Memory image/ },
        { open: image },
        { type: target.pageAt(0) },
        { pick: /Wake the thread/ },
      );
      await vscode.commands.executeCommand(Command.ioctlOnRange);
      const { text } = await eventually('an answer', () => test.user.messages[0]);
      const doneBytes = Number(/(\d+) of \d+ bytes/.exec(text)?.[1]);
      assert.ok(doneBytes > 0 && doneBytes < pages * 4096 && doneBytes % 4096 === 0, text);
    });

    it('show nothing when they are done in a moment', async () => {
      window.withProgress = () => assert.fail('no progress is shown');
      assert.deepEqual(await runBatch('Batch', () => Promise.resolve(answer)), answer);
    });
  });
});
