/** The small box beside the pointer that says what it points at. */
import { formatMoment } from '../model/duration.ts';
import { faultFlags, flagsInShort } from '../model/faultFlags.ts';
import { ageInWords, codeAddress, hexAddress, phaseWords, rowInWords } from '../model/faultWords.ts';
import { nsPerPx, timeAt } from '../model/timeScale.ts';
import { axisEventsPx, axisPx, type ChartFrame, type SessionFrame } from '../render/chartFrame.ts';

/** How far beside an event's sign the pointer may be and still mean it. */
const eventReachPx = 6;

interface Line {
  readonly tag: 'b' | 'div' | 'code';
  readonly text: string;
}

/** What to say about fault `i`. */
export function faultLines(
  { faults, threadName, codeName, nowNs }: SessionFrame,
  i: number,
): readonly Line[] {
  const flags = flagsInShort(faultFlags(faults, i, nowNs), faults.retry(i));
  const thread = `${threadName(faults.tid(i))}${faults.isTidInferred(i) === 1 ? ' (inferred)' : ''}`;
  const code = codeAddress(faults, i);
  const age = `${ageInWords(faults, i, nowNs)}${faults.isBeforeAttach(i) ? ', raised before attach' : ''}`;
  return [
    { tag: 'b', text: `Fault ${faults.id(i)} · ${phaseWords[faults.phase(i)]}` },
    { tag: 'div', text: `${thread}, ${age}` },
    ...(code === null ? [] : [{ tag: 'div', text: `in ${codeName(code)}` } as const]),
    { tag: 'code', text: hexAddress(faults.address(i)) },
    ...(flags === '' ? [] : [{ tag: 'div', text: flags } as const]),
  ];
}

/** An event of the memory map, by its place among those of its session. */
interface EventPlace {
  readonly session: SessionFrame;
  readonly event: number;
}

/** The event whose sign is at a point of the chart, of the current session before those of others. */
export function eventAt(frame: ChartFrame, xPx: number, yPx: number): EventPlace | null {
  const { scale, gutterPx, sessions, current } = frame;
  const isOnSigns = yPx <= axisPx && yPx >= 2 * axisEventsPx - axisPx;
  if (!isOnSigns || xPx <= gutterPx) {
    return null;
  }
  for (const session of current === null ? sessions : [current, ...sessions]) {
    const event = session.events.nearest(timeAt(scale, xPx - gutterPx), eventReachPx * nsPerPx(scale));
    if (event !== -1) {
      return { session, event };
    }
  }
  return null;
}

/** What to say about an event, whose it is, and how many more its sign stands for. */
export function eventLines({ sessions, scale }: ChartFrame, { session, event }: EventPlace): readonly Line[] {
  const { events } = session;
  const timeNs = events.timeNs(event);
  const reachNs = eventReachPx * nsPerPx(scale);
  const beside = (other: SessionFrame): number =>
    other.events.firstFrom(timeNs + reachNs) - other.events.firstFrom(timeNs - reachNs);
  const more = sessions.reduce((sum, other) => sum + beside(other), 0) - 1;
  return [
    { tag: 'b', text: rowInWords(events.event(event)) },
    ...(sessions.length > 1 ? [{ tag: 'div', text: `in session ${session.id}` } as const] : []),
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
  (tooltip.querySelector('.lines') ?? tooltip).replaceChildren(...pointed.lines.map(element));
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
