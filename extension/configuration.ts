/** The extension's settings, typed. Defaults are in package.json. */
import * as vscode from 'vscode';
import { Setting } from './contributions.ts';
import type { Elevation } from './helper/helperCommand.ts';

/** Node program that runs the helper and the demo target; empty for VS Code's own Node. */
export function helperNodePath(): string {
  return vscode.workspace.getConfiguration().get<string>(Setting.helperNodePath)!.trim();
}

/** The same from the user's own settings, whatever a workspace says. */
export function usersHelperNodePath(): string {
  const { globalValue } = vscode.workspace.getConfiguration().inspect<string>(Setting.helperNodePath) ?? {};
  return globalValue?.trim() ?? '';
}

/** By what the helper becomes root. */
export function helperElevation(): Elevation {
  return vscode.workspace.getConfiguration().get<Elevation>(Setting.helperElevation)!;
}

/** Rows of history that all sessions keep together. */
export function historyRows(): number {
  // What is written by hand may be less than the setting's minimum.
  return Math.max(leastHistoryRows, vscode.workspace.getConfiguration().get<number>(Setting.historyRows)!);
}
const leastHistoryRows = 100_000;

/** Whether a userfaultfd of a program in a debugger is told of. */
export function offersInDebugSessions(): boolean {
  return vscode.workspace.getConfiguration().get<boolean>(Setting.offerInDebugSessions)!;
}

/** What the mouse wheel does over the timeline. */
export function timelineWheel(): 'modern' | 'classic' {
  return vscode.workspace.getConfiguration().get<string>(Setting.timelineWheel) === 'classic'
    ? 'classic'
    : 'modern';
}

export function stopOffersInDebugSessions(): Thenable<void> {
  return vscode.workspace
    .getConfiguration()
    .update(Setting.offerInDebugSessions, false, vscode.ConfigurationTarget.Global);
}
