/** The row of a finding: why a userfaultfd is stuck, and below it what to try and the stacks that show it. */
import type { CtxDto, FindingDto, FindingId, StackDto } from '../../../native-helper/protocol/inspect.ts';
import type { Words } from '../words.ts';
import { leaf, paragraph, type InspectNode, type TooltipPart } from './inspectNode.ts';

export function findingNode(ctx: CtxDto, uffdId: string, finding: FindingDto, t: Words): InspectNode {
  const { text, advice, isStuck: isWarning } = finding;
  const stacks = readable(finding.stacks);
  const id = `${uffdId} ${finding.id}`;
  return {
    ...leaf,
    id,
    label: headline(finding.id, t),
    description: text,
    tooltip: [
      { as: 'heading', text: headline(finding.id, t) },
      paragraph(text),
      { as: 'heading', text: t('What to try') },
      paragraph(advice),
      ...stacks.flatMap((stack): TooltipPart[] => [
        { as: 'heading', text: stackName(stack, t) },
        { as: 'code', text: stack.frames.join('\n') },
      ]),
    ],
    icon: isWarning ? 'warning' : 'info',
    isWarning,
    context: 'finding',
    isExpanded: true,
    ctx,
    finding,
    children: [
      {
        ...leaf,
        id: `${id} advice`,
        label: t('What to try'),
        description: advice,
        tooltip: [paragraph(advice)],
        icon: 'lightbulb',
        context: 'finding',
        ctx,
        finding,
      },
      ...stacks.map((stack) => ({
        ...leaf,
        id: `${id} stack ${stack.tid}`,
        label: stackName(stack, t),
        icon: 'list-tree',
        children: stack.frames.map((frame, depth) => ({
          ...leaf,
          id: `${id} stack ${stack.tid} ${depth}`,
          label: frame,
          icon: 'debug-stackframe',
        })),
      })),
    ],
  };
}

/** A finding in full, for the clipboard. */
export function findingText(ctx: CtxDto, { text, advice, stacks }: FindingDto): string {
  return [
    `${ctx.comm} (${ctx.pid}), descriptor ${ctx.uffd.fd}: ${text}`,
    advice,
    ...readable(stacks).map(({ tid, comm, frames }) => `${tid} (${comm}): ${frames.join(' < ')}`),
  ].join('\n');
}

function headline(id: FindingId, t: Words): string {
  switch (id) {
    case 'readNotWoken':
      return t('Read, never woken');
    case 'nobodyReads':
      return t('Nobody reads');
    case 'handlerBlocked':
      return t('Handler blocked');
    case 'handlerBusy':
      return t('Handler busy');
    case 'mapChanging':
      return t('Event not read');
    case 'blockingDescriptor':
      return t('Blocking descriptor');
    case 'apiNotDone':
      return t('UFFDIO_API not done');
    case 'lastHolder':
      return t('Last holder');
    case 'targetGone':
      return t('Target ended');
    case 'unregistered':
      return t('Unregistered, not woken');
    case 'noHugePages':
      return t('No huge page free');
    case 'stranded':
      return t('Left asleep');
  }
}

function stackName({ tid, comm }: StackDto, t: Words): string {
  return t('Kernel stack of {0} {1}', comm, tid);
}

function readable(stacks: readonly StackDto[]): StackDto[] {
  return stacks.filter(({ frames }) => frames.length > 0);
}
