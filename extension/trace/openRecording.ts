/** Open Recording…: trace files in the editor that shows them. */
import path from 'node:path';
import * as vscode from 'vscode';
import { arrowsViewType, traceExtension, traceViewType } from '../contributions.ts';

export async function openRecording(): Promise<void> {
  const files = await vscode.window.showOpenDialog({
    title: vscode.l10n.t('Open Recording'),
    openLabel: vscode.l10n.t('Open'),
    canSelectMany: true,
    filters: { [vscode.l10n.t('Userfaultfd Trace')]: ['uffd.arrows', 'arrows'] },
  });
  for (const file of files ?? []) {
    const viewType = path.basename(file.fsPath).endsWith(traceExtension) ? traceViewType : arrowsViewType;
    await vscode.commands.executeCommand('vscode.openWith', file, viewType, { preview: false });
  }
}
