/** Where the ledger's rows lie: fixed heights, so that of a million only the visible ones are made. */

export const ledgerRowPx = 22;

/** Places of the rows that a view of `heightPx` shows when scrolled by `topPx`. */
export function visibleRows(
  count: number,
  topPx: number,
  heightPx: number,
): { readonly first: number; readonly end: number } {
  const first = Math.min(count, Math.floor(topPx / ledgerRowPx));
  return { first, end: Math.min(count, Math.ceil((topPx + heightPx) / ledgerRowPx)) };
}

/** The scroll position as near as can be to the one asked for. */
export function clampedTopPx(topPx: number, count: number, heightPx: number): number {
  return Math.max(0, Math.min(topPx, count * ledgerRowPx - heightPx));
}

/** The scroll position, moved no more than needed, at which row `place` is seen as a whole. */
export function revealingTopPx(topPx: number, place: number, heightPx: number): number {
  const rowTopPx = place * ledgerRowPx;
  return Math.min(rowTopPx, Math.max(topPx, rowTopPx + ledgerRowPx - heightPx));
}
