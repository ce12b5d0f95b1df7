/** Asks for the mode bits of an ioctl. */
import * as vscode from 'vscode';
import type { OfferDto } from '../../../native-helper/protocol/preflight.ts';
import { pick } from './ask.ts';

/** Whether the page shall come write-protected; false without a question where it cannot. */
export async function askWp(title: string, offer: OfferDto | undefined): Promise<boolean | undefined> {
  if ((offer?.wpObstacle ?? '') !== '') {
    return false;
  }
  const picked = await pick(title, vscode.l10n.t('Write-protect the page?'), [
    { label: vscode.l10n.t('Writable'), description: vscode.l10n.t('writes go on'), wp: false },
    { label: vscode.l10n.t('WP'), description: vscode.l10n.t('the first write faults'), wp: true },
  ]);
  return picked?.wp;
}

/** Whether MOVE may pass over pages that its source does not have. */
export async function askAllowHoles(title: string): Promise<boolean | undefined> {
  const picked = await pick(title, vscode.l10n.t('What if the source has no page?'), [
    {
      label: vscode.l10n.t('Refuse'),
      description: vscode.l10n.t('every page of the source must be there'),
      allowHoles: false,
    },
    {
      label: vscode.l10n.t('ALLOW_SRC_HOLES'),
      description: vscode.l10n.t('pages that are not there are passed over'),
      allowHoles: true,
    },
  ]);
  return picked?.allowHoles;
}

export async function askDontWake(title: string): Promise<boolean | undefined> {
  const picked = await pick(title, vscode.l10n.t('Wake the thread now?'), [
    {
      label: vscode.l10n.t('Wake the thread'),
      description: vscode.l10n.t('it goes on at once'),
      dontWake: false,
    },
    {
      label: vscode.l10n.t('DONTWAKE'),
      description: vscode.l10n.t('it sleeps until you wake it'),
      dontWake: true,
    },
  ]);
  return picked?.dontWake;
}
