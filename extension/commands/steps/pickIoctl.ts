/** Asks which ioctl to do. One that cannot work is shown with its reason, and is not taken. */
import * as vscode from 'vscode';
import type { OfferId, PreflightDto } from '../../../native-helper/protocol/preflight.ts';
import { pick } from './ask.ts';

/** What can be chosen: every offer of a preflight, and REGISTER, which needs none. */
export type IoctlId = OfferId | 'register';

/** @param among what this command does, in the order shown */
export async function pickIoctl<Id extends IoctlId>(
  title: string,
  preflight: PreflightDto,
  among: readonly Id[],
): Promise<Id | undefined> {
  const texts = ioctlTexts();
  const items = among.map((id) => {
    const obstacle = preflight.offers.find((offer) => offer.id === id)?.obstacle ?? '';
    const { name, does } = texts[id];
    return obstacle === ''
      ? { label: name, description: does, id, name, obstacle }
      : { label: `$(circle-slash) ${name}`, description: obstacle, id, name, obstacle };
  });
  const facts = preflight.facts.length === 0 ? title : `${title}: ${preflight.facts.join(', ')}`;
  let placeHolder = [vscode.l10n.t('Choose the ioctl.'), ...preflight.warnings].join(' ');
  for (;;) {
    const picked = await pick(facts, placeHolder, items);
    if (picked === undefined || picked.obstacle === '') {
      return picked?.id;
    }
    placeHolder = vscode.l10n.t(
      '{0} cannot work here: {1}. Choose another ioctl.',
      picked.name,
      picked.obstacle,
    );
  }
}

/** How each ioctl is called here, and what it does in a few words. */
export function ioctlTexts(): Record<IoctlId, { readonly name: string; readonly does: string }> {
  return {
    copy: { name: 'UFFDIO_COPY', does: vscode.l10n.t('provide the page with contents you give') },
    zeropage: { name: 'UFFDIO_ZEROPAGE', does: vscode.l10n.t('provide the zero page') },
    continue: { name: 'UFFDIO_CONTINUE', does: vscode.l10n.t('map the page that is in the page cache') },
    unprotect: {
      name: vscode.l10n.t('UFFDIO_WRITEPROTECT off'),
      does: vscode.l10n.t('let the write go on'),
    },
    protect: { name: vscode.l10n.t('UFFDIO_WRITEPROTECT on'), does: vscode.l10n.t('make writes fault') },
    poison: { name: 'UFFDIO_POISON', does: vscode.l10n.t('every access ends in SIGBUS') },
    move: { name: 'UFFDIO_MOVE', does: vscode.l10n.t('take pages away from another place of the target') },
    wake: { name: 'UFFDIO_WAKE', does: vscode.l10n.t('let threads go on or fault again') },
    register: { name: 'UFFDIO_REGISTER', does: vscode.l10n.t('make accesses to the range fault') },
    unregister: { name: 'UFFDIO_UNREGISTER', does: vscode.l10n.t('no fault comes from the range any more') },
  };
}
