/** Run Helper as Root…: asks, ends the helper with its sessions, and starts it by sudo or pkexec for this window. */
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { rootCommand, type Elevation } from '../helper/helperCommand.ts';
import { joinWords } from '../launch/commandLine.ts';
import { helperBecameRoot, helperIsRoot, noElevation } from '../messages/elevationMessages.ts';
import { requestFailed } from '../messages/requestMessages.ts';
import { showMessage } from '../messages/userMessage.ts';
import type { CommandServices } from './commandServices.ts';
import { detachAll } from './detach.ts';

interface Choice extends vscode.MessageItem {
  readonly elevation: Elevation;
}

/** @returns whether it runs as root now */
export async function runHelperAsRoot(services: CommandServices): Promise<boolean> {
  const { helper } = services;
  if (helper.program.elevation !== 'none') {
    showMessage(helperIsRoot(() => restart(services, 'none')));
    return true;
  }
  const choices = waysToRoot();
  if (choices.length === 0) {
    showMessage(noElevation());
    return false;
  }
  const chosen = await ask(services, choices);
  if (chosen === undefined || !(await restart(services, chosen.elevation))) {
    return false;
  }
  showMessage(helperBecameRoot());
  return true;
}

/** @returns whether it runs so now; why not has been said otherwise, unless the user chose to keep a session */
async function restart(services: CommandServices, elevation: Elevation): Promise<boolean> {
  const { helper, registry, log } = services;
  if (registry.attachedSessions.length > 0) {
    await detachAll(services);
    if (registry.attachedSessions.length > 0) {
      return false;
    }
  }
  try {
    await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Starting the helper anew…') },
      () => helper.restart(elevation),
    );
    return true;
  } catch (error) {
    log.error(`Run Helper as Root: ${String(error)}`);
    showMessage(requestFailed(error, log, () => restart(services, elevation)));
    return false;
  }
}

function waysToRoot(): Choice[] {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  const isThere = (name: string): boolean => folders.some((folder) => canExecute(path.join(folder, name)));
  return [
    { title: vscode.l10n.t('Use pkexec'), elevation: 'pkexec' as const },
    { title: vscode.l10n.t('Use sudo -n'), elevation: 'sudo' as const },
  ].filter(({ elevation }) => isThere(elevation));
}

function canExecute(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function ask(
  { helper, registry }: CommandServices,
  choices: readonly Choice[],
): Thenable<Choice | undefined> {
  const open = registry.attachedSessions.length;
  const detail = [
    vscode.l10n.t('Root will run: {0}', joinWords(rootCommand(helper.programAs(choices[0]!.elevation)))),
    vscode.l10n.t(
      'It can then attach to every process of this machine. Your user can change these files, so whoever can act as you can become root while this is allowed. It ends with the window.',
    ),
    ...(open === 0
      ? []
      : [vscode.l10n.t('Sessions that are detached first, which hands every held fault back: {0}.', open)]),
  ];
  return vscode.window.showWarningMessage(
    vscode.l10n.t('Run the helper as root for this window?'),
    { modal: true, detail: detail.join('\n\n') },
    ...choices,
  );
}
