/** Show Session…: choose which session the timeline, the status item and the commands are about. */
import * as vscode from 'vscode';
import type { DebugSession } from '../session/debugSession.ts';
import { isHeld } from '../session/faultTrace.ts';
import { sessionName } from '../target/targetName.ts';
import { withoutIcons } from '../target/withoutIcons.ts';
import * as userErrors from '../userErrors.ts';
import type { CommandServices } from './commandServices.ts';
import { pick } from './steps/ask.ts';

export async function switchSession({ registry, timeline }: CommandServices): Promise<void> {
  if (registry.sessions.length === 0) {
    userErrors.showMessage(userErrors.notAttached());
    return;
  }
  const items = registry.sessions.map((session) => sessionItem(session, session === registry.current));
  const picked = await pick(
    vscode.l10n.t('Show Session'),
    vscode.l10n.t('Choose the session to show'),
    items,
  );
  if (picked !== undefined) {
    registry.show(picked.session);
    timeline.show();
  }
}

function sessionItem(
  session: DebugSession,
  isShown: boolean,
): vscode.QuickPickItem & { readonly session: DebugSession } {
  const held = session.trace.openFaults().filter(isHeld).length;
  const facts = [
    session.end === null ? vscode.l10n.t('attached') : vscode.l10n.t('ended'),
    ...(session.end === null ? [vscode.l10n.t('{0} held', held)] : []),
    ...(session.dto.isCustody ? [vscode.l10n.t('forked child, in our custody')] : []),
    ...(isShown ? [vscode.l10n.t('shown now')] : []),
  ];
  return {
    label: withoutIcons(sessionName(session.dto)),
    description: facts.join(' · '),
    ...(session.end === null ? {} : { detail: session.end.text }),
    session,
  };
}
