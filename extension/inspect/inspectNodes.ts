/**
 * The tree of Inspect: processes → userfaultfds → findings, sleeping threads, handler threads,
 * holders, ranges. Pure: no VS Code.
 */
import path from 'node:path';
import type {
  CtxDto,
  FindingDto,
  HandlerThreadDto,
  InspectedHolderDto,
  InspectedWaiterDto,
  InspectionDto,
} from '../../native-helper/inspectProtocol.ts';
import type { CodeName, SourceLine } from '../symbols/symbolizer.ts';

/** Names of instructions by `address` of their place, as far as they could be looked up. */
export type CodeNames = ReadonlyMap<string, CodeName>;

/** What menus tell nodes apart by. */
export type NodeContext =
  'process' | 'uffd' | 'uffdToWake' | 'finding' | 'waiter' | 'waiterWithSource' | 'text';

export interface InspectNode {
  /** Stays the same from one look to the next, so that what is expanded stays so. */
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly tooltip: string;
  /** Name of a codicon. */
  readonly icon: string;
  readonly isWarning: boolean;
  readonly context: NodeContext;
  readonly children: readonly InspectNode[];
  readonly isExpanded: boolean;
  readonly ctx: CtxDto | undefined;
  readonly source: SourceLine | undefined;
}

type Words = (message: string, ...args: (string | number)[]) => string;

/** @param t puts a message into the user's language (vscode.l10n.t) */
export function inspectNodes({ ctxs }: InspectionDto, names: CodeNames, t: Words): InspectNode[] {
  const pids = [...new Set(ctxs.map(ownerOf))];
  return pids
    .map((pid) =>
      processNode(
        pid,
        ctxs.filter((ctx) => ownerOf(ctx) === pid),
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
    ...stacks
      .filter(({ frames }) => frames.length > 0)
      .map(({ tid, comm, frames }) => `${tid} (${comm}): ${frames.join(' < ')}`),
  ].join('\n');
}

/** The process under which a ctx is shown: whose memory it is, where that has it open. */
function ownerOf({ pid }: CtxDto): number {
  return pid;
}

const leaf = {
  description: '',
  tooltip: '',
  isWarning: false,
  context: 'text',
  children: [],
  isExpanded: false,
  ctx: undefined,
  source: undefined,
} as const;

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
          ? t('1 thread stuck')
          : t('{0} threads stuck', asleep);
  return {
    ...leaf,
    id: `process ${pid}`,
    label: first!.comm,
    description: `${pid} · ${verdict}`,
    tooltip: first!.commandLine,
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
  const group = (name: string, label: string, icon: string, children: InspectNode[]): InspectNode[] =>
    children.length === 0
      ? []
      : [{ ...leaf, id: `${id} ${name}`, label, description: `${children.length}`, icon, children }];
  return {
    ...leaf,
    id,
    label: t('Descriptor {0}', uffd.fd),
    description: t('{0} unread, {1} unresolved', uffd.pending, uffd.total),
    tooltip: [
      uffd.isApiDone
        ? uffd.features.join(', ') || t('no features')
        : t('UFFDIO_API not done: no fault can come'),
      uffd.isBlocking ? t('blocking (no O_NONBLOCK)') : t('O_NONBLOCK'),
    ].join('\n'),
    icon: 'plug',
    isWarning: isStuck(ctx),
    context: findings.some(({ offersWake }) => offersWake) ? 'uffdToWake' : 'uffd',
    isExpanded: isStuck(ctx),
    ctx,
    children: [
      ...findings.map((finding) => findingNode(ctx, id, finding)),
      ...group(
        'waiters',
        t('Sleeping Threads'),
        'debug-pause',
        waiters.map((waiter) => waiterNode(ctx, id, waiter, names, t)),
      ),
      ...group(
        'handlers',
        t('Handler Threads'),
        'pulse',
        handlers.map((handler) => handlerNode(id, handler, t)),
      ),
      ...group(
        'holders',
        t('Holders'),
        'key',
        holders.map((holder) => holderNode(ctx, id, holder, t)),
      ),
      ...group(
        'ranges',
        t('Ranges'),
        'symbol-array',
        ranges.map(({ start, lengthBytes, modes, memory, pageBytes, backing }) => ({
          ...leaf,
          id: `${id} range ${start}`,
          label: start,
          description: t('{0} KiB, {1}, {2}', lengthBytes / 1024, modes.join(' '), memory),
          tooltip: [t('pages of {0} KiB', pageBytes / 1024), ...(backing === '' ? [] : [backing])].join('\n'),
          icon: 'symbol-array',
        })),
      ),
      {
        ...leaf,
        id: `${id} features`,
        label: t('Features'),
        description: uffd.features.join(', ') || t('none'),
        icon: 'symbol-constant',
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

function findingNode(ctx: CtxDto, id: string, finding: FindingDto): InspectNode {
  return {
    ...leaf,
    id: `${id} ${finding.id}`,
    label: finding.text,
    tooltip: findingText(ctx, finding),
    icon: finding.isStuck ? 'warning' : 'info',
    isWarning: finding.isStuck,
    context: 'finding',
    ctx,
  };
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
      ...(asleepNs === null ? [] : [t('{0} s', (asleepNs / 1e9).toFixed(asleepNs < 1e10 ? 1 : 0))]),
    ].join(' · '),
    tooltip: [
      mode === 'user'
        ? t('The program’s own instruction faulted.')
        : mode === 'kernel'
          ? t(
              'The kernel touched the page for a system call: a debugger that stops this thread makes it spin.',
            )
          : '',
      instruction === null
        ? ''
        : [instruction.address, name?.symbol ?? '', instruction.path].filter((part) => part !== '').join(' '),
      source === undefined ? '' : `${source.path}:${source.line}`,
      isInferred ? t('Its process has several userfaultfds; which one it waits for is a conclusion.') : '',
    ]
      .filter((line) => line !== '')
      .join('\n'),
    icon: 'debug-pause',
    context: source === undefined ? 'waiter' : 'waiterWithSource',
    ctx,
    source,
  };
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
  };
  return {
    ...leaf,
    id: `${id} handler ${tid}`,
    label: `${comm} ${tid}`,
    description: [doing[activity], ...(isCertain ? [] : [t('likely')])].join(' · '),
    tooltip: t('Thread {0} of process {1}', tid, pid),
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
    tooltip: isConfirmed
      ? t('The same open file, by kcmp.')
      : t('The same inode; kcmp is not permitted, so this is not confirmed.'),
    icon: 'key',
  };
}
