/** The row of a handler thread: what it is doing, and whether it is one for certain. */
import type { HandlerThreadDto } from '../../../native-helper/protocol/inspect.ts';
import type { Words } from '../words.ts';
import { leaf, paragraph, type InspectNode } from './inspectNode.ts';

export function handlerNode(
  id: string,
  { pid, tid, comm, activity, syscall, tracerPid, isCertain }: HandlerThreadDto,
  t: Words,
): InspectNode {
  const doing: Record<HandlerThreadDto['activity'], string> = {
    poll: t('waits in {0}', syscall),
    select: t('waits in {0}', syscall),
    epoll: t('waits in {0}', syscall),
    read: t('waits in {0}', syscall),
    ioUring: t('waits in {0}', syscall),
    running: t('busy'),
    fault: t('asleep in a page fault itself'),
    blocked: syscall === '' ? t('asleep') : t('asleep in {0}', syscall),
    stopped: tracerPid === 0 ? t('stopped') : t('stopped by process {0}', tracerPid),
    gone: t('gone'),
  };
  return {
    ...leaf,
    id: `${id} handler ${tid}`,
    label: `${comm} ${tid}`,
    description: [doing[activity], ...(isCertain ? [] : [t('likely')])].join(' · '),
    tooltip: [
      paragraph(t('Thread {0} of process {1}.', tid, pid)),
      paragraph(
        isCertain
          ? t('It waits on this userfaultfd, or did when it was looked at earlier.')
          : t('Its process has the userfaultfd open and not the memory, so it is likely a handler.'),
      ),
    ],
    icon: 'pulse',
  };
}
