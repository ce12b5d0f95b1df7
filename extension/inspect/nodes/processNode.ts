/** The row of a process: whether it is stuck, and its userfaultfds below. */
import type { CtxDto } from '../../../native-helper/protocol/inspect.ts';
import type { Words } from '../words.ts';
import { leaf, type InspectNode } from './inspectNode.ts';
import { isStuck, uffdNode } from './uffdNode.ts';
import type { CodeNames } from './waiterNode.ts';

export function processNode(pid: number, ctxs: readonly CtxDto[], names: CodeNames, t: Words): InspectNode {
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
