/** Close Ended Session…: forget traces of sessions that are over. */
import * as vscode from 'vscode';
import { noEndedSession } from '../messages/sessionMessages.ts';
import { showMessage } from '../messages/userMessage.ts';
import type { CommandServices } from './commandServices.ts';
import { askSessions } from './sessionItems.ts';

/** @param argument `{ sessionId }`, from the timeline */
export async function closeSession({ registry }: CommandServices, argument?: unknown): Promise<void> {
  const ended = registry.endedSessions;
  if (ended.length === 0) {
    showMessage(noEndedSession());
    return;
  }
  const sessions = await askSessions(
    vscode.l10n.t('Close Ended Session'),
    vscode.l10n.t('Choose the session whose trace is no longer needed'),
    ended,
    { current: registry.current, argument, allLabel: vscode.l10n.t('All {0} ended sessions', ended.length) },
  );
  registry.close(sessions ?? []);
}
