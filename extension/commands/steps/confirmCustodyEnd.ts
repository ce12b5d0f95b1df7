/** Asks before a forked child's session is ended: its userfaultfd is ours alone, and closing it cannot be undone. */
import * as vscode from 'vscode';

export async function confirmCustodyEnd(name: string): Promise<boolean> {
  const button = { title: vscode.l10n.t('Close Userfaultfd') };
  const chosen = await vscode.window.showWarningMessage(
    vscode.l10n.t('Close the userfaultfd of {0}?', name),
    {
      modal: true,
      detail: vscode.l10n.t(
        'It came here by a fork event and cannot be handed back. Its threads are released, and missing pages read as zeros from then on, which the process may not expect.',
      ),
    },
    button,
  );
  return chosen === button;
}
