/** Asks how many pages to provide for each fault. */
import * as vscode from 'vscode';
import type { OpenFault } from '../../../native-helper/log/openFaults.ts';
import type { RangeDto } from '../../../native-helper/protocol/ranges.ts';
import { parsePages } from '../pageInput.ts';
import { pick, type } from './ask.ts';

/** Pages for each fault, in pages of its range: from its own on, or around it. */
export interface Length {
  readonly lengthPages: number;
  readonly around: boolean;
}

/**
 * Is not asked where every range ends with the fault's page and begins with it.
 * @param canBeAround whether the ioctl can pass over pages that are there
 */
export async function askLength(
  title: string,
  faults: readonly OpenFault[],
  ranges: readonly RangeDto[],
  canBeAround: boolean,
): Promise<Length | undefined> {
  const rooms = faults.map((fault) => roomFor(fault, ranges));
  const mostFrom = Math.min(...rooms.map(({ pagesToEnd }) => pagesToEnd));
  const mostAround = Math.min(...rooms.map(({ pages }) => pages));
  const own = { lengthPages: 1, around: false };
  if (mostAround === 1 || (mostFrom === 1 && !canBeAround)) {
    return own;
  }
  const picked = await pick(title, vscode.l10n.t('Choose the pages to provide'), [
    {
      label: vscode.l10n.t('The fault’s page'),
      ask: () => Promise.resolve(own),
    },
    ...(mostFrom === 1
      ? []
      : [
          {
            label: vscode.l10n.t('Several pages from the fault on…'),
            description: vscode.l10n.t('up to {0}', mostFrom),
            ask: () => askPages(title, mostFrom, false),
          },
        ]),
    ...(canBeAround
      ? [
          {
            label: vscode.l10n.t('Several pages around the fault…'),
            description: vscode.l10n.t('prefetch; those already there are passed over'),
            ask: () => askPages(title, mostAround, true),
          },
        ]
      : []),
  ]);
  return picked?.ask();
}

async function askPages(title: string, most: number, around: boolean): Promise<Length | undefined> {
  const hint = vscode.l10n.t('Pages to provide: 1 to {0}', most);
  const lengthPages = await type(
    title,
    hint,
    String(Math.min(most, 16)),
    (text) => parsePages(text, most) ?? hint,
  );
  return lengthPages === undefined ? undefined : { lengthPages, around };
}

/** At least 1: when the range is gone by now, the helper says so in its own words. */
function roomFor({ address }: OpenFault, ranges: readonly RangeDto[]): { pages: number; pagesToEnd: number } {
  for (const { start, lengthBytes, pageBytes } of ranges) {
    const offset = Number(address - BigInt(start));
    if (offset >= 0 && offset < lengthBytes) {
      const pages = lengthBytes / pageBytes;
      return { pages, pagesToEnd: pages - Math.floor(offset / pageBytes) };
    }
  }
  return { pages: 1, pagesToEnd: 1 };
}
