/** The row of a sleeping thread: where it faulted, in which mode, and for how long it sleeps. */
import path from 'node:path';
import type { CtxDto, InspectedWaiterDto } from '../../../native-helper/protocol/inspect.ts';
import type { CodeName } from '../../symbols/symbolizer.ts';
import { sleepWords } from '../quantityWords.ts';
import type { Words } from '../words.ts';
import { leaf, paragraph, type InspectNode, type TooltipPart } from './inspectNode.ts';

/** Names of instructions by `address` of their place, as far as they could be looked up. */
export type CodeNames = ReadonlyMap<string, CodeName>;

export function waiterNode(
  ctx: CtxDto,
  id: string,
  waiter: InspectedWaiterDto,
  names: CodeNames,
  t: Words,
): InspectNode {
  const { tid, comm, mode, syscall, instruction, asleepNs, isInferred } = waiter;
  const name = instruction === null ? undefined : names.get(instruction.address);
  const place = name?.symbol ?? instruction?.address;
  const where =
    mode === 'event'
      ? t('in {0} until its event is read', syscall)
      : mode === 'kernel'
        ? t('kernel mode, in {0}', syscall)
        : (place ?? '');
  const source = name?.source;
  return {
    ...leaf,
    id: `${id} waiter ${tid}`,
    label: `${comm} ${tid}`,
    description: [
      where,
      ...(source === undefined ? [] : [`${path.basename(source.path)}:${source.line}`]),
      ...(asleepNs === null ? [] : [sleepWords(asleepNs)]),
    ].join(' · '),
    tooltip: [
      ...modeParagraphs(waiter, t),
      ...(instruction === null
        ? []
        : [
            {
              as: 'code',
              text: [
                [instruction.address, ...(name?.symbol === undefined ? [] : [name.symbol])].join(' '),
                ...(instruction.path === '' ? [] : [instruction.path]),
                ...(source === undefined ? [] : [`${source.path}:${source.line}`]),
              ].join('\n'),
            } as const,
          ]),
      ...(isInferred
        ? [paragraph(t('Its process has several userfaultfds; which one it waits for is a conclusion.'))]
        : []),
    ],
    icon: 'debug-pause',
    context: source === undefined ? 'waiter' : 'waiterWithSource',
    ctx,
    source,
  };
}

function modeParagraphs({ mode, syscall }: InspectedWaiterDto, t: Words): TooltipPart[] {
  switch (mode) {
    case 'user':
      return [
        paragraph(t('Asleep in a fault in user mode: the program’s own instruction touched the page.')),
      ];
    case 'kernel':
      return [
        paragraph(
          t(
            'Asleep in a fault in kernel mode: {0} touched the page. A debugger that stops this thread makes it spin.',
            syscall,
          ),
        ),
      ];
    case 'event':
      return [paragraph(t('Changes the memory map, and goes on when its event has been read.'))];
    case 'unknown':
      return [];
  }
}
