/** The keys that move within a list. */

/**
 * Where a key leads from row `place` of `count` (-1 = from none): a place, -1 when the list is
 * empty; undefined when the key is none of those.
 */
export function listMove(
  { key, altKey }: { readonly key: string; readonly altKey: boolean },
  place: number,
  count: number,
  pageRows: number,
): number | undefined {
  const target = {
    ArrowUp: place - 1,
    ArrowDown: place + 1,
    PageUp: place - pageRows,
    PageDown: place + pageRows,
    Home: 0,
    End: count - 1,
  }[key];
  if (target === undefined || altKey) {
    return undefined;
  }
  return count === 0 ? -1 : Math.max(0, Math.min(count - 1, target));
}
