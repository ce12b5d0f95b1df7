/** Detach: stop reading the uffd shown and hand every held fault back. */
import { targetName } from '../target/targetName.ts';
import * as userErrors from '../userErrors.ts';
import { confirmCustodyEnd } from './steps/confirmCustodyEnd.ts';
import { attachedSession } from './attachedSession.ts';
import type { CommandServices } from './commandServices.ts';

export async function detach({ registry, log }: CommandServices): Promise<void> {
  const session = attachedSession(registry);
  if (session === undefined) {
    return;
  }
  const name = targetName(session.dto);
  if (session.dto.isCustody && !(await confirmCustodyEnd(name))) {
    return;
  }
  try {
    const { handedBack, notes } = await session.detach();
    log.info(`Detached from ${name}; ${handedBack} faults handed back.`);
    notes.forEach((note) => log.info(note));
    userErrors.showMessage(
      session.dto.isCustody ? userErrors.custodyEnded(name) : userErrors.detached(name, handedBack, notes),
    );
  } catch (error) {
    log.error(`Detach: ${String(error)}`);
    userErrors.showMessage(userErrors.requestFailed(error, log));
  }
}
