/** A request that failed, with the buttons that fit its cause. Sentences that the helper wrote are passed through. */
import * as vscode from 'vscode';
import { Setting } from '../contributions.ts';
import { ElevationFailed, HelperGone, HelperRefusal } from '../helper/helperError.ts';
import { elevationFailed, runHelperAsRoot } from './elevationMessages.ts';
import { attach, detach, doctor, openSetting, retryWith, showLog } from './messageActions.ts';
import type { MessageAction, UserMessage } from './userMessage.ts';

export function invalidArgument(command: string, problem: string): UserMessage {
  return {
    severity: 'error',
    text: vscode.l10n.t('{0} was called with an argument it cannot use: {1}', command, problem),
    actions: [],
  };
}

/**
 * Any error of a request to the helper, with the buttons that fit its cause.
 * @param pid the process that was to be attached to
 */
export function requestFailed(
  error: unknown,
  log: vscode.OutputChannel,
  retry?: () => unknown,
  pid?: number,
): UserMessage {
  const retryAction = retry === undefined ? [] : [retryWith(retry)];
  if (error instanceof HelperRefusal) {
    const examine = pid === undefined ? [] : [doctor(pid)];
    return {
      severity: 'error',
      text: error.message,
      actions: refusalActions(error, log, retryAction, examine),
    };
  }
  if (error instanceof ElevationFailed) {
    return elevationFailed(error, log, retryAction);
  }
  if (error instanceof HelperGone) {
    return {
      severity: 'error',
      text: vscode.l10n.t(
        'The helper process has ended or could not start: {0} Its output is in the log; the setting uffd.helper.nodePath names the Node program that runs it.',
        error.message,
      ),
      actions: [...retryAction, showLog(log), openSetting(Setting.helperNodePath)],
    };
  }
  return {
    severity: 'error',
    text: vscode.l10n.t(
      'An error inside the extension or its helper: {0}. Nothing was changed; the log has the details.',
      error instanceof Error ? error.message : String(error),
    ),
    actions: [...retryAction, showLog(log)],
  };
}

function refusalActions(
  { refusal }: HelperRefusal,
  log: vscode.OutputChannel,
  retry: readonly MessageAction[],
  examine: readonly MessageAction[],
): MessageAction[] {
  switch (refusal) {
    case 'handlerIsLive':
    case 'programNotStarted':
    case 'programEnded':
      return [...retry];
    case 'handlerNotFreezable':
    case 'apiNotDone':
      return [...retry, ...examine];
    case 'noUffd':
      return [attach(), ...examine];
    case 'noSuchProcess':
    case 'severalUffds':
    case 'alreadyAttached':
      return [attach()];
    case 'lastHolder':
      return [detach()];
    case 'notPermitted':
      return [runHelperAsRoot(retry), ...examine, ...retry, showLog(log)];
    case 'systemCallFailed':
      return [...retry, ...examine, showLog(log)];
    case 'guardianFailed':
      return [...retry, showLog(log)];
    case 'noSuchSession':
      return [attach()];
    case 'invalidParams':
    case 'noSuchFault':
    case 'badRange':
    case 'memoryUnreadable':
    case 'fileUnreadable':
    case 'noSuchLaunch':
    case 'moveRefused':
      return [];
    case 'kernelTooOld':
      return [...examine];
  }
}

/** End text of a session whose helper is gone; also shown in the timeline. */
export function helperFailedText(): string {
  return vscode.l10n.t(
    'The helper process ended unexpectedly. Its guardian process then wakes every thread it held, so that they fault again for their own handler; whether it did cannot be seen from here.',
  );
}

export function helperFailed(log: vscode.OutputChannel): UserMessage {
  return { severity: 'error', text: helperFailedText(), actions: [attach(), showLog(log)] };
}
