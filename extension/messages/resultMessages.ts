/** What ioctls answered. Sentences that the helper wrote are passed through. */
import * as vscode from 'vscode';
import type { BatchResultDto, IoctlResultDto } from '../../native-helper/protocol/ioctls.ts';
import { wake } from './messageActions.ts';
import type { MessageAction, UserMessage } from './userMessage.ts';

/** What the ioctls of one resolve or wake answered, in words. */
export function batchResult(
  { succeeded, failed, undone, results }: BatchResultDto,
  wakeRange: WakeRange,
): UserMessage {
  const [first] = results;
  const sentences = [resultSentence(succeeded, failed, undone, results)];
  if (results.some(({ errno, offersWake }) => errno === undefined && offersWake)) {
    sentences.push(vscode.l10n.t('Threads it was for sleep until you wake them.'));
  }
  // What was stopped halfway is undone and has an answer.
  const untouched = undone - Math.max(0, results.length - succeeded - failed);
  if (untouched > 0) {
    sentences.push(
      untouched === 1
        ? vscode.l10n.t('The batch was stopped with 1 left to do.')
        : vscode.l10n.t('The batch was stopped with {0} left to do.', untouched),
    );
  }
  return {
    severity: failed + undone === 0 ? 'info' : 'warning',
    text: sentences.join(' '),
    actions:
      results.length === 1 && first?.faultId === 0
        ? wakeRangeIfOffered(first, wakeRange)
        : results.some(({ offersWake }) => offersWake)
          ? [wake()]
          : [],
  };
}

/** Wakes the threads that sleep in a range. */
export type WakeRange = (range: Pick<IoctlResultDto, 'start' | 'lengthBytes'>) => unknown;

/** What REGISTER or UNREGISTER answered, in words. */
export function registerResult(result: IoctlResultDto, wakeRange: WakeRange): UserMessage {
  return {
    severity: result.errno === undefined ? 'info' : 'warning',
    text: result.text,
    actions: wakeRangeIfOffered(result, wakeRange),
  };
}

function wakeRangeIfOffered(result: IoctlResultDto, wakeRange: WakeRange): MessageAction[] {
  return result.offersWake ? [{ title: vscode.l10n.t('Wake the Range'), run: () => wakeRange(result) }] : [];
}

function resultSentence(
  succeeded: number,
  failed: number,
  undone: number,
  results: readonly IoctlResultDto[],
): string {
  const [first] = results;
  if (first === undefined) {
    return vscode.l10n.t('No page was acted on.');
  }
  if (results.length === 1) {
    return first.text;
  }
  const ioctl = `UFFDIO_${first.ioctl.toUpperCase()}`;
  if (failed > 0) {
    // One without an errno could not even be tried, for instance for lack of its source.
    const failure =
      results.find(({ errno }) => errno !== undefined) ??
      results.find(({ doneBytes, lengthBytes }) => doneBytes < lengthBytes);
    return vscode.l10n.t(
      '{0}: {1} of {2} failed. The first answer: {3}',
      ioctl,
      failed,
      succeeded + failed,
      failure?.text ?? '',
    );
  }
  return undone === 0
    ? vscode.l10n.t('{0}: all {1} succeeded.', ioctl, succeeded)
    : vscode.l10n.t('{0}: {1} succeeded.', ioctl, succeeded);
}
