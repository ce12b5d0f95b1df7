/** Asks before the last descriptor of a userfaultfd is closed, which cannot be undone. */
import * as vscode from 'vscode';

/** @param isCustody it came by a fork event, and never was anybody else's */
export async function confirmLastClose(name: string, isCustody: boolean): Promise<boolean> {
  const button = { title: vscode.l10n.t('Close Userfaultfd') };
  const why = isCustody
    ? vscode.l10n.t('It came here by a fork event and cannot be handed back.')
    : vscode.l10n.t('No other process has it open any more: its handler has closed it or ended.');
  const chosen = await vscode.window.showWarningMessage(
    vscode.l10n.t('Close the userfaultfd of {0}?', name),
    {
      modal: true,
      detail: `${why} ${vscode.l10n.t('Its threads are released, and missing pages read as zeros from then on, which the process may not expect.')}`,
    },
    button,
  );
  return chosen === button;
}
