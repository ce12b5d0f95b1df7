/** The buttons of messages: what to do next. */
import * as vscode from 'vscode';
import { Command, DoctorCommand, InspectCommand } from '../contributions.ts';
import type { MessageAction } from './userMessage.ts';

export function runCommand(title: string, command: string): MessageAction {
  return { title, run: () => vscode.commands.executeCommand(command) };
}

export const attach = (): MessageAction =>
  runCommand(vscode.l10n.t('Attach to Process…'), Command.attachToProcess);

export const wake = (): MessageAction => runCommand(vscode.l10n.t('Wake…'), Command.wake);

export const detach = (): MessageAction => runCommand(vscode.l10n.t('Detach…'), Command.detach);

export const switchSession = (): MessageAction =>
  runCommand(vscode.l10n.t('Show Session…'), Command.switchSession);

export const inspect = (): MessageAction => runCommand(vscode.l10n.t('Inspect'), InspectCommand.show);

export const startDemo = (): MessageAction =>
  runCommand(vscode.l10n.t('Start Demo Target'), Command.startDemoTarget);

export const showTimeline = (): MessageAction =>
  runCommand(vscode.l10n.t('Show Timeline'), Command.showTimeline);

export const openSetting = (setting: string): MessageAction => ({
  title: vscode.l10n.t('Open Setting'),
  run: () => vscode.commands.executeCommand('workbench.action.openSettings', setting),
});

export const showLog = (log: vscode.OutputChannel): MessageAction => ({
  title: vscode.l10n.t('Show Log'),
  run: () => log.show(),
});

/** @param pid without it, the doctor looks at this machine only */
export const doctor = (pid?: number): MessageAction => ({
  title: vscode.l10n.t('Attach Doctor'),
  run: () => vscode.commands.executeCommand(DoctorCommand.check, pid === undefined ? {} : { pid }),
});

export const retryWith = (retry: () => unknown): MessageAction => ({
  title: vscode.l10n.t('Retry'),
  run: retry,
});
