/** Asks which held faults are meant. */
import * as vscode from 'vscode';
import type { OpenFault } from '../../../native-helper/log/openFaults.ts';
import type { DebugSession } from '../../session/debugSession.ts';
import type { Selection } from '../../timeline/timelineController.ts';
import { pick } from './ask.ts';
import { faultItems, groupItems } from './faultItems.ts';

/** @param held the faults to choose from, at least one */
export async function pickFaults(
  title: string,
  session: DebugSession,
  held: readonly OpenFault[],
  selection: Selection,
): Promise<readonly number[] | undefined> {
  const all = (count: number): string => vscode.l10n.t('All {0} held faults', count);
  const picked = await pick(title, vscode.l10n.t('Choose the held fault to resolve'), [
    ...groupItems(session, held, selection, all),
    ...faultItems(session, held, selection),
  ]);
  return picked?.faultIds;
}
