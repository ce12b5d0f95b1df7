/** Show Session…: choose which session the details, the ledger, the status item and the commands are about. */
import * as vscode from 'vscode';
import { notAttached } from '../messages/sessionMessages.ts';
import { showMessage } from '../messages/userMessage.ts';
import type { CommandServices } from './commandServices.ts';
import { sessionItem } from './sessionItems.ts';
import { pick } from './steps/ask.ts';

export async function switchSession({ registry, timeline }: CommandServices): Promise<void> {
  if (registry.sessions.length === 0) {
    showMessage(notAttached());
    return;
  }
  const items = registry.sessions.map((session) => sessionItem(session, registry.current));
  const picked = await pick(
    vscode.l10n.t('Show Session'),
    vscode.l10n.t('Choose the session to show'),
    items,
  );
  const session = picked?.sessions[0];
  if (session !== undefined) {
    registry.show(session);
    timeline.show();
  }
}
