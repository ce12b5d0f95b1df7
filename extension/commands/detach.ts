/** Detach: stop reading the uffd and hand every held fault back. */
import * as userErrors from '../userErrors.ts';
import type { CommandServices } from './commandServices.ts';
import { targetName } from '../target/targetName.ts';

export async function detach({ registry, log }: CommandServices): Promise<void> {
  const session = registry.attached;
  if (session === null) {
    userErrors.showMessage(userErrors.notAttached());
    return;
  }
  try {
    const { handedBack } = await session.detach();
    log.info(`Detached from ${targetName(session.dto)}; ${handedBack} faults handed back.`);
    userErrors.showMessage(userErrors.detached(targetName(session.dto), handedBack));
  } catch (error) {
    log.error(`Detach: ${String(error)}`);
    userErrors.showMessage(userErrors.requestFailed(error, log));
  }
}
