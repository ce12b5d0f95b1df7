/**
 * The tree of Inspect: processes → userfaultfds → findings, sleeping threads, handler threads,
 * holders, ranges, features. Pure: no VS Code.
 */
import path from 'node:path';
import type {
  CtxDto,
  FindingDto,
  FindingId,
  HandlerThreadDto,
  InspectedHolderDto,
  InspectedWaiterDto,
  InspectionDto,
  StackDto,
} from '../../native-helper/inspectProtocol.ts';
import type { RangeDto, UffdDto } from '../../native-helper/protocol.ts';
import type { CodeName, SourceLine } from '../symbols/symbolizer.ts';
import { featureMeaning } from './featureWords.ts';
import { sizeWords, sleepWords } from './quantityWords.ts';
import type { Words } from './words.ts';

/** Names of instructions by `address` of their place, as far as they could be looked up. */
export type CodeNames = ReadonlyMap<string, CodeName>;

/** What menus tell nodes apart by. */
export type NodeContext =
  'process' | 'uffd' | 'uffdToWake' | 'finding' | 'waiter' | 'waiterWithSource' | 'text';

/** A paragraph of a tooltip. */
export interface TooltipPart {
  readonly as: 'heading' | 'text' | 'code';
  readonly text: string;
}

export interface InspectNode {
  /** Stays the same from one look to the next, so that what is expanded and selected stays so. */
  readonly id: string;
  readonly label: string;
  readonly description: string;
  /** More than the row has room for; none when the row says all. */
  readonly tooltip: readonly TooltipPart[];
  /** Name of a codicon. */
  readonly icon: string;
  readonly isWarning: boolean;
  readonly context: NodeContext;
  readonly children: readonly InspectNode[];
  readonly isExpanded: boolean;
  readonly ctx: CtxDto | undefined;
  readonly source: SourceLine | undefined;
  /** What choosing the row explains. */
  readonly finding: FindingDto | undefined;
}

export function inspectNodes({ ctxs }: InspectionDto, names: CodeNames, t: Words): InspectNode[] {
  const pids = [...new Set(ctxs.map(({ pid }) => pid))];
  return pids
    .map((pid) =>
      processNode(
        pid,
        ctxs.filter((ctx) => ctx.pid === pid),
        names,
        t,
      ),
    )
    .sort((a, b) => Number(b.isWarning) - Number(a.isWarning));
}

export function isStuck({ findings }: CtxDto): boolean {
  return findings.some((finding) => finding.isStuck);
}

/** A finding in full, for the clipboard. */
export function findingText(ctx: CtxDto, { text, advice, stacks }: FindingDto): string {
  return [
    `${ctx.comm} (${ctx.pid}), descriptor ${ctx.uffd.fd}: ${text}`,
    advice,
    ...readable(stacks).map(({ tid, comm, frames }) => `${tid} (${comm}): ${frames.join(' < ')}`),
  ].join('\n');
}

/** What a screen reader says of a row. */
export function spokenText({ label, description, isWarning, finding }: InspectNode, t: Words): string {
  const said = [label, description].filter((part) => part !== '').join(', ');
  return isWarning && finding === undefined ? t('{0}, stuck', said) : said;
}

const leaf = {
  description: '',
  tooltip: [],
  isWarning: false,
  context: 'text',
  children: [],
  isExpanded: false,
  ctx: undefined,
  source: undefined,
  finding: undefined,
} as const;

const paragraph = (text: string): TooltipPart => ({ as: 'text', text });

function readable(stacks: readonly StackDto[]): StackDto[] {
  return stacks.filter(({ frames }) => frames.length > 0);
}

function processNode(pid: number, ctxs: readonly CtxDto[], names: CodeNames, t: Words): InspectNode {
  const [first] = ctxs;
  const stuck = ctxs.filter(isStuck);
  const asleep = new Set(stuck.flatMap(({ waiters }) => waiters.map(({ tid }) => tid))).size;
  const verdict =
    stuck.length === 0
      ? t('not stuck')
      : asleep === 0
        ? t('stuck')
        : asleep === 1
          ? t('1 thread asleep')
          : t('{0} threads asleep', asleep);
  const { comm, commandLine } = first!;
  return {
    ...leaf,
    id: `process ${pid}`,
    label: comm,
    description: `${pid} · ${verdict}`,
    tooltip: commandLine === '' ? [] : [{ as: 'code', text: commandLine }],
    icon: stuck.length > 0 ? 'warning' : 'server-process',
    isWarning: stuck.length > 0,
    context: 'process',
    isExpanded: stuck.length > 0,
    children: ctxs.map((ctx) => uffdNode(ctx, names, t)),
    ctx: first,
  };
}

function uffdNode(ctx: CtxDto, names: CodeNames, t: Words): InspectNode {
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
      group('ranges', t('Ranges'), 'symbol-array', rangeNodes(id, ranges, t), t('none')),
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

function findingNode(ctx: CtxDto, uffdId: string, finding: FindingDto, t: Words): InspectNode {
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

function stackName({ tid, comm }: StackDto, t: Words): string {
  return t('Kernel stack of {0} {1}', comm, tid);
}

function waiterNode(
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

function handlerNode(
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

function holderNode(
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

function rangeNodes(id: string, ranges: readonly RangeDto[], t: Words): InspectNode[] {
  return ranges.map(({ start, lengthBytes, modes, memory, isShared, pageBytes, backing }) => ({
    ...leaf,
    id: `${id} range ${start}`,
    label: start,
    description: `${sizeWords(lengthBytes)}, ${modes.join(' ')}, ${memory}`,
    tooltip: [
      paragraph(
        isShared
          ? t('Shared, in pages of {0}.', sizeWords(pageBytes))
          : t('Private, in pages of {0}.', sizeWords(pageBytes)),
      ),
      ...(backing === '' ? [] : [{ as: 'code', text: backing } as const]),
    ],
    icon: 'symbol-array',
  }));
}
