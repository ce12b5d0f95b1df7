/** What is said of launched programs and the demo target. */
import * as vscode from 'vscode';
import { attach, doctor, showLog } from './messageActions.ts';
import type { UserMessage } from './userMessage.ts';

/** Waiting for its uffd was cancelled. */
export function programRunsOn(name: string, pid: number, stop: () => unknown): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t('{0} ({1}) runs on without being attached to.', name, pid),
    actions: [attach(), { title: vscode.l10n.t('Stop Program'), run: stop }],
  };
}

export function demoTargetRunning(
  pid: number,
  threads: number,
  actions: { attach: () => unknown; stop: () => unknown },
): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t('Demo target running as pid {0} with {1} faulting threads.', pid, threads),
    actions: [
      { title: vscode.l10n.t('Attach'), run: actions.attach },
      { title: vscode.l10n.t('Stop'), run: actions.stop },
    ],
  };
}

export function demoTargetFailed(reason: string, log: vscode.OutputChannel): UserMessage {
  return {
    severity: 'error',
    text: vscode.l10n.t(
      'The demo target did not start: {0}. It needs userfaultfd; the Attach Doctor says what refuses it.',
      reason,
    ),
    actions: [doctor(), showLog(log)],
  };
}
