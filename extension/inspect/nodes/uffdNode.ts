/** The row of a userfaultfd: its faults, and below it all that Inspect knows of it, in groups. */
import type { CtxDto } from '../../../native-helper/protocol/inspect.ts';
import type { UffdDto } from '../../../native-helper/protocol/processes.ts';
import { featureMeaning } from '../featureWords.ts';
import type { Words } from '../words.ts';
import { findingNode } from './findingNode.ts';
import { handlerNode } from './handlerNode.ts';
import { holderNode } from './holderNode.ts';
import { leaf, paragraph, type InspectNode } from './inspectNode.ts';
import { rangeNode } from './rangeNode.ts';
import { waiterNode, type CodeNames } from './waiterNode.ts';

export function isStuck({ findings }: CtxDto): boolean {
  return findings.some((finding) => finding.isStuck);
}

export function uffdNode(ctx: CtxDto, names: CodeNames, t: Words): InspectNode {
  const { uffd, findings, waiters, handlers, holders, ranges, unreadable } = ctx;
  const id = `uffd ${ctx.inode}`;
  const group = (
    name: string,
    label: string,
    icon: string,
    children: readonly InspectNode[],
    none: string,
  ): InspectNode => ({
    ...leaf,
    id: `${id} ${name}`,
    label,
    description: children.length === 0 ? none : `${children.length}`,
    icon,
    children,
  });
  return {
    ...leaf,
    id,
    label: t('Descriptor {0}', uffd.fd),
    description: faultWords(uffd, t),
    tooltip: [
      paragraph(t('Faults that are not read yet: {0}.', uffd.pending)),
      paragraph(t('Faults that were read and are not woken yet: {0}.', uffd.total - uffd.pending)),
    ],
    icon: 'plug',
    isWarning: isStuck(ctx),
    context: findings.some(({ offersWake }) => offersWake) ? 'uffdToWake' : 'uffd',
    isExpanded: isStuck(ctx),
    ctx,
    children: [
      ...findings.map((finding) => findingNode(ctx, id, finding, t)),
      group(
        'waiters',
        t('Sleeping Threads'),
        'debug-pause',
        waiters.map((waiter) => waiterNode(ctx, id, waiter, names, t)),
        t('none'),
      ),
      group(
        'handlers',
        t('Handler Threads'),
        'pulse',
        handlers.map((handler) => handlerNode(id, handler, t)),
        t('none seen to wait'),
      ),
      group(
        'holders',
        t('Holders'),
        'key',
        holders.map((holder) => holderNode(ctx, id, holder, t)),
        t('none'),
      ),
      group(
        'ranges',
        t('Ranges'),
        'symbol-array',
        ranges.map((range) => rangeNode(id, range, t)),
        t('none'),
      ),
      group(
        'features',
        t('Features'),
        'symbol-constant',
        uffd.features.map((feature) => ({
          ...leaf,
          id: `${id} feature ${feature}`,
          label: feature,
          description: featureMeaning(feature, t),
          icon: 'symbol-constant',
        })),
        uffd.isApiDone ? t('none') : t('UFFDIO_API not done: no fault can come'),
      ),
      {
        ...leaf,
        id: `${id} flags`,
        label: t('Flags'),
        description: uffd.isBlocking ? t('blocking: poll answers POLLERR') : t('O_NONBLOCK'),
        icon: 'tag',
      },
      ...unreadable.map((part) => ({
        ...leaf,
        id: `${id} unreadable ${part}`,
        label: t('Not readable'),
        description: part,
        icon: 'lock',
      })),
    ],
  };
}

function faultWords({ pending, total }: UffdDto, t: Words): string {
  const read = total - pending;
  return total === 0
    ? t('no open fault')
    : read === 0
      ? t('{0} unread', pending)
      : pending === 0
        ? t('{0} read, not woken', read)
        : t('{0} unread, {1} read', pending, read);
}
