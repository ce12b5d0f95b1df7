/** Which ioctls the form offers, and which one it begins with. */
import type { OfferDto, OfferId, PreflightDto } from '../../native-helper/protocol/preflight.ts';
import { type FaultKind } from '../../native-helper/rules/faultRule.ts';

/** An ioctl that the form can do. */
export type IoctlChoice = Exclude<OfferId, 'wake' | 'unregister'>;

/** In the order of the list. */
export const ioctlWords: Readonly<Record<IoctlChoice, string>> = {
  copy: 'COPY – bytes you give',
  zeropage: 'ZEROPAGE – zeros',
  continue: 'CONTINUE – page of the page cache',
  unprotect: 'WRITEPROTECT off – let it write',
  protect: 'WRITEPROTECT on – arm protection',
  poison: 'POISON – SIGBUS on access',
  move: 'MOVE – page taken from the target',
};

/** Names of the offers, for sentences about them. */
export const offerNames: Readonly<Record<OfferId, string>> = {
  copy: 'COPY',
  zeropage: 'ZEROPAGE',
  continue: 'CONTINUE',
  unprotect: 'WRITEPROTECT off',
  protect: 'WRITEPROTECT on',
  poison: 'POISON',
  move: 'MOVE',
  wake: 'WAKE',
  unregister: 'UNREGISTER',
};

/** True of nearly every session, so it is said even before a preflight has answered. */
const moveObstacle = 'needs a frozen handler thread of the target';

/** What resolves a fault of each kind, the usual one first. */
const preferred: Readonly<Record<FaultKind, readonly IoctlChoice[]>> = {
  missing: ['copy', 'zeropage', 'poison'],
  minor: ['continue', 'copy', 'poison'],
  wp: ['unprotect'],
};

/** What the preflight says of an action; undefined before it has answered. */
export function offerOf(preflight: PreflightDto | null, id: OfferId): OfferDto | undefined {
  return preflight?.offers.find((offer) => offer.id === id);
}

/** Why an action cannot be done, in a few words; empty when it can, or nobody has said. */
export function obstacleOf(preflight: PreflightDto | null, id: OfferId): string {
  return offerOf(preflight, id)?.obstacle ?? (id === 'move' ? moveObstacle : '');
}

/** The ioctl the user chose for faults of this kind, else the first one that is offered. */
export function ioctlFor(
  chosen: Readonly<Partial<Record<FaultKind, IoctlChoice>>>,
  kind: FaultKind,
  preflight: PreflightDto | null,
): IoctlChoice {
  const isOffered = (id: IoctlChoice): boolean => obstacleOf(preflight, id) === '';
  return chosen[kind] ?? preferred[kind].find(isOffered) ?? preferred[kind][0]!;
}
