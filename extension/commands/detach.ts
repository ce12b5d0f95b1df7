/**
 * Detach and Detach All: stop reading uffds and hand every held fault back. Where nobody else has a
 * uffd open that would be the last close, and the user decides.
 */
import * as vscode from 'vscode';
import type { DetachResult } from '../../native-helper/protocol/session.ts';
import { HelperRefusal } from '../helper/helperError.ts';
import { requestFailed } from '../messages/requestMessages.ts';
import { detached, lastClosed, notAttached } from '../messages/sessionMessages.ts';
import { showMessage } from '../messages/userMessage.ts';
import type { DebugSession } from '../session/debugSession.ts';
import { targetName } from '../target/targetName.ts';
import type { CommandServices } from './commandServices.ts';
import { askSessions } from './sessionItems.ts';
import { confirmLastClose } from './steps/confirmLastClose.ts';

/** @param argument `{ sessionId }`, from the timeline */
export async function detach(services: CommandServices, argument?: unknown): Promise<void> {
  const { registry } = services;
  const attached = registry.attachedSessions;
  if (attached.length === 0) {
    showMessage(notAttached());
    return;
  }
  const sessions = await askSessions(
    vscode.l10n.t('Detach'),
    vscode.l10n.t('Choose the session to detach from'),
    attached,
    { current: registry.current, argument, allLabel: vscode.l10n.t('All {0} sessions', attached.length) },
  );
  await detachFrom(services, sessions ?? []);
}

export async function detachAll(services: CommandServices): Promise<void> {
  const attached = services.registry.attachedSessions;
  if (attached.length === 0) {
    showMessage(notAttached());
  }
  await detachFrom(services, attached);
}

/** One after the other; those that have ended by then are left alone. */
async function detachFrom(services: CommandServices, sessions: readonly DebugSession[]): Promise<void> {
  for (const session of sessions) {
    if (session.end === null) {
      await detachOne(services, session);
    }
  }
}

async function detachOne({ log }: Pick<CommandServices, 'log'>, session: DebugSession): Promise<void> {
  const name = targetName(session.dto);
  try {
    const end = await detachOrAsk(session, name);
    if (end !== undefined) {
      log.info(`Detached from ${name}; ${end.handedBack} faults handed back.`);
      end.notes.forEach((note) => log.info(note));
      showMessage(end.isLastClose ? lastClosed(name) : detached(name, end.handedBack, end.notes));
    }
  } catch (error) {
    log.error(`Detach: ${String(error)}`);
    showMessage(requestFailed(error, log));
  }
}

/** @returns undefined when the user chose to keep the session */
async function detachOrAsk(
  session: DebugSession,
  name: string,
): Promise<(DetachResult & { readonly isLastClose: boolean }) | undefined> {
  if (!session.dto.isCustody) {
    try {
      return { ...(await session.detach()), isLastClose: false };
    } catch (error) {
      if (!(error instanceof HelperRefusal) || error.refusal !== 'lastHolder') {
        throw error;
      }
    }
  }
  return (await confirmLastClose(name, session.dto.isCustody))
    ? { ...(await session.detach(true)), isLastClose: true }
    : undefined;
}
