/** Sessions as items of a pick, and the question which of several is meant. */
import * as v from 'valibot';
import * as vscode from 'vscode';
import type { DebugSession } from '../session/debugSession.ts';
import { isHeld } from '../session/faultTrace.ts';
import { sessionName } from '../target/targetName.ts';
import { withoutIcons } from '../target/withoutIcons.ts';
import { pick } from './steps/ask.ts';

export interface SessionItem extends vscode.QuickPickItem {
  readonly sessions: readonly DebugSession[];
}

/** The argument that the timeline gives to commands about one session. */
export const sessionArgument = v.object({ sessionId: v.number() });

/** @param current the session that is marked as shown now */
export function sessionItem(session: DebugSession, current: DebugSession | null): SessionItem {
  const held = session.trace.openFaults().filter(isHeld).length;
  const facts = [
    session.end === null ? vscode.l10n.t('attached') : vscode.l10n.t('ended'),
    ...(session.end === null ? [vscode.l10n.t('{0} held', held)] : []),
    ...(session.dto.isCustody ? [vscode.l10n.t('forked child, in our custody')] : []),
    ...(session === current ? [vscode.l10n.t('shown now')] : []),
  ];
  return {
    label: withoutIcons(`${session.id}: ${sessionName(session.dto)}`),
    description: facts.join(' · '),
    ...(session.end === null ? {} : { detail: session.end.text }),
    sessions: [session],
  };
}

/**
 * Which of these sessions are meant: the only one, the one named by the argument, or those picked, the
 * current one proposed. Undefined when the pick was left.
 * @param allLabel of the item that means all of them
 */
export async function askSessions(
  title: string,
  placeHolder: string,
  sessions: readonly DebugSession[],
  { current, argument, allLabel }: SessionChoice,
): Promise<readonly DebugSession[] | undefined> {
  if (v.is(sessionArgument, argument)) {
    return sessions.filter(({ id }) => id === argument.sessionId);
  }
  if (sessions.length < 2) {
    return sessions;
  }
  const proposed = sessions.filter((session) => session === current);
  const others = sessions.filter((session) => session !== current);
  const picked = await pick(title, placeHolder, [
    ...[...proposed, ...others].map((session) => sessionItem(session, current)),
    { label: allLabel, sessions },
  ]);
  return picked?.sessions;
}

interface SessionChoice {
  readonly current: DebugSession | null;
  readonly argument: unknown;
  readonly allLabel: string;
}
