/**
 * Tells once, when the extension starts, of threads that a killed debugger or handler has left
 * asleep: when everything of ours dies in the same instant, nothing of ours can wake them.
 */
import type * as vscode from 'vscode';
import type { HelperClient } from '../helper/helperClient.ts';
import * as userErrors from '../userErrors.ts';
import { wakeSleepers } from './inspectCommands.ts';

export async function tellStranded(helper: HelperClient, log: vscode.LogOutputChannel): Promise<void> {
  const { ctxs } = await helper.inspect();
  for (const ctx of ctxs) {
    const finding = ctx.findings.find(({ id }) => id === 'stranded');
    if (finding !== undefined) {
      const wake = (): Promise<void> =>
        wakeSleepers(helper, ctx).catch((error: unknown) =>
          userErrors.showMessage(userErrors.requestFailed(error, log)),
        );
      userErrors.showMessage(userErrors.threadsStranded(finding, wake));
    }
  }
}
