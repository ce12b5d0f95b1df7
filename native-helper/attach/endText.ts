/** Why a session is over, in one sentence for people. */
import type { SessionDidEndParams } from '../protocol/session.ts';

/**
 * @param pid whose memory it is, 0 for an unknown child's
 * @param wasLast nobody else had it open: there was nobody to hand back to
 * @param handedBack faults that were open at the end
 * @param detail what failed, for uffdFailed
 */
export function endText(
  pid: number,
  reason: SessionDidEndParams['reason'],
  handedBack: number,
  detail: string,
  wasLast: boolean,
): string {
  const whose = whoseMemory(pid);
  switch (reason) {
    case 'detached':
      return wasLast ? released(whose, handedBack) : `Detached from ${whose}; ${handBack(handedBack)}.`;
    case 'targetExited':
      return `${capitalised(whose)} has ended.`;
    case 'targetExeced':
      return `${capitalised(whose)} has replaced its memory (execve), so its registered ranges are gone.`;
    case 'memoryGone':
      return 'The memory behind this userfaultfd is gone: the process it belonged to has ended or replaced it.';
    case 'guardianLost':
      return (
        'The guardian process, which wakes all threads should the helper die, was lost and could not be replaced. ' +
        (wasLast ? released(whose, handedBack) : `Detached from ${whose}; ${handBack(handedBack)}.`)
      );
    case 'uffdFailed':
      return `Reading the userfaultfd of ${whose} failed: ${detail}. Every thread was woken.`;
  }
}

/** What is said when a forked child's uffd could not become a session: it is closed by then. */
export function custodyFailed(error: unknown): string {
  const why = error instanceof Error ? error.message : String(error);
  return `The userfaultfd of a forked child could not be kept (${why}). It was closed: the threads of the child go on, and missing pages read as zeros.`;
}

/** What is told as soon as all others have closed it. */
export function lastHolderText(pid: number): string {
  return (
    `No other process has the userfaultfd of ${whoseMemory(pid)} open any more: its handler has closed it or ended. ` +
    'This session keeps it open and holds its faults; when the session ends it is closed, its threads are released, and missing pages read as zeros.'
  );
}

/** In words. @param pid 0 when it is not known */
export function whoseMemory(pid: number): string {
  return pid === 0 ? 'a forked child' : `process ${pid}`;
}

/** The last close: there is nobody to hand back to. */
function released(whose: string, openFaults: number): string {
  return (
    `The userfaultfd of ${whose} was closed: its threads go on, and missing pages read as zeros ` +
    `(${openFaults === 1 ? '1 fault was' : `${openFaults} faults were`} open).`
  );
}

function handBack(handedBack: number): string {
  return handedBack === 1 ? '1 open fault was handed back' : `${handedBack} open faults were handed back`;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
