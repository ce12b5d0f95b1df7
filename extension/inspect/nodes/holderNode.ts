/** The row of a process that has a userfaultfd open. */
import type { CtxDto, InspectedHolderDto } from '../../../native-helper/protocol/inspect.ts';
import type { Words } from '../words.ts';
import { leaf, paragraph, type InspectNode } from './inspectNode.ts';

export function holderNode(
  { ownerPids }: CtxDto,
  id: string,
  { pid, comm, fds, isDebugger, isConfirmed }: InspectedHolderDto,
  t: Words,
): InspectNode {
  const whose = isDebugger ? t('this debugger') : ownerPids.includes(pid) ? t('its memory') : '';
  return {
    ...leaf,
    id: `${id} holder ${pid}`,
    label: `${comm} ${pid}`,
    description: [t('descriptor {0}', fds.join(', ')), whose].filter((part) => part !== '').join(' · '),
    tooltip: [
      paragraph(
        isConfirmed
          ? t('The same open file, by kcmp.')
          : t('The same inode; kcmp is not permitted, so this is not confirmed.'),
      ),
    ],
    icon: 'key',
  };
}
