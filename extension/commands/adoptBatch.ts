/** Goes on with a batch whose timeline page is gone: its progress and answer are shown as the palette's are. */
import { requestFailed } from '../messages/requestMessages.ts';
import { batchResult } from '../messages/resultMessages.ts';
import { showMessage } from '../messages/userMessage.ts';
import type { DebugSession } from '../session/debugSession.ts';
import type { PageBatch } from '../timeline/pageBatch.ts';
import type { CommandServices } from './commandServices.ts';
import { runBatch } from './runBatch.ts';
import { wakeRange } from './wake.ts';

export async function adoptBatch(
  services: Pick<CommandServices, 'log'>,
  session: DebugSession,
  batch: PageBatch,
): Promise<void> {
  try {
    const result = await runBatch(`UFFDIO_${batch.ioctl.toUpperCase()}`, (control) => batch.follow(control));
    showMessage(batchResult(result, (range) => wakeRange(services, session, range)));
  } catch (error) {
    services.log.error(`Batch of a closed timeline: ${String(error)}`);
    showMessage(requestFailed(error, services.log));
  }
}
