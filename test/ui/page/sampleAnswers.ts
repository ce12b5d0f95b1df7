/** Answers of the host to the requests of the details pane. */
import type { BatchResultDto, IoctlResultDto } from '../../../native-helper/protocol/ioctls.ts';
import type { OfferId, PreflightDto } from '../../../native-helper/protocol/preflight.ts';

export function ioctlResult(given: Partial<IoctlResultDto> = {}): IoctlResultDto {
  const lengthBytes = given.lengthBytes ?? 4096;
  return {
    faultId: 2,
    ioctl: 'copy',
    start: '0x7f3a5c002000',
    lengthBytes,
    doneBytes: given.errno === undefined ? lengthBytes : 0,
    text: 'UFFDIO_COPY succeeded.',
    offersWake: false,
    ...given,
  };
}

/** @param undone faults nothing was done about */
export function batchOf(results: readonly IoctlResultDto[], undone = 0): BatchResultDto {
  const failed = results.filter(({ errno }) => errno !== undefined).length;
  return { succeeded: results.length - failed, failed, undone, results };
}

const offerIds: readonly OfferId[] = [
  'copy',
  'zeropage',
  'continue',
  'unprotect',
  'protect',
  'poison',
  'move',
  'wake',
  'unregister',
];

/** @param obstacles of the actions that are not offered */
export function preflightOf(
  obstacles: Readonly<Partial<Record<OfferId, string>>>,
  more: Partial<PreflightDto> = {},
): PreflightDto {
  const offers = offerIds.map((id) => ({ id, obstacle: obstacles[id] ?? '' }));
  return { offers, facts: [], warnings: [], ...more };
}
