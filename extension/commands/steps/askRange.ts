/** Asks for a range of the target's memory: a registered one, or any that is typed. */
import * as vscode from 'vscode';
import type { DebugSession } from '../../session/debugSession.ts';
import { withoutIcons } from '../../target/withoutIcons.ts';
import { parseRange, type AddressRange } from '../pageInput.ts';
import { pick, type } from './ask.ts';
import { rangeText } from './rangeText.ts';

/** @throws HelperRefusal, HelperGone when the ranges cannot be read */
export async function askRange(title: string, session: DebugSession): Promise<AddressRange | undefined> {
  const ranges = await session.refreshRanges();
  if (ranges.length === 0) {
    return typeRange(title, '');
  }
  const picked = await pick(title, vscode.l10n.t('Choose the range'), [
    ...ranges.map(({ start, lengthBytes, modes, memory, pageBytes, backing }) => ({
      label: rangeText({ start, lengthBytes }),
      description: withoutIcons(
        [modes.join(' '), memory, vscode.l10n.t('{0} pages', lengthBytes / pageBytes), backing]
          .filter((fact) => fact !== '')
          .join(' · '),
      ),
      range: { start, lengthBytes },
    })),
    {
      label: vscode.l10n.t('Another range of addresses…'),
      description: vscode.l10n.t('part of one of these, or outside them'),
      range: null,
    },
  ]);
  return picked?.range === null ? typeRange(title, rangeText(ranges[0]!)) : picked?.range;
}

/** Asks for a range to be typed. */
export function typeRange(title: string, value: string): Promise<AddressRange | undefined> {
  const hint = vscode.l10n.t(
    'START-END or START+LENGTH, such as 7f1200000000-7f1200001000 or 0x7f1200000000+4096',
  );
  return type(
    title,
    hint,
    value,
    (text) => parseRange(text) ?? vscode.l10n.t('This is no range. Write {0}.', hint),
  );
}
