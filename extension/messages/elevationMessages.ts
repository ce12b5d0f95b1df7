/** What is said of a helper that runs, or is to run, as root. */
import { userInfo } from 'node:os';
import * as vscode from 'vscode';
import { Command, Setting } from '../contributions.ts';
import { sudoersLine } from '../helper/helperCommand.ts';
import type { ElevationFailed } from '../helper/helperError.ts';
import { attach, openSetting, showLog } from './messageActions.ts';
import type { MessageAction, UserMessage } from './userMessage.ts';

/** What was refused is tried again when the helper has become root. */
export function runHelperAsRoot(retry: readonly MessageAction[]): MessageAction {
  return {
    title: vscode.l10n.t('Run Helper as Root…'),
    run: async () => {
      if (await vscode.commands.executeCommand<boolean>(Command.runHelperAsRoot)) {
        retry.forEach(({ run }) => run());
      }
    },
  };
}

export function helperIsRoot(runAsUser: () => unknown): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t(
      'The helper runs as root. To run it as yourself again in this window, its sessions are detached first.',
    ),
    actions: [
      { title: vscode.l10n.t('Run Helper as Yourself'), run: runAsUser },
      openSetting(Setting.helperElevation),
    ],
  };
}

/** Neither sudo nor pkexec is there. */
export function noElevation(): UserMessage {
  return {
    severity: 'error',
    text: vscode.l10n.t(
      'Neither sudo nor pkexec is installed where the extension runs, so the helper cannot become root. Install one of them, or run VS Code’s server as root.',
    ),
    actions: [],
  };
}

export function helperBecameRoot(): UserMessage {
  return {
    severity: 'info',
    text: vscode.l10n.t('The helper of this window runs as root now, until the window is closed.'),
    actions: [attach()],
  };
}

export function elevationFailed(
  { program, problem, message }: ElevationFailed,
  log: vscode.OutputChannel,
  retry: readonly MessageAction[],
): UserMessage {
  const actions = [...retry, showLog(log), openSetting(Setting.helperElevation)];
  const error = (text: string, ...more: MessageAction[]): UserMessage => ({
    severity: 'error',
    text: `${vscode.l10n.t('The helper did not become root.')} ${text}`,
    actions: [...more, ...actions],
  });
  switch (problem) {
    case 'missing':
      return error(
        vscode.l10n.t(
          '{0} is not there ({1}). Install it, or choose the other way.',
          program.elevation,
          message,
        ),
      );
    case 'notAllowed':
      return error(
        vscode.l10n.t(
          'sudo -n says: {0}. It cannot ask for a password here: a rule in sudoers, made with visudo, must allow this one command without one. Whoever can act as you can become root then.',
          message,
        ),
        {
          title: vscode.l10n.t('Copy Rule'),
          run: () => vscode.env.clipboard.writeText(`${sudoersLine(program, userInfo().username)}\n`),
        },
      );
    case 'dismissed':
      return error(vscode.l10n.t('The question for the password was closed, or not answered rightly.'));
    case 'noAgent':
      return error(
        vscode.l10n.t(
          'pkexec says: {0} No agent can ask for the password here, as over SSH or in a container. Use sudo.',
          message,
        ),
      );
    case 'relativeNode':
      return error(
        vscode.l10n.t(
          'uffd.helper.nodePath is {0}: root runs only a program with an absolute path.',
          message,
        ),
        openSetting(Setting.helperNodePath),
      );
    case 'untrusted':
      return error(
        vscode.l10n.t(
          'Another user can change {0}, and with it what root would run. Take that right away with chown or chmod go-w.',
          message,
        ),
      );
    case 'other':
      return error(vscode.l10n.t('{0} ended: {1}', program.elevation, message));
  }
}
