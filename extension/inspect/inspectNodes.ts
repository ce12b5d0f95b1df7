/**
 * The tree of Inspect: processes → userfaultfds → findings, sleeping threads, handler threads,
 * holders, ranges, features. Each kind of row has a file in nodes/. Pure: no VS Code.
 */
import type { InspectionDto } from '../../native-helper/protocol/inspect.ts';
import type { InspectNode } from './nodes/inspectNode.ts';
import { processNode } from './nodes/processNode.ts';
import type { CodeNames } from './nodes/waiterNode.ts';
import type { Words } from './words.ts';

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
