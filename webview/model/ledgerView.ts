/** How the ledger is looked at. */
import { type LedgerSort } from './ledgerListing.ts';

export interface LedgerView {
  readonly isShown: boolean;
  /** Height wished for; the page gives less where it has less. */
  readonly heightPx: number;
  readonly sort: LedgerSort;
}

export const ledgerMinHeightPx = 96;
export const ledgerMaxHeightPx = 2000;

export const initialLedgerView: LedgerView = {
  isShown: false,
  heightPx: 260,
  sort: { column: 'id', isDescending: false },
};
