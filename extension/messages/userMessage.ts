/** A message for people, with buttons, and how it is shown. */
import * as vscode from 'vscode';

export interface MessageAction {
  readonly title: string;
  readonly run: () => unknown;
}

export interface UserMessage {
  readonly severity: 'info' | 'warning' | 'error';
  readonly text: string;
  readonly actions: readonly MessageAction[];
}

/** Shows a message and does what its chosen button says. Nobody waits for a message to be closed. */
export function showMessage({ severity, text, actions }: UserMessage): void {
  const show = {
    info: vscode.window.showInformationMessage,
    warning: vscode.window.showWarningMessage,
    error: vscode.window.showErrorMessage,
  }[severity];
  void show(text, ...actions).then((chosen) => chosen?.run());
}
