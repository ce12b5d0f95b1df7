/** The log: everything the extension, the helper and demo targets print. */
import * as vscode from 'vscode';

/** The "Userfaultfd" output channel; its level is set with "Developer: Set Log Level…". */
export function createLog(): vscode.LogOutputChannel {
  return vscode.window.createOutputChannel('Userfaultfd', { log: true });
}
