/**
 * Detach: stop reading the uffd shown and hand every held fault back. Where nobody else has it
 * open that would be the last close, and the user decides.
 */
import type { DetachResult } from '../../native-helper/protocol.ts';
import { HelperRefusal } from '../helper/helperError.ts';
import type { DebugSession } from '../session/debugSession.ts';
import { targetName } from '../target/targetName.ts';
import * as userErrors from '../userErrors.ts';
import { attachedSession } from './attachedSession.ts';
import type { CommandServices } from './commandServices.ts';
import { confirmLastClose } from './steps/confirmLastClose.ts';

export async function detach({ registry, log }: CommandServices): Promise<void> {
  const session = attachedSession(registry);
  if (session === undefined) {
    return;
  }
  const name = targetName(session.dto);
  try {
    const end = await detachOrAsk(session, name);
    if (end !== undefined) {
      log.info(`Detached from ${name}; ${end.handedBack} faults handed back.`);
      end.notes.forEach((note) => log.info(note));
      userErrors.showMessage(
        end.isLastClose ? userErrors.lastClosed(name) : userErrors.detached(name, end.handedBack, end.notes),
      );
    }
  } catch (error) {
    log.error(`Detach: ${String(error)}`);
    userErrors.showMessage(userErrors.requestFailed(error, log));
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
