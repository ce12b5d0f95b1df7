/** Asks before a range is registered or unregistered, because it changes what the target does from then on. */
import * as vscode from 'vscode';
import type { RegisterParams } from '../../../native-helper/protocol/ioctls.ts';
import type { DebugSession } from '../../session/debugSession.ts';
import { targetName } from '../../target/targetName.ts';
import { rangeText } from './rangeText.ts';

export async function confirmRegister(
  session: DebugSession,
  { start, lengthBytes, modes }: Omit<RegisterParams, 'sessionId'>,
): Promise<boolean> {
  const range = rangeText({ start, lengthBytes });
  const target = targetName(session.dto);
  const isRegister = modes.length > 0;
  const button = { title: isRegister ? vscode.l10n.t('Register') : vscode.l10n.t('Unregister') };
  const question = isRegister
    ? vscode.l10n.t('Register {0} of {1} for {2}?', range, target, modes.join(', '))
    : vscode.l10n.t('Unregister {0} of {1}?', range, target);
  const detail = isRegister
    ? vscode.l10n.t(
        'From then on its threads sleep there until a fault is resolved, also after this session: the registration stays until the target or you take it back.',
      )
    : vscode.l10n.t(
        'Threads asleep there in a fault for a missing page are woken, and missing pages read as zeros from then on. Threads asleep in a write-protect or minor fault are not woken where the range is registered for WP or MINOR only: they sleep until a WAKE.',
      );
  const chosen = await vscode.window.showWarningMessage(question, { modal: true, detail }, button);
  return chosen === button;
}
