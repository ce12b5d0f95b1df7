/** A row of the tree of Inspect, with all below it. Pure: no VS Code. */
import type { CtxDto, FindingDto } from '../../../native-helper/protocol/inspect.ts';
import type { SourceLine } from '../../symbols/symbolizer.ts';
import type { Words } from '../words.ts';

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

/** What a row has unless it says otherwise; id, label and icon it always says. */
export const leaf = {
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

export const paragraph = (text: string): TooltipPart => ({ as: 'text', text });

/** What a screen reader says of a row. */
export function spokenText({ label, description, isWarning, finding }: InspectNode, t: Words): string {
  const said = [label, description].filter((part) => part !== '').join(', ');
  return isWarning && finding === undefined ? t('{0}, stuck', said) : said;
}
