/** The small box beside the pointer that says what it points at. */
import { ageInWords, hexAddress, phaseWords } from '../model/faultWords.ts';
import { type ChartFrame } from '../render/chartFrame.ts';

/** Shows fault `i` beside the pointer, or hides the tooltip when there is none. */
export function placeTooltip(
  tooltip: HTMLElement,
  { faults, threadName, nowNs, widthPx, heightPx }: ChartFrame,
  i: number,
  pointer: { readonly xPx: number; readonly yPx: number } | null,
): void {
  tooltip.hidden = i === -1 || pointer === null;
  if (i === -1 || pointer === null) {
    return;
  }
  tooltip.replaceChildren(
    line('b', `Fault ${faults.id[i]!} · ${phaseWords[faults.phase(i)]}`),
    line(
      'div',
      `${threadName(faults.tid[i]!)}, ${ageInWords(faults, i, nowNs)}${faults.isBeforeAttach(i) ? ', raised before attach' : ''}`,
    ),
    line('code', hexAddress(faults.address[i]!)),
  );
  const leftMaxPx = widthPx - tooltip.offsetWidth - 16;
  const belowPx = pointer.yPx + 18;
  const isBelow = belowPx + tooltip.offsetHeight < heightPx;
  tooltip.style.left = `${Math.max(0, Math.min(leftMaxPx, pointer.xPx + 14))}px`;
  tooltip.style.top = `${isBelow ? belowPx : Math.max(0, pointer.yPx - tooltip.offsetHeight - 10)}px`;
}

function line(tag: string, text: string): HTMLElement {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}
