/** The small box beside the pointer that says what it points at. */
import { formatMoment } from '../model/duration.ts';
import { faultFlags, flagsInShort } from '../model/faultFlags.ts';
import { ageInWords, hexAddress, phaseWords, rowInWords } from '../model/faultWords.ts';
import { nsPerPx, timeAt } from '../model/timeScale.ts';
import { axisEventsPx, axisPx, type ChartFrame } from '../render/chartFrame.ts';

/** How far beside an event's sign the pointer may be and still mean it. */
const eventReachPx = 6;

interface Line {
  readonly tag: 'b' | 'div' | 'code';
  readonly text: string;
}

/** What to say about fault `i`. */
export function faultLines({ faults, threadName, nowNs }: ChartFrame, i: number): readonly Line[] {
  const flags = flagsInShort(faultFlags(faults, i, nowNs), faults.retry[i]!);
  const thread = `${threadName(faults.tid[i]!)}${faults.isTidInferred[i] === 1 ? ' (inferred)' : ''}`;
  const age = `${ageInWords(faults, i, nowNs)}${faults.isBeforeAttach(i) ? ', raised before attach' : ''}`;
  return [
    { tag: 'b', text: `Fault ${faults.id[i]!} · ${phaseWords[faults.phase(i)]}` },
    { tag: 'div', text: `${thread}, ${age}` },
    { tag: 'code', text: hexAddress(faults.address[i]!) },
    ...(flags === '' ? [] : [{ tag: 'div', text: flags } as const]),
  ];
}

/** Place in `frame.events` of the event whose sign is at a point of the chart, -1 for none. */
export function eventAt({ events, scale, gutterPx }: ChartFrame, xPx: number, yPx: number): number {
  const isOnSigns = yPx <= axisPx && yPx >= 2 * axisEventsPx - axisPx;
  return isOnSigns && xPx > gutterPx
    ? events.nearest(timeAt(scale, xPx - gutterPx), eventReachPx * nsPerPx(scale))
    : -1;
}

/** What to say about event `n`, and how many more its sign stands for. */
export function eventLines({ events, scale }: ChartFrame, n: number): readonly Line[] {
  const timeNs = events.timeNs(n);
  const reachNs = eventReachPx * nsPerPx(scale);
  const more = events.firstFrom(timeNs + reachNs) - events.firstFrom(timeNs - reachNs) - 1;
  return [
    { tag: 'b', text: rowInWords(events.event(n)) },
    { tag: 'div', text: `at ${formatMoment(timeNs)}` },
    ...(more > 0 ? [{ tag: 'div', text: `and ${more} more beside it: zoom in` } as const] : []),
  ];
}

/** What the tooltip says, beside a point of the chart. */
export interface Pointed {
  readonly lines: readonly Line[];
  readonly xPx: number;
  readonly yPx: number;
}

/** Shows the tooltip beside a point, or hides it when there is nothing to say. */
export function placeTooltip(
  tooltip: HTMLElement,
  { widthPx, heightPx }: ChartFrame,
  pointed: Pointed | null,
): void {
  tooltip.hidden = pointed === null;
  if (pointed === null) {
    return;
  }
  tooltip.replaceChildren(...pointed.lines.map(element));
  const leftMaxPx = widthPx - tooltip.offsetWidth - 16;
  const belowPx = pointed.yPx + 18;
  const isBelow = belowPx + tooltip.offsetHeight < heightPx;
  tooltip.style.left = `${Math.max(0, Math.min(leftMaxPx, pointed.xPx + 14))}px`;
  tooltip.style.top = `${isBelow ? belowPx : Math.max(0, pointed.yPx - tooltip.offsetHeight - 10)}px`;
}

function element({ tag, text }: Line): HTMLElement {
  const line = document.createElement(tag);
  line.textContent = text;
  return line;
}
