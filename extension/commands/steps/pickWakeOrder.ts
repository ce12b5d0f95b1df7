/** Asks in which order to wake faults. */
import * as vscode from 'vscode';
import type { OpenFault } from '../../../native-helper/log/openFaults.ts';
import { pick } from './ask.ts';

type Compare = (a: OpenFault, b: OpenFault) => number;

/**
 * The faults' ids in the order chosen; not asked for a single one.
 * @param faults in the order they were selected in, when `isSelection`
 */
export async function pickWakeOrder(
  title: string,
  faults: readonly OpenFault[],
  isSelection: boolean,
): Promise<readonly number[] | undefined> {
  const oldestFirst: Compare = (a, b) => a.raisedNs - b.raisedNs || a.id - b.id;
  const idsBy = (compare: Compare): number[] => faults.toSorted(compare).map(({ id }) => id);
  const asGiven = faults.map(({ id }) => id);
  if (faults.length < 2) {
    return asGiven;
  }
  const picked = await pick(title, vscode.l10n.t('Choose the order of waking'), [
    ...(isSelection ? [{ label: vscode.l10n.t('In the order selected'), ids: () => asGiven }] : []),
    { label: vscode.l10n.t('Oldest first'), ids: () => idsBy(oldestFirst) },
    { label: vscode.l10n.t('Newest first'), ids: () => idsBy((a, b) => oldestFirst(b, a)) },
    {
      label: vscode.l10n.t('By address'),
      ids: () =>
        idsBy((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : oldestFirst(a, b))),
    },
  ]);
  return picked?.ids();
}
