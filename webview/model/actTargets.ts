/** Which of the selected faults Resolve and Wake act on, and in which order. */
import { endOpen, type FaultTable } from './faultTable.ts';

/** Order in which several faults are resolved and woken. */
export type FaultOrder = 'oldest' | 'newest' | 'address' | 'selected';

export interface ActTargets {
  /** Ids of the faults to resolve: those without a page, or all open ones when each has its page. */
  readonly resolve: readonly number[];
  /** Ids of the faults whose threads sleep. */
  readonly wake: readonly number[];
}

/** @param selectedIds in the order of selection */
export function actTargets(
  faults: FaultTable,
  selectedIds: readonly number[],
  order: FaultOrder,
): ActTargets {
  const open = ordered(
    faults,
    selectedIds.map((id) => faults.indexOf(id)).filter((i) => i !== -1 && faults.end(i) === endOpen),
    order,
  );
  const unresolved = open.filter((i) => Number.isNaN(faults.resolvedNs(i)));
  const idOf = (i: number): number => faults.id(i);
  return { resolve: (unresolved.length > 0 ? unresolved : open).map(idOf), wake: open.map(idOf) };
}

function ordered(faults: FaultTable, indexes: readonly number[], order: FaultOrder): readonly number[] {
  switch (order) {
    case 'oldest':
      return indexes.toSorted((a, b) => faults.raisedNs(a) - faults.raisedNs(b) || a - b);
    case 'newest':
      return indexes.toSorted((a, b) => faults.raisedNs(b) - faults.raisedNs(a) || b - a);
    case 'address':
      return indexes.toSorted((a, b) => Number(faults.address(a) - faults.address(b)) || a - b);
    case 'selected':
      return indexes;
  }
}

/** Ids of the faults in these bytes whose threads sleep, oldest first. */
export function openFaultsIn(faults: FaultTable, start: bigint, lengthBytes: number): readonly number[] {
  const end = start + BigInt(lengthBytes);
  return [...faults.open]
    .filter((i) => faults.address(i) >= start && faults.address(i) < end)
    .map((i) => faults.id(i));
}
