/** What of the tree is to be painted anew after a look: a row that stays as it is keeps its hover. */
import type { InspectNode } from './nodes/inspectNode.ts';

/** Ids of nodes that have changed themselves or in which rows they have; `'all'` when the roots have. */
export function changedNodes(
  before: readonly InspectNode[],
  after: readonly InspectNode[],
): readonly string[] | 'all' {
  if (idsOf(before) !== idsOf(after)) {
    return 'all';
  }
  return after.flatMap((node, index) => changedIn(before[index]!, node));
}

function changedIn(before: InspectNode, after: InspectNode): readonly string[] {
  if (rowOf(before) !== rowOf(after)) {
    return [after.id];
  }
  return after.children.flatMap((child, index) => changedIn(before.children[index]!, child));
}

/** All that a row shows, and which rows are below it. */
function rowOf({ label, description, tooltip, icon, isWarning, context, children }: InspectNode): string {
  return JSON.stringify([label, description, tooltip, icon, isWarning, context, idsOf(children)]);
}

function idsOf(nodes: readonly InspectNode[]): string {
  return nodes.map(({ id }) => id).join('\n');
}
