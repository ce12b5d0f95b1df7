/** Start Demo Target: a real process to try everything on; also stops those it started. */
import * as vscode from 'vscode';
import { Command } from '../contributions.ts';
import { demoTargetFailed, demoTargetRunning } from '../messages/programMessages.ts';
import { showMessage } from '../messages/userMessage.ts';
import type { DemoTarget } from '../target/demoTarget.ts';
import type { CommandServices } from './commandServices.ts';

interface DemoItem extends vscode.QuickPickItem {
  readonly act: () => Promise<void> | void;
}

export async function startDemoTarget(services: CommandServices): Promise<void> {
  const items: DemoItem[] = [
    {
      label: vscode.l10n.t('Without a handler'),
      description: vscode.l10n.t('threads wait for you'),
      act: () => start(services, false),
    },
    {
      label: vscode.l10n.t('With its own handler'),
      description: vscode.l10n.t('a live handler serves every fault, so it cannot be taken over'),
      act: () => start(services, true),
    },
    ...services.demoTargets.running.map((target) => ({
      label: vscode.l10n.t('Stop the demo target with pid {0}', target.pid),
      act: () => target.stop(),
    })),
  ];
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Start Demo Target'),
    placeHolder: vscode.l10n.t('Choose what the target does with its faults'),
  });
  await picked?.act();
}

async function start({ demoTargets, log }: CommandServices, hasHandler: boolean): Promise<void> {
  let target: DemoTarget;
  try {
    target = await vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: vscode.l10n.t('Starting the demo target'),
        cancellable: true,
      },
      (_, cancellation) => demoTargets.start(hasHandler, cancellation),
    );
  } catch (error) {
    if (!(error instanceof vscode.CancellationError)) {
      log.error(`Start Demo Target: ${String(error)}`);
      const reason = error instanceof Error ? error.message : String(error);
      showMessage(demoTargetFailed(reason, log));
    }
    return;
  }
  const { pid, fd, threads } = target;
  showMessage(
    demoTargetRunning(pid, threads, {
      attach: () => vscode.commands.executeCommand(Command.attachToProcess, { pid, fd }),
      stop: () => target.stop(),
    }),
  );
}
