/** Runs a batch; one that takes longer than a moment shows its progress and can be cancelled. */
import { setTimeout } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { BatchResultDto } from '../../native-helper/protocol/ioctls.ts';
import type { BatchControl } from '../helper/helperClient.ts';

const momentMs = 500;

/** @param run starts the batch; what it rejects with is passed on */
export async function runBatch(
  title: string,
  run: (control: BatchControl) => Promise<BatchResultDto>,
): Promise<BatchResultDto> {
  const cancellation = new vscode.CancellationTokenSource();
  let latest = { done: 0, total: 0 };
  let show: ((progress: typeof latest) => void) | undefined;
  const batch = run({
    cancellation: cancellation.token,
    onProgress: (progress) => {
      latest = progress;
      show?.(progress);
    },
  });
  const patience = new AbortController();
  const moment = setTimeout(momentMs, 'long' as const, { signal: patience.signal });
  moment.catch(() => undefined);
  try {
    if ((await Promise.race([batch, moment])) !== 'long') {
      return await batch;
    }
    return await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title, cancellable: true },
      (notification, token) => {
        token.onCancellationRequested(() => cancellation.cancel());
        let shownPercent = 0;
        show = ({ done, total }) => {
          const percent = total === 0 ? 0 : (100 * done) / total;
          const message = vscode.l10n.t('{0} of {1}', done, total);
          notification.report({ message, increment: percent - shownPercent });
          shownPercent = percent;
        };
        show(latest);
        return batch;
      },
    );
  } finally {
    patience.abort();
    cancellation.dispose();
  }
}
