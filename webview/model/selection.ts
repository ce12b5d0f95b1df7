/** Which faults are selected, in the order they were selected, and the one whose details show. */
import { type FaultTable } from './faultTable.ts';

export interface Selection {
  /** Fault ids in the order of selection. */
  readonly ids: readonly number[];
  /** One of `ids`, or null when there is none. */
  readonly primaryId: number | null;
  /** Where an extension by Shift starts from; null when nothing is selected. */
  readonly anchorId: number | null;
}

export const nothingSelected: Selection = { ids: [], primaryId: null, anchorId: null };

export function onlySelected(id: number): Selection {
  return { ids: [id], primaryId: id, anchorId: id };
}

/** Several faults, each once; the primary one is `primaryId` where it is among them, else the last. */
export function severalSelected(
  ids: readonly number[],
  primaryId: number | null = null,
  anchorId: number | null = primaryId,
): Selection {
  const unique = [...new Set(ids)];
  const last = unique.at(-1) ?? null;
  const primary = primaryId !== null && unique.includes(primaryId) ? primaryId : last;
  return { ids: unique, primaryId: primary, anchorId: anchorId ?? primary };
}

/** With this fault added as the primary one, or without it if it was selected. */
export function toggled({ ids, primaryId }: Selection, id: number): Selection {
  if (!ids.includes(id)) {
    return { ids: [...ids, id], primaryId: id, anchorId: id };
  }
  const rest = ids.filter((each) => each !== id);
  const primary = primaryId === id ? (rest.at(-1) ?? null) : primaryId;
  return { ids: rest, primaryId: primary, anchorId: primary };
}

/** The part of a selection that the table still holds. */
export function stillKnown(selection: Selection, faults: FaultTable): Selection {
  const isKnown = (id: number | null): boolean => id !== null && faults.indexOf(id) !== -1;
  const ids = selection.ids.filter(isKnown);
  return ids.length === selection.ids.length
    ? selection
    : severalSelected(ids, selection.primaryId, isKnown(selection.anchorId) ? selection.anchorId : null);
}
