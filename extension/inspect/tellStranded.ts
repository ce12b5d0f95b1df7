/**
 * Tells once, when the extension starts, of threads that a killed debugger or handler has left
 * asleep: when everything of ours dies in the same instant, nothing of ours can wake them.
 */
import type * as vscode from 'vscode';
import type { CtxDto, FindingDto } from '../../native-helper/protocol/inspect.ts';
import type { HelperClient } from '../helper/helperClient.ts';
import { threadsStranded } from '../messages/inspectMessages.ts';
import { requestFailed } from '../messages/requestMessages.ts';
import { showMessage } from '../messages/userMessage.ts';
import { wakeSleepers } from './inspectCommands.ts';

/** A page that comes over a network may be that long on its way, while the handler waits for more. */
const slowPageNs = 10e9;

export async function tellStranded(helper: HelperClient, log: vscode.LogOutputChannel): Promise<void> {
  const { ctxs } = await helper.inspect(false);
  for (const ctx of ctxs) {
    const finding = strandedIn(ctx);
    if (finding !== undefined) {
      const wake = (): Promise<void> =>
        wakeSleepers(helper, ctx).catch((error: unknown) => showMessage(requestFailed(error, log)));
      showMessage(threadsStranded(finding, wake));
    }
  }
}

/** A handler that a killed debugger had frozen is back in its wait, and does not know what was read. */
function strandedIn({ findings, waiters }: CtxDto): FindingDto | undefined {
  const isOverdue = waiters.some(({ asleepNs }) => asleepNs !== null && asleepNs > slowPageNs);
  return findings.find(({ id }) => id === 'stranded' || (id === 'readNotWoken' && isOverdue));
}
